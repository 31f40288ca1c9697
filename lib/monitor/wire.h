/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wire - messages of monitor/protocol.h on a socket, used by both sides
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/protocol.h"

/* A message as it stands on the socket. */
struct wire {
	struct monitor_message head;
	char bytes[MONITOR_PAYLOAD + 1]; /* a 0 follows what was received */
};

/**
 * wire_send() - send a message
 * @sock:	seqpacket socket
 * @type:	enum monitor_type
 * @payload:	may be NULL when @size is 0
 * @size:	bytes, at most MONITOR_PAYLOAD
 *
 * Never raises SIGPIPE and allocates nothing.
 *
 * Return: 0; -EAGAIN when a socket that does not block is full; -EPIPE when nobody listens; otherwise
 * a negative errno.
 */
must_check int wire_send(int sock, uint32_t type, const void *payload, size_t size);

/**
 * wire_send_number() - send a message whose payload is one int32_t
 * @sock:	seqpacket socket
 * @type:	enum monitor_type
 * @number:	payload
 *
 * Return: as wire_send().
 */
must_check int wire_send_number(int sock, uint32_t type, int32_t number);

/**
 * wire_send_fds() - send a message with descriptors
 * @sock:	seqpacket socket
 * @type:	enum monitor_type
 * @number:	payload: one int32_t
 * @fds:	stay open here
 * @count:	how many, at most FD_PASS_MAX
 *
 * Return: as wire_send().
 */
must_check int wire_send_fds(int sock, uint32_t type, int32_t number, const int *fds, size_t count);

/**
 * wire_recv() - receive a message
 * @sock:	seqpacket socket
 * @out:	the message
 * @fds:	room for FD_PASS_MAX descriptors, or NULL to close what comes
 * @count:	how many came, owned by the caller; NULL with @fds
 *
 * Return: 1; 0 at the end; -EBADMSG when it is no message; otherwise a negative errno.
 */
must_check int wire_recv(int sock, struct wire *out, int *fds, size_t *count);

/**
 * wire_number() - the payload of a message of one int32_t
 * @in:		received
 *
 * Return: the number; 0 when the payload is too short.
 */
int32_t wire_number(const struct wire *in);

/**
 * wire_copy() - read a payload of fixed size
 * @in:		received
 * @out:	filled; what the payload does not have is 0
 * @size:	bytes of @out
 */
void wire_copy(const struct wire *in, void *out, size_t size);

/**
 * wire_fail() - answer FAILED
 * @sock:	seqpacket socket
 * @err:	what failed
 * @status:	exit status for the program
 *
 * Return: as wire_send().
 */
must_check int wire_fail(int sock, const struct err *err, int status);

/**
 * wire_failure() - read an answer FAILED
 * @in:		received
 * @out_status:	exit status for the program; may be NULL
 * @err:	what the other side said
 *
 * Return: the negative errno.
 */
must_check int wire_failure(const struct wire *in, int *out_status, struct err *err);
