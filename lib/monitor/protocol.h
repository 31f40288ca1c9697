/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what a command line and a container's monitor say to each other
 *
 *	command line                               monitor
 *	HELLO {version} ──────────────────────────▶
 *	                ◀────────────────── WELCOME {version, state}
 *	ATTACH {streams, since} ──────────────────▶
 *	                ◀──────────── OUT / ERR bytes   (as they come)
 *	IN bytes, IN_END, RESIZE, SIGNAL ─────────▶
 *	                ◀──────────────────── EXIT {code}; then the monitor closes
 *	STOP {signal, timeout} ───────────────────▶
 *	                ◀──────────── DONE, or FAILED {code, text, hint}
 *	HANDLES ──────────────────────────────────▶
 *	                ◀──────────── DONE with namespace descriptors (struct monitor_handles)
 *
 * The socket is SOCK_SEQPACKET: a message is a struct monitor_message and its payload, at most
 * MONITOR_PAYLOAD bytes; requests other than IN, IN_END and RESIZE are answered in order by DONE or
 * FAILED. The first client is the command line that started the container: it holds one end of a
 * socket pair and hears STARTED {pid} or FAILED before anything else. Others reach the socket as
 * /proc/<monitor's pid>/cwd/ctl, which lies on a tmpfs of the monitor's own.
 *
 * A client that dies is forgotten; the container does not notice (its input ends when stdin was opened
 * once for that client). A monitor that dies closes every socket: the client reads the record and
 * reports what it says. Unknown message types are answered FAILED -ENOSYS, so that newer command lines
 * can speak to every older running monitor; messages are never renumbered.
 */
#pragma once

#include <stdint.h>

enum { MONITOR_VERSION = 1, MONITOR_PAYLOAD = 32 << 10 };

enum monitor_type {
	/* from the command line */
	MONITOR_HELLO = 1,
	MONITOR_ATTACH = 2, /* JSON: streams wanted, whether stdin is given */
	MONITOR_IN = 3,	    /* bytes */
	MONITOR_IN_END = 4,
	MONITOR_RESIZE = 5, /* struct monitor_size */
	MONITOR_SIGNAL = 6, /* int32_t */
	MONITOR_STOP = 7,   /* JSON: signal, timeout in seconds */
	MONITOR_PAUSE = 8,
	MONITOR_UNPAUSE = 9,
	MONITOR_WAIT = 10, /* answered by EXIT when PID 1 has ended and the record is written */
	MONITOR_HANDLES = 11,
	MONITOR_EXEC = 12, /* JSON: struct exec_config; a detached exec, reaped by the monitor */
	MONITOR_DETACH = 13,
	MONITOR_REMOVE = 14, /* when it ends, remove the container (rm -f) */
	MONITOR_RENAME = 15, /* text: the new name, for the state */

	/* from the monitor */
	MONITOR_WELCOME = 64,
	MONITOR_STARTED = 65, /* int32_t: host's pid of PID 1 */
	MONITOR_OUT = 66,     /* bytes of the container's stdout, or of its terminal */
	MONITOR_ERR = 67,     /* bytes of its stderr */
	MONITOR_EXIT = 68,    /* int32_t: exit status 0..255 */
	MONITOR_DONE = 69,
	MONITOR_FAILED =
		70, /* JSON: code (negative errno), text, hint, exit status for the program */
};

struct monitor_message {
	uint32_t type;
	uint32_t size; /* bytes that follow */
};

struct monitor_size {
	uint16_t rows, columns;
};

/* Order of the descriptors that come with the answer to HANDLES; absent ones are named in the mask. */
enum monitor_handle {
	HANDLE_ROOT,
	HANDLE_USER,
	HANDLE_MNT,
	HANDLE_PID,
	HANDLE_NET,
	HANDLE_IPC,
	HANDLE_UTS,
	HANDLE_CGROUP,
	HANDLE_PIDFD, /* of PID 1 */
	HANDLE_COUNT,
};

struct monitor_handles {
	uint32_t present; /* bit n: the descriptor for enum monitor_handle n comes along */
};
