/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd - descriptors: ownership, whole reads and writes, passing them to another process
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/macros.h"

enum { FD_PASS_MAX = 32 }; /* most descriptors in one message */

/**
 * fd_close() - close a descriptor and keep errno
 * @fd:	negative ones are ignored
 */
void fd_close(int fd);

static inline void auto_fd(int *fd)
{
	fd_close(*fd);
}

/**
 * fd_write_all() - write everything, through interruptions and partial writes
 * @fd:		where to; a non-blocking one is waited for
 * @data:	what
 * @size:	bytes
 *
 * Return: 0 or a negative errno; how much was written is then unknown.
 */
must_check int fd_write_all(int fd, const void *data, size_t size);

/**
 * fd_read_all() - read up to the end
 * @fd:		where from
 * @max:	bytes that are too many
 * @out:	the bytes with a 0 behind them, to be freed; set on success only
 * @out_size:	how many, without that 0; may be NULL
 *
 * Return: 0; -EFBIG when there are more than @max bytes; otherwise what read(2) said.
 */
must_check int fd_read_all(int fd, size_t max, char **out, size_t *out_size);

/**
 * fd_memory() - a file that is nowhere but in memory, for who reads a descriptor
 * @name:	shown in /proc
 * @data:	what it holds
 * @size:	bytes
 *
 * A pipe would hold up who writes into it until somebody reads.
 *
 * Return: a descriptor that stands at the beginning, owned by the caller, or a negative errno.
 */
must_check int fd_memory(const char *name, const void *data, size_t size);

/**
 * fd_dup() - a close-on-exec duplicate at a number of 3 or more
 * @fd:	what to duplicate
 *
 * Return: the new descriptor or a negative errno.
 */
must_check int fd_dup(int fd);

/**
 * fd_inherit() - let a descriptor live on across execve
 * @fd:		the descriptor
 * @on:		false makes it close-on-exec again
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_inherit(int fd, bool on);

/**
 * fd_nonblock() - switch O_NONBLOCK
 * @fd:	the descriptor
 * @on:	whether it shall not block
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_nonblock(int fd, bool on);

/**
 * fd_pair() - a connected pair of close-on-exec unix sockets
 * @type:	SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM
 * @out:	both ends
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_pair(int type, int out[2]);

/**
 * fd_send() - send one message with descriptors
 * @sock:	unix socket
 * @data:	the message
 * @size:	bytes, at least 1 when there are descriptors
 * @fds:	descriptors that go along; they stay open here
 * @count:	how many, at most FD_PASS_MAX
 *
 * Never raises SIGPIPE.
 *
 * Return: bytes sent or a negative errno (-EAGAIN where the socket does not block).
 */
must_check ssize_t fd_send(int sock, const void *data, size_t size, const int *fds, size_t count);

/**
 * fd_recv() - receive one message with descriptors, close-on-exec
 * @sock:	unix socket
 * @data:	room for the message
 * @size:	bytes of room
 * @fds:	room for FD_PASS_MAX descriptors, or NULL to close what comes
 * @count:	how many came, owned by the caller; may be NULL with @fds
 *
 * What a peer said before it closed comes first, also when it left something of ours unread.
 *
 * Return: bytes received, 0 at the end, or a negative errno; -EMSGSIZE when the message did not fit.
 */
must_check ssize_t fd_recv(int sock, void *data, size_t size, int *fds, size_t *count);

/**
 * fd_peek() - as fd_recv(), but the message stays, and can be had again with descriptors of the same files
 * @sock:	unix socket
 * @data:	room for the message
 * @size:	bytes of room
 * @fds:	room for FD_PASS_MAX descriptors, or NULL to close what comes
 * @count:	how many came, owned by the caller; may be NULL with @fds
 *
 * Return: as fd_recv().
 */
must_check ssize_t fd_peek(int sock, void *data, size_t size, int *fds, size_t *count);

/**
 * fd_close_from() - close every descriptor from a number on
 * @first:	lowest one to close
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_close_from(int first);

/**
 * fd_close_but() - close every descriptor from 3 on but some
 * @kept:	those that stay open, in any order; negative ones are passed over; sorted afterwards
 * @count:	how many
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_close_but(int *kept, size_t count);

/**
 * fd_stdio() - make descriptors 0, 1 and 2 what they shall be, inherited across execve
 * @in:		for 0, or negative for /dev/null; may be any number, also 0, 1, 2
 * @out:	for 1, likewise
 * @errout:	for 2, likewise
 *
 * For a child between fork and exec. The given descriptors stay open at their old numbers when
 * those are above 2.
 *
 * Return: 0 or a negative errno.
 */
must_check int fd_stdio(int in, int out, int errout);
