/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtimename - what --runtime may say
 *
 * The runtime is part of the program, so there is nothing to choose. Scripts that name the usual runtime of
 * docker or podman, runc or crun, ask for what every user gets there, and get it; whoever names one that
 * does something else (a virtual machine, a kernel in user space) is told that it is not there.
 */
#pragma once

#include "base/err.h"

/**
 * runtime_name_check() - whether a runtime is ours
 * @name:	a name, or the path of a program
 * @err:	names those that are taken, and what to use instead of others
 *
 * Return: 0 or -EOPNOTSUPP.
 */
must_check int runtime_name_check(const char *name, struct err *err);
