/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gitsource - a git repository as a build context or a source of ADD
 *
 *	ADDRESS[#[REF][:FOLDER]]
 *
 * where ADDRESS is git://…, ssh://…, git@HOST:PATH, http(s)://….git, or github.com/OWNER/NAME. The user's own git
 * fetches it, so keys and passwords are those that git knows; it asks nothing at the terminal, and a repository or
 * one of its submodules that names a path of this machine or a command is refused.
 *
 * Source: docker's manual, "Git repositories" of build contexts; Dockerfile reference, "ADD".
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"

struct gitsource {
	char *address; /* for git */
	char *shown;   /* without name and password */
	char *ref;     /* a branch, a tag, a commit; NULL: what the other side's HEAD is */
	char *folder;  /* in it, or NULL */
};

/**
 * gitsource_parse() - read an address
 * @text:	as typed
 * @out:	zeroed by the caller, who owns it (gitsource_clear); set when it is one
 *
 * Return: whether it is git's; one that is malformed is not.
 */
bool gitsource_parse(const char *text, struct gitsource *out);

/**
 * gitsource_fetch() - have the files of a repository
 * @host:	the facts
 * @source:	parsed
 * @folder:	an empty one, absolute; gets the files of the commit, submodules included
 * @keep:	its .git folder stays
 * @err:	says that there is no git, or what failed, with git's own words for it
 *
 * Only the commit is fetched where the other side lets it be, else all.
 *
 * Return: 0; -ENOSYS when git is not there; -EIO.
 */
must_check int gitsource_fetch(const struct host *host, const struct gitsource *source,
			       const char *folder, bool keep, struct err *err);

/**
 * gitsource_clear() - release
 * @source:	zeroed afterwards
 */
void gitsource_clear(struct gitsource *source);

static inline void auto_gitsource(struct gitsource *source)
{
	gitsource_clear(source);
}
