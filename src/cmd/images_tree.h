/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images_tree - images with the machines that they are for below them, as docker shows them
 */
#pragma once

#include "cli/command.h"
#include "cli/table.h"
#include "store/image.h"

/**
 * images_tree_print() - print them
 * @app:	the program
 * @images:	in the order in which they are listed
 * @style:	how the table is wanted
 * @err:	what is wrong with the style
 *
 * Each image once, with all its names. Disk usage is that of unpacked layers and blobs, content size that of
 * what a registry would send.
 *
 * Return: 0 or -EINVAL.
 */
must_check int images_tree_print(struct app *app, const struct images *images,
				 const struct table_style *style, struct err *err);
