/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what a command line and a container's monitor say to each other
 *
 *	command line                               monitor
 *	HELLO {version} ──────────────────────────▶
 *	                ◀────────────────── WELCOME {version}
 *	ATTACH {streams} ─────────────────────────▶
 *	                ◀──────────── OUT / ERR bytes   (as they come)
 *	IN bytes ─────────────────────────────────▶
 *	                ◀──────────────────── TAKEN     (then the next IN may follow)
 *	IN_END, RESIZE, OUT_END ──────────────────▶
 *	                ◀──────────────────── EXIT {status}; then the monitor closes
 *	STOP {signal, timeout} ───────────────────▶
 *	                ◀──────────── DONE {status}, or FAILED {code, text, hint}
 *	HANDLES ──────────────────────────────────▶
 *	                ◀──────────── DONE with descriptors (struct monitor_handles)
 *	SOCKETS ──────────────────────────────────▶
 *	                ◀──────────── DONE with the descriptors that it was handed, and one of their names
 *
 * The socket is SOCK_SEQPACKET: a message is a struct monitor_message and its payload, at most
 * MONITOR_PAYLOAD bytes. SIGNAL, STOP, PAUSE, UNPAUSE, HANDLES, EXEC, REMOVE, RENAME, CHECK, RELOAD, CONNECT,
 * DISCONNECT and SOCKETS are answered by DONE or FAILED, one at a time: a client waits for the answer before it asks again. ATTACH and
 * WAIT are answered by EXIT. After EXIT, and after the DONE of a STOP, the client waits until the
 * monitor closes: then a --rm container is gone, its ports are free and it can be started again.
 *
 * The first client is the command line that started the container: it holds one end of a socket pair
 * and hears STARTED {pid} or FAILED before anything else; it may send ATTACH before that. Others
 * reach the socket as /proc/<monitor's pid>/cwd/ctl, which lies on a tmpfs of the monitor's own.
 *
 * A client that dies is forgotten; the container does not notice (its input ends when stdin was opened
 * once for that client). A monitor that dies closes every socket: the client reads the record and
 * reports what it says. Unknown message types are answered FAILED -ENOSYS, and a payload may be longer
 * than the receiver knows, so that newer command lines can speak to every older running monitor;
 * messages are never renumbered.
 */
#pragma once

#include <stdint.h>

enum { MONITOR_VERSION = 1, MONITOR_PAYLOAD = 32 << 10 };

enum monitor_type {
	/* from the command line */
	MONITOR_HELLO = 1,  /* int32_t: version */
	MONITOR_ATTACH = 2, /* struct monitor_attach */
	MONITOR_IN = 3,	    /* bytes; the next one not before TAKEN */
	MONITOR_IN_END = 4,
	MONITOR_RESIZE = 5, /* struct monitor_size */
	MONITOR_SIGNAL = 6, /* int32_t */
	MONITOR_STOP = 7,   /* struct monitor_stop */
	MONITOR_PAUSE = 8,
	MONITOR_UNPAUSE = 9,
	MONITOR_WAIT = 10,
	MONITOR_HANDLES = 11,
	MONITOR_EXEC = 12, /* with the descriptor of a file: JSON of what to execute */
	MONITOR_DETACH = 13,
	MONITOR_REMOVE = 14,  /* when it ends, remove the container (rm -f) */
	MONITOR_RENAME = 15,  /* text: the new name, for the state */
	MONITOR_OUT_END = 16, /* int32_t: 1 or 2; nobody reads that stream any more (SIGPIPE) */
	MONITOR_CHECK = 17,   /* check its health now */
	MONITOR_RELOAD = 18,  /* the configuration was changed: restart policy, health, stopping */
	MONITOR_CONNECT =
		19, /* with the descriptor of a file, JSON of the network to be put on, and
			       * those of the membership there */
	MONITOR_DISCONNECT = 20, /* text: the network to be taken off */
	MONITOR_SOCKETS = 21,	 /* what it was handed (engine/activation.h) */

	/* from the monitor */
	MONITOR_WELCOME = 64, /* int32_t: version */
	MONITOR_STARTED = 65, /* int32_t: host's pid of PID 1 */
	MONITOR_OUT = 66,     /* bytes of the container's stdout, or of its terminal */
	MONITOR_ERR = 67,     /* bytes of its stderr */
	MONITOR_EXIT = 68,    /* int32_t: exit status 0..255 */
	MONITOR_DONE =
		69, /* int32_t: exit status for STOP, pid for EXEC, 1 for a failed CHECK, else 0 */
	MONITOR_FAILED =
		70, /* JSON: code (negative errno), text, hint, exit status for the program */
	MONITOR_TAKEN = 71, /* one IN was written to the container */
};

struct monitor_message {
	uint32_t type;
	uint32_t size; /* bytes that follow */
};

struct monitor_size {
	uint16_t rows, columns;
};

enum monitor_streams {
	MONITOR_WANT_OUT = 1 << 0,
	MONITOR_WANT_ERR = 1 << 1,
	MONITOR_GIVE_IN = 1 << 2,
};

struct monitor_attach {
	uint32_t streams; /* enum monitor_streams */
};

struct monitor_stop {
	int32_t signal;	 /* 0: the container's own */
	int32_t timeout; /* seconds until SIGKILL; negative: the container's own */
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
	HANDLE_PIDFD,  /* of PID 1 */
	HANDLE_NOTICE, /* where listeners of socket calls go (--network fast) */
	HANDLE_GROUP,  /* folder of its control group */
	HANDLE_COUNT,
};

struct monitor_handles {
	uint32_t present; /* bit n: the descriptor for enum monitor_handle n comes along */
};
