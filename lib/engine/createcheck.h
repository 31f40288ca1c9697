/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * createcheck - whether what a container is asked to have can be had, before anything is made
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * createcheck_profile() - read a seccomp profile
 * @path:	of the user's file
 * @out:	its text, to be freed; set on success only
 * @err:	names the file
 *
 * That it is a document at all is looked at; what it says is for the start to judge.
 *
 * Return: 0; -EBADMSG; otherwise what the kernel said.
 */
must_check int createcheck_profile(const char *path, char **out, struct err *err);

/**
 * createcheck_devices() - whether devices are named as they have to be
 * @config:	those that a description names have been taken out (cdi.h)
 * @err:	names the device
 *
 * Return: 0 or -EINVAL.
 */
must_check int createcheck_devices(const struct container_config *config, struct err *err);

/**
 * createcheck_bind() - whether what is to be mounted is there
 * @mount:	of type "bind"
 * @err:	names it
 *
 * Return: 0; -ENOENT; otherwise what the kernel said.
 */
must_check int createcheck_bind(const struct mount_config *mount, struct err *err);

/**
 * createcheck_step() - whether steps of a build can have what they shall
 * @engine:	the engine
 * @args:	as for create_step(); command and image do not count
 * @err:	names the option, and the rule
 *
 * Nothing is made, and nothing is pulled. Whether limits can be held here is left to the step that has them.
 *
 * Return: 0; -EINVAL for a wrong option; -ENOENT for a file, a device or a network that is not there; otherwise a
 * negative errno.
 */
must_check int createcheck_step(struct engine *engine, const struct create_args *args,
				struct err *err);
