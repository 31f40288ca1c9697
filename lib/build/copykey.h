/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copykey - the trees that COPY, ADD and bind mounts take files from
 *
 * The context and other folders of the user's are opened as they are; layers of stages and images are mounted, without
 * anything to write to, in a child of outer_run(), and are gone with it. What a selection of layers comes to is
 * remembered in the build cache: layers do not change.
 */
#pragma once

#include "base/err.h"
#include "build/ruleset.h"
#include "build/source.h"
#include "build/work.h"
#include "engine/outer.h"
#include "store/temp.h"

/* What is taken: borrowed texts. */
struct copywhat {
	const char *from;	    /* name of a stage, context or image; NULL: the context */
	const struct sofar *layers; /* of .from when it is no folder; else .config is NULL */
	const char *folder;	    /* absolute: in place of .from; or NULL */
	const struct strv *sources;
	const struct strv *excludes; /* or NULL */
	bool parents;
	bool shown; /* as it is: nothing is left out of it */
};

/* A tree that is open. */
struct copytree {
	struct source source;
	struct source_rules rules;
	struct patterns ignore;
	struct ruleset ignore_set;
	struct source_rules exclude_rules;
	struct patterns excludes;
	struct ruleset exclude_set;
	char *name;
	int dir;
	int helper; /* pidfd of the file system's process, or -1 */
};

/**
 * copytree_open() - open what is copied from
 * @work:	at work
 * @what:	with .layers the caller is a child of outer_run() with ROOT_NAMESPACES
 * @point:	with .layers: an empty folder to mount on; else NULL
 * @out:	to be released with copytree_close; set on success only; must not be moved
 * @err:	what cannot be opened
 *
 * Return: 0; -ENOENT when there is no context; otherwise a negative errno.
 */
must_check int copytree_open(struct work *work, const struct copywhat *what, const char *point,
			     struct copytree *out, struct err *err);

/**
 * copytree_select() - source_select() of it
 * @tree:	open
 * @what:	as opened
 * @out:	as source_select()
 * @err:	as source_select()
 *
 * Return: as source_select().
 */
must_check int copytree_select(const struct copytree *tree, const struct copywhat *what,
			       struct selection *out, struct err *err);

/**
 * copytree_close() - release; what was mounted stays until the child ends
 * @tree:	empty afterwards
 */
void copytree_close(struct copytree *tree);

static inline void auto_copytree(struct copytree *tree)
{
	copytree_close(tree);
}

/**
 * copykey_files() - the digest of what a COPY sees
 * @work:	at work
 * @what:	what it takes
 * @out:	to be freed; set on success only
 * @err:	names the file
 *
 * Return: as source_select() and selection_digest().
 */
must_check int copykey_files(struct work *work, const struct copywhat *what, char **out,
			     struct err *err);

/**
 * copykey_mount() - the digest of what a bind mount shows
 * @work:	at work
 * @mount:	of type bind
 * @from:	its layers, if it has such
 * @out:	as copykey_files()
 * @err:	as copykey_files()
 *
 * Return: as copykey_files().
 */
must_check int copykey_mount(struct work *work, const struct runmount *mount,
			     const struct sofar *from, char **out, struct err *err);

/**
 * copykey_fill() - put into a folder what a mount begins with
 * @work:	at work
 * @mount:	of type cache, with .from
 * @from:	its layers; without .config: .from is a folder of the user's
 * @folder:	absolute, in the store
 * @err:	names the file
 *
 * On failure it is removed.
 *
 * Return: as source_select() and copyin_put().
 */
must_check int copykey_fill(struct work *work, const struct runmount *mount,
			    const struct sofar *from, const char *folder, struct err *err);

/**
 * copykey_folder() - the folder or file of the host that a bind mount shows
 * @work:	at work
 * @mount:	of type bind, from the context or another folder
 * @out_temp:	set when it is a copy, also on failure: to be removed and released when the box has ended
 * @out:	absolute, to be freed; set on success only
 * @err:	names the file
 *
 * Where ignore rules leave something out it is a copy without that.
 *
 * Return: 0 or a negative errno.
 */
must_check int copykey_folder(struct work *work, const struct runmount *mount,
			      struct temp **out_temp, char **out, struct err *err);
