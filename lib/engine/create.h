/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create - from what the user asked for to a container's record
 *
 * Deciding is pure: create_plan() joins the arguments with the image and yields the immutable
 * configuration; create_container() makes volumes and the record of it. Nothing is half made: when
 * a step fails, what the earlier ones made is gone again.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "oci/image.h"
#include "store/container.h"

/* What an image says, as create_plan() needs it. */
struct create_image {
	const char *id;	    /* hex */
	const char *name;   /* reference to show */
	const char *digest; /* of the manifest */
	const struct image_config *config;
	const struct strv *layers; /* their keys in the store; NULL: the diff ids */
};

/**
 * create_plan() - the configuration that follows from arguments and image
 * @host:	facts: environment, working folder, home, proxies
 * @args:	as typed; names of files are read (env files, label files, seccomp profiles)
 * @image:	NULL with --rootfs
 * @docker:	docker's way where it differs
 * @out:	without id, name, driver and created; set on success only
 * @err:	names the argument that is wrong, and the rule
 *
 * Return: 0; -EINVAL for a wrong argument; -ENOENT for a file that is not there.
 */
must_check int create_plan(const struct host *host, const struct create_args *args,
			   const struct create_image *image, bool docker,
			   struct container_config **out, struct err *err);

/**
 * create_container() - find or pull the image, plan, and make the record
 * @engine:	the engine
 * @args:	as typed
 * @out:	the configuration as stored; set on success only
 * @err:	what failed; -EEXIST names the holder of the name and --replace
 *
 * Return: 0; -ENOENT when there is no such image; -EEXIST; -EINVAL; otherwise a negative errno.
 */
must_check int create_container(struct engine *engine, const struct create_args *args,
				struct container_config **out, struct err *err);

/* A step of a build, whose container others do not see. */
struct create_step {
	/*
	 * Told of the plan just before the record is made; its id is there. Adds mounts that no command line could ask for,
	 * and may give @out_secrets, the contents of SECRETUSE_FILE (engine/secretuse.h).
	 */
	int (*adjust)(void *data, struct container_config *config, char **out_secrets,
		      struct err *err);
	void *data;
};

/**
 * create_step() - make the record of a container for a step of a build
 * @engine:	the engine
 * @args:	what it runs, and how
 * @image:	what it builds upon; need not be in the index
 * @step:	what is added
 * @out:	the configuration as stored; set on success only
 * @err:	what failed
 *
 * Return: as create_container().
 */
must_check int create_step(struct engine *engine, const struct create_args *args,
			   const struct create_image *image, const struct create_step *step,
			   struct container_config **out, struct err *err);
