/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * args - what a monitor is told when it is made, and what it asks of who makes it
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/container.h"
#include "store/store.h"

struct monitor_hooks {
	void *data;
	/* Starts a process that nobody waits for. Return: its pid for the host, or a negative errno. */
	int (*exec)(void *data, const char *json, size_t size, int *out_status, struct err *err);
	/* Starts a health check: what speaks monitor/check.h at the other end of *out_sock. Does not wait. */
	int (*check)(void *data, const struct strv *test, int64_t timeout, int *out_sock,
		     struct err *err);
	/* A child that is neither PID 1 nor known to the monitor has ended. */
	void (*reaped)(void *data, int pid, int status);
	/* A helper (monitor_helper) has ended by itself; it is no helper any more. */
	void (*helper_ended)(void *data, int pidfd);
	/* Puts the container on a network: JSON of which, and the descriptors of its membership there, which
	 * are closed afterwards. */
	int (*connect)(void *data, const char *json, size_t size, const int *fds, size_t count,
		       struct err *err);
	/* Takes it off a network. */
	int (*disconnect)(void *data, const char *network, struct err *err);
	/* Its state has another name now. */
	void (*renamed)(void *data);
	/* Its configuration was changed to this one. */
	int (*changed)(void *data, const struct container_config *config, struct err *err);
	/* Its program runs, and the record says so; who starts it is told afterwards. */
	void (*running)(void *data);
	/* PID 1 is gone: end what belonged to it; @again: it is to be started once more. */
	void (*ended)(void *data, bool again);
	/* Start it once more, up to monitor_started(). Nothing is left when it fails.
	 * Return: 0; -EINPROGRESS when another command has it in hand just now; otherwise a negative errno and
	 * the exit status that it stands for. */
	int (*again)(void *data, int *out_status, struct err *err);
	/* Remove the container's record. */
	int (*remove)(void *data, struct err *err);
};

struct monitor_args {
	const struct store *store;
	const struct container_config *config; /* borrowed */
	struct container_state *state;	       /* borrowed; written by the monitor alone */
	int dir;			       /* the container's folder; borrowed */
	int alive;  /* the descriptor that holds the liveness lock; belongs to the monitor */
	int client; /* of the command line that starts it; belongs to the monitor */
	const char *notify; /* the caller's NOTIFY_SOCKET, or NULL; borrowed */
	const int *sockets; /* answer SOCKETS; the array is borrowed, they are closed at the end */
	size_t socket_count;
	bool attached; /* that client will attach: its output waits for it */
	struct monitor_hooks hooks;
};
