/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * prune - removing what nothing uses, for container, volume, network, image and system prune
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "engine/images.h"

/* What went. */
struct pruned {
	struct strv names; /* ids of containers, names of volumes and networks */
	int64_t bytes;	   /* that their files took */
	int status;	   /* of the program, when one could not go; its error is told */
};

/**
 * prune_agreed() - ask before something goes
 * @app:	where the question is written
 * @force:	do not ask
 * @what:	"WARNING! This will remove …", without the question
 *
 * Return: whether it may go.
 */
bool prune_agreed(struct app *app, bool force, const char *what);

/**
 * prune_containers() - remove containers that do not run
 * @app:	with the engine
 * @filters:	as ps takes them
 * @out:	what went is added
 * @err:	what is wrong with the filters
 *
 * Return: 0 or a negative errno.
 */
must_check int prune_containers(struct app *app, const struct strv *filters, struct pruned *out,
				struct err *err);

/**
 * prune_volumes() - remove volumes that no container uses
 * @app:	with the engine
 * @filters:	as volume ls takes them
 * @named:	also those that the user named
 * @out:	what went is added
 * @err:	what is wrong with the filters
 *
 * Return: 0 or a negative errno.
 */
must_check int prune_volumes(struct app *app, const struct strv *filters, bool named,
			     struct pruned *out, struct err *err);

/**
 * prune_networks_check() - refuse filters of networks that are not there, before anything is asked
 * @app:	with the engine
 * @filters:	as typed
 * @err:	names the filter
 *
 * Return: 0 or a negative errno.
 */
must_check int prune_networks_check(struct app *app, const struct strv *filters, struct err *err);

/**
 * prune_networks() - remove networks that no container is on, running or not
 * @app:	with the engine
 * @filters:	label, label!, until
 * @out:	what went is added
 * @err:	what is wrong with the filters
 *
 * Return: 0 or a negative errno.
 */
must_check int prune_networks(struct app *app, const struct strv *filters, struct pruned *out,
			      struct err *err);

/**
 * prune_images() - remove images that no container uses
 * @app:	with the engine
 * @filters:	as images takes them
 * @all:	also those that have a name
 * @keep:	bytes that may be left: no more go than that needs, whatever @all says; negative: all go
 * @out:	what went is added
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int prune_images(struct app *app, const struct strv *filters, bool all, int64_t keep,
			    struct image_deleted *out, struct err *err);

/**
 * prune_print() - list what went
 * @app:	where to
 * @title:	stands above; nothing is printed when nothing went
 * @pruned:	what went
 */
void prune_print(struct app *app, const char *title, const struct pruned *pruned);

/**
 * prune_total() - print how much space is free again
 * @app:	docker's line or podman's
 * @bytes:	how much
 */
void prune_total(struct app *app, int64_t bytes);

/**
 * pruned_clear() - release what was noted
 * @pruned:	empty afterwards
 */
void pruned_clear(struct pruned *pruned);

static inline void auto_pruned(struct pruned *pruned)
{
	pruned_clear(pruned);
}
