/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - the command line's side of a monitor
 *
 * Finds a container's monitor by its recorded pid and start time, connects to the socket in its
 * working directory, and speaks monitor/protocol.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/attach.h"
#include "store/container.h"

struct monitor_client;

/**
 * client_connect() - reach the monitor of a running container
 * @state:	the container's state as loaded
 * @out:	to be released with client_free; set on success only
 * @err:	why it cannot be reached
 *
 * The caller has seen that it runs on this host (record_state_load).
 *
 * Return: 0; -ESRCH when no monitor lives.
 */
must_check int client_connect(const struct container_state *state, struct monitor_client **out,
			      struct err *err);

/**
 * client_adopt() - speak over a socket pair that a monitor was started with
 * @sock:	belongs to the client from now on
 *
 * Return: the client, to be released with client_free; never NULL.
 */
must_check struct monitor_client *client_adopt(int sock);

/**
 * client_free() - hang up
 * @client:	may be NULL
 */
void client_free(struct monitor_client *client);

/**
 * client_started() - wait until the container's program runs
 * @client:	adopted, nothing said yet
 * @out_pid:	host's pid of PID 1, set on success only
 * @out_status:	exit status for the program when it failed: 125, 126 or 127; set on failure only
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno.
 */
must_check int client_started(struct monitor_client *client, int *out_pid, int *out_status,
			      struct err *err);

/**
 * client_signal() - send PID 1 a signal
 * @client:	connected
 * @number:	of the signal
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno.
 */
must_check int client_signal(struct monitor_client *client, int number, struct err *err);

/**
 * client_stop() - stop the container: signal, wait, SIGKILL
 * @client:	connected
 * @number:	of the signal, 0 for the container's own
 * @timeout:	seconds until SIGKILL; negative for the container's own
 * @out_status:	exit status of PID 1; set on success only
 * @err:	what the monitor says
 *
 * Returns when PID 1 has ended, its record is written and nothing of it runs.
 *
 * Return: 0 or a negative errno.
 */
must_check int client_stop(struct monitor_client *client, int number, int timeout, int *out_status,
			   struct err *err);

/**
 * client_pause() - stop or continue every process of the container
 * @client:	connected
 * @on:		whether to pause
 * @err:	what the monitor says
 *
 * Return: 0; -EALREADY when it is so already; otherwise a negative errno.
 */
must_check int client_pause(struct monitor_client *client, bool on, struct err *err);

/**
 * client_wait() - wait until PID 1 has ended and its record is written
 * @client:	connected
 * @out_status:	0 to 255, set on success only
 * @err:	the monitor was lost
 *
 * Return: 0 or a negative errno.
 */
must_check int client_wait(struct monitor_client *client, int *out_status, struct err *err);

/**
 * client_handles() - get the namespaces of the container
 * @client:	connected
 * @out:	HANDLE_COUNT descriptors, -1 for the absent ones; the caller's; set on success only
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno.
 */
must_check int client_handles(struct monitor_client *client, int *out, struct err *err);

/**
 * client_sockets() - get the descriptors that the monitor was handed
 * @client:	connected
 * @out:	room for FD_PASS_MAX; the caller's; the last one is a file with their names; set on success only
 * @out_count:	how many, with that one; 0 when it was handed none; set on success only
 * @err:	what the monitor says
 *
 * Return: 0; -ENOSYS when it is older; otherwise a negative errno.
 */
must_check int client_sockets(struct monitor_client *client, int *out, size_t *out_count,
			      struct err *err);

/**
 * client_exec() - let the monitor run a process that nobody waits for
 * @client:	connected
 * @exec:	JSON of struct exec_config
 * @out_pid:	host's pid; set on success only
 * @out_status:	125, 126 or 127 when it failed; set on failure only
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno.
 */
must_check int client_exec(struct monitor_client *client, const char *exec, int *out_pid,
			   int *out_status, struct err *err);

/**
 * client_remove() - let the monitor remove the container once it has ended
 * @client:	connected
 * @err:	what the monitor says
 *
 * To be followed by client_stop(): when that returns, the record is gone.
 *
 * Return: 0 or a negative errno.
 */
must_check int client_remove(struct monitor_client *client, struct err *err);

/**
 * client_reload() - have the configuration read again
 * @client:	connected
 * @err:	what failed
 *
 * Return: 0 or a negative errno; -ENOSYS when the monitor is older.
 */
must_check int client_reload(struct monitor_client *client, struct err *err);

/**
 * client_check() - check the container's health and wait for the result
 * @client:	connected
 * @err:	what failed; that there is no check
 *
 * Return: 0 when the check succeeded, 1 when not; -ENOENT when there is none; otherwise a negative errno.
 */
must_check int client_check(struct monitor_client *client, struct err *err);

/**
 * client_rename() - tell the monitor the container's new name
 * @client:	connected
 * @name:	as the record has it already
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno.
 */
must_check int client_rename(struct monitor_client *client, const char *name, struct err *err);

/**
 * client_connect_network() - put the container on a network
 * @client:	connected
 * @network:	JSON that says which, as the monitor's maker reads it
 * @fds:	of the membership there; stay open here
 * @count:	how many
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno; -ENOSYS when the monitor is older.
 */
must_check int client_connect_network(struct monitor_client *client, const char *network,
				      const int *fds, size_t count, struct err *err);

/**
 * client_disconnect_network() - take the container off a network
 * @client:	connected
 * @network:	its name
 * @err:	what the monitor says
 *
 * Return: 0 or a negative errno; -ENOSYS when the monitor is older.
 */
must_check int client_disconnect_network(struct monitor_client *client, const char *network,
					 struct err *err);

/**
 * client_attach() - carry streams until the container ends or the user detaches
 * @client:	connected, or adopted and started
 * @options:	what to carry
 * @err:	the monitor was lost
 *
 * Descriptors 0, 1 and 2 of the caller are used; its terminal is restored on every way out, also when a
 * signal ends the program. SIGPIPE on our stdout ends the program as it ends others.
 *
 * Return: the container's exit status 0 to 255; ATTACH_DETACHED; or a negative errno.
 */
must_check int client_attach(struct monitor_client *client, const struct attach_options *options,
			     struct err *err);

DEFINE_AUTO_PTR(monitor_client, struct monitor_client, client_free)
