/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notify - telling who started the container (systemd) when it is ready
 *
 * The caller's NOTIFY_SOCKET is a datagram socket that takes lines "KEY=VALUE". --sdnotify says who speaks:
 *
 *	conmon		the monitor, as soon as the program runs
 *	container	the program: it gets a socket of its own, whose messages are passed on but for the keys that
 *			speak of processes or descriptors, which mean nothing outside
 *	healthy		the monitor, once the container is healthy
 *	ignore		nobody
 *
 * With READY=1 goes MAINPID=, the monitor: it lives as long as the container, over all its runs. Where another
 * will say READY=1 the monitor says MAINPID= at once: "run -d" ends before that, and a unit whose main process
 * ends has failed.
 *
 * Source: sd_notify(3).
 */
#pragma once

#include "base/err.h"
#include "monitor/inside.h"

/* Where the program finds its socket. */
#define NOTIFY_INSIDE "/run/notify/notify.sock"
/* The socket's name in the container's folder. */
#define NOTIFY_FILE "notify"

/**
 * notify_new() - make ready to speak, and to listen to the program
 * @m:		has its loop and configuration
 * @err:	what failed
 *
 * Nothing happens without a NOTIFY_SOCKET.
 *
 * Return: 0 or a negative errno.
 */
must_check int notify_new(struct monitor *m, struct err *err);

/**
 * notify_started() - the program runs
 * @m:	its record has the pids
 */
void notify_started(const struct monitor *m);

/**
 * notify_healthy() - the container is healthy
 * @m:	started
 */
void notify_healthy(const struct monitor *m);

/**
 * notify_free() - release
 * @m:	any
 */
void notify_free(struct monitor *m);
