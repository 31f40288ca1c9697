/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec - from a container's record to what the runtime runs
 *
 * Pure, but for looking users up in the mounted root. The value made here (oci/runtime_spec.h) has the
 * shape of the OCI runtime specification and nothing of our store; the runtime takes it from there.
 * rooms that meet: engine calls rootfs_apply, then spec_build, then run_create.
 */
#pragma once

#include "base/err.h"
#include "kern/host.h"
#include "kern/userns.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

struct spec_args {
	const struct host *host;
	const struct identity_plan *identity; /* of the outer user namespace */
	const struct container_config *config;
	int rootfs;	       /* the mounted root; users are looked up in it */
	const char *state_dir; /* absolute: the container's folder; hosts, hostname, resolv.conf */
	const char *volumes_dir; /* absolute: volumes/ of the store; a volume is <name>/_data below */
	const struct strv *secret_env;	   /* NAME=VALUE of its secrets, or NULL */
	unsigned int fallbacks;		   /* enum fallback: what holds limits without a cgroup */
	const struct resources *resources; /* its limits; NULL: the configuration's */
};

/* What an exec'd process changes of its container's. */
struct exec_config {
	struct strv argv;
	struct strv env; /* added to the container's */
	char *user;	 /* NULL: the container's */
	char *workdir;	 /* NULL: the container's */
	bool tty;
	bool privileged;
	char *umask;
	struct strv cap_add;
};

extern const struct jfield exec_config_fields[];

/**
 * exec_config_clear() - release what it owns
 * @exec:	empty afterwards
 */
void exec_config_clear(struct exec_config *exec);

/**
 * spec_build() - the runtime specification of a container
 * @args:	borrowed until this returns
 * @out:	to be released with runtime_spec_free; set on success only
 * @err:	names the user, option, device or limit that is wrong
 *
 * Return: 0; -EINVAL for what the user asked wrongly; -ENOENT for a user or group that is unknown.
 */
must_check int spec_build(const struct spec_args *args, struct runtime_spec **out, struct err *err);

/**
 * spec_exec() - the runtime specification of a further process in a container
 * @args:	as spec_build; "rootfs" is the root of the running container
 * @exec:	what is different
 * @out:	to be released with runtime_spec_free; set on success only
 * @err:	names what is wrong
 *
 * Return: as spec_build().
 */
must_check int spec_exec(const struct spec_args *args, const struct exec_config *exec,
			 struct runtime_spec **out, struct err *err);

/**
 * spec_root_maps() - how the owners of the root file system must be shown
 * @host:	the caller
 * @identity:	of the outer user namespace
 * @config:	of the container
 * @out_uids:	uid_mapping of struct rootfs_plan, to be freed; set when there is one
 * @out_gids:	likewise
 * @err:	why the mode cannot be
 *
 * Only keep-id and nomap shift owners, and only fuse-overlayfs can show them.
 *
 * Return: 1 when they are shifted; 0 when not; -EINVAL or -ENOTSUP.
 */
must_check int spec_root_maps(const struct host *host, const struct identity_plan *identity,
			      const struct container_config *config, char **out_uids,
			      char **out_gids, struct err *err);
