/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_deleted - telling what rmi and image prune removed
 */
#pragma once

#include "cli/command.h"
#include "engine/images.h"

/**
 * image_deleted_print() - print "Untagged:" and "Deleted:" lines
 * @app:	docker's ids begin with "sha256:", and layers are told too
 * @deleted:	what was done
 * @names:	whether names are told
 */
void image_deleted_print(struct app *app, const struct image_deleted *deleted, bool names);

/**
 * image_deleted_one() - remove an image, or one of its names, and tell it
 * @app:	as image_deleted_print()
 * @name:	as typed
 * @err:	as image_delete()
 *
 * Return: as image_delete().
 */
must_check int image_deleted_one(struct app *app, const char *name, struct err *err);
