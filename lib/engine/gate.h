/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - where a monitor waits for the control group that its caller makes
 *
 *	caller					monitor
 *	fork ──────────────────────────────────▶ mounts, networks
 *	the group is made around its pid	waits before the container's first process is made
 *	struct gate_message + the group's folder ▶ goes on
 *	or struct gate_message with a reason ───▶ fails with it, which the caller then hears as usual
 *
 * A SOCK_SEQPACKET pair that is used once. A caller that dies closes it: the monitor fails.
 */
#pragma once

#include "base/err.h"

/**
 * gate_tell() - let the monitor go on
 * @sock:	the caller's end
 * @dir:	folder of the group
 * @path:	of the group, as /proc/PID/cgroup names it
 *
 * A monitor that has ended meanwhile says why elsewhere.
 */
void gate_tell(int sock, int dir, const char *path);

/**
 * gate_refuse() - let the monitor fail
 * @sock:	the caller's end
 * @why:	set
 */
void gate_refuse(int sock, const struct err *why);

/**
 * gate_hear() - wait for the group
 * @sock:	the monitor's end
 * @out_dir:	folder of the group; set on success only
 * @out_path:	of the group, to be freed; set on success only
 * @err:	why there is none
 *
 * Return: 0 or a negative errno.
 */
must_check int gate_hear(int sock, int *out_dir, char **out_path, struct err *err);
