/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - the facts about this machine and this caller, measured once and passed
 *
 * Nothing else reads the environment or probes the kernel's version. What costs time to find out is
 * asked for by a function of its own and only where it is needed.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct host {
	uid_t uid; /* effective ids of the caller */
	gid_t gid;
	char *user;	 /* login name, or the number when passwd has none */
	char *home;	 /* $HOME, else passwd's, else "/" */
	struct strv env; /* the caller's whole environment */
	char *kernel;	 /* release, for example "6.1.0-18-amd64" */
	int kernel_major;
	int kernel_minor;
	char *machine; /* as uname -m */
	char *hostname;
	char *boot_id; /* of this boot */
	char *host_id; /* machine-id and hostname: tells nodes that share a home apart */
	bool root;     /* effective uid 0 with CAP_SYS_ADMIN over the user namespace it is in */
	bool initial_userns; /* not inside a user namespace */
	char *self;	     /* path of the running program's file */
	char *libexec; /* where the helper programs are: $CUBBY_LIBEXEC, beside the program in a
			 * build tree, ../libexec/cubby from the program, or the configured one */
};

/**
 * host_measure() - find the facts
 * @out:	to be released with host_clear; set on success only
 * @err:	what could not be read
 *
 * Return: 0 or a negative errno.
 */
must_check int host_measure(struct host *out, struct err *err);

/**
 * host_clear() - release what the facts own
 * @host:	empty afterwards
 */
void host_clear(struct host *host);

/**
 * host_env() - a variable of the caller
 * @host:	the facts
 * @name:	of the variable
 *
 * Return: its value, which belongs to @host, or NULL.
 */
const char *host_env(const struct host *host, const char *name);

/**
 * host_tool() - look a program up in the caller's PATH, then in the usual system folders
 * @host:	the facts
 * @name:	without a slash
 *
 * Return: its path, to be freed, or NULL when it is not there.
 */
must_check char *host_tool(const struct host *host, const char *name);

/**
 * host_helper() - the path of a helper program of ours
 * @host:	the facts
 * @name:	for example "cubby-layer"
 *
 * Return: its path, to be freed; whether it is there shows when it is started.
 */
must_check char *host_helper(const struct host *host, const char *name);

static inline void auto_host(struct host *host)
{
	host_clear(host);
}
