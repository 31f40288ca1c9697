/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * op - one step of a plan
 */
#pragma once

#include <stdint.h>

#include "base/str.h"

enum plan_kind {
	PLAN_MOUNT,	/* a new file system of @type at @target */
	PLAN_DEV,	/* the fresh /dev: a tmpfs that later steps work in */
	PLAN_DEVICE,	/* host's @source bound at @target */
	PLAN_LINK,	/* symbolic link @target in /dev, to @source */
	PLAN_DEVPTS,	/* as PLAN_MOUNT; the terminal is made in it */
	PLAN_BIND,	/* host's @source at @target */
	PLAN_TOUCH,	/* an empty file @target */
	PLAN_FILE,	/* file @target in our /dev, holding @source */
	PLAN_SYSCTL,	/* kernel setting @target becomes @source */
	PLAN_MASK,	/* @target cannot be read */
	PLAN_READ_ONLY, /* @target cannot be written */
	PLAN_ROOT_READ_ONLY,
	PLAN_LOOPBACK,
	PLAN_HOSTNAME,	 /* @target */
	PLAN_DOMAINNAME, /* @target */
	PLAN_HOOKS,	 /* those of the runtime, then those in the container's namespaces */
};

enum plan_flags {
	PLAN_RECURSIVE = 1 << 0, /* bind: with mounts below */
	PLAN_COPY_UP = 1 << 1,	 /* tmpfs: starts with what was there */
	PLAN_CHOWN = 1 << 2,	 /* bind: the source is given to the container's user */
	PLAN_OVERLAY = 1 << 3,	 /* bind: changes go to a scratch file system */
	PLAN_OPTIONAL = 1 << 4,	 /* what the kernel refuses is left out */
};

struct plan_op {
	enum plan_kind kind;
	char *type;
	char *source;
	char *subpath; /* bind: what of the source is mounted, or NULL */
	char *target;
	struct strv data; /* options of the file system */
	uint64_t set;	  /* MOUNT_ATTR_* */
	uint64_t clear;
	uint64_t propagation; /* MS_PRIVATE and so on, or 0 */
	unsigned int flags;   /* PLAN_* */
};
