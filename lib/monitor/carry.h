/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * carry - the user's terminal and streams on one side, a process of our own on the other
 *
 * For an exec, which has no monitor between. The rules are those of monitor/attach.h.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct carry {
	int pidfd;		 /* of the process, a child of ours */
	int console;		 /* master of its terminal, or -1 */
	int in, out, errout;	 /* our ends of its pipes, or -1 */
	bool raw;		 /* our stdin is a terminal that goes raw */
	const char *detach_keys; /* as keys_parse(); with a terminal only */
	int *out_lost;		 /* set at the end: as in outlet_status() */
};

/**
 * carry_run() - carry streams until the process ends or the user detaches
 * @c:		its descriptors but for pidfd belong to this from now on
 * @err:	what failed
 *
 * What a child of the process writes after its end is not waited for.
 *
 * Return: exit status 0 to 255; ATTACH_DETACHED, when a process of ours keeps the terminal open for it;
 * or a negative errno.
 */
must_check int carry_run(const struct carry *c, struct err *err);
