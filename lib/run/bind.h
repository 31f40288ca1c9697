/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bind - folders and files of the host, seen in the container
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "run/op.h"

/**
 * bind_apply() - bind a source at its target, made when it is missing
 * @root:	of the container
 * @spec:	its user, who is given the source where asked
 * @op:		a PLAN_BIND
 * @source:	descriptor of what is bound
 * @err:	names source and target
 *
 * Return: 0 or a negative errno.
 */
must_check int bind_apply(int root, const struct runtime_spec *spec, const struct plan_op *op,
			  int source, struct err *err);

/**
 * bind_hides_proc() - whether something would be mounted over a part of the kernel's /proc
 * @target:	descriptor of the place
 * @path:	as it was asked for
 * @source:	descriptor of what is to be mounted
 *
 * A program that reads or writes a setting of its own there must reach the kernel, not a file of the
 * image's or the user's. Another /proc may cover the whole, and files that only tell figures may be
 * replaced (lxcfs does it).
 *
 * Return: whether that must be refused.
 * Source: CVE-2019-16884, CVE-2019-19921; the list is runc's.
 */
bool bind_hides_proc(int target, const char *path, int source);

/**
 * bind_copy_up() - fill a fresh file system with what it is about to cover
 * @from:	the folder that will be covered
 * @to:		root of the fresh file system
 *
 * Return: 0 or a negative errno.
 */
must_check int bind_copy_up(int from, int to);
