/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * visit - do something in other namespaces, and be back
 *
 * Who is root in a user namespace of its own may enter network namespaces that belong to it, but not
 * return to the host's. So a process that shares the caller's memory and descriptors goes there, while
 * the caller waits.
 */
#pragma once

#include "base/macros.h"

/* What is done there; returns 0 or a negative errno. May move its process where it likes. */
typedef int (*visit_fn)(void *data);

/**
 * visit_run() - let another process do something, with this one's memory and descriptors
 * @fn:		runs there; must return
 * @data:	handed to @fn
 *
 * What @fn writes and opens is the caller's.
 * Source: clone(2), CLONE_VM | CLONE_VFORK | CLONE_FILES; setns(2).
 *
 * Return: what @fn returned; -EINTR when its process was killed; what clone(2) said.
 */
must_check int visit_run(visit_fn fn, void *data);
