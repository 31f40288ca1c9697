/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message_fuzz - what a helper or its caller reads from the other, when that is no longer itself
 *
 * The first byte chooses who reads: the unpacker its request, its caller the reply, and the two sides of
 * the registry helper. What is read is sent again and reads back.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "layer/protocol.h"
#include "remote/client.h"
#include "remote/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WHO = 4, ROOM = 256 << 10 };

/* Room for all that one side says before the other reads. */
static void pair_make(int type, int pair[2])
{
	const int room = ROOM;

	bug_unless(fd_pair(type, pair) == 0);
	bug_unless(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
}

static void layer_request(int from, int to)
{
	AUTO(layer_request) struct layer_request req = { .fds = { -1, -1, -1, -1, -1, -1 } };
	AUTO(layer_request) struct layer_request again = { .fds = { -1, -1, -1, -1, -1, -1 } };

	if (layer_request_recv(to, &req) <= 0)
		return;
	if (layer_request_send(from, &req) == 0)
		bug_unless(layer_request_recv(to, &again) == 1 && again.op == req.op);
}

static void layer_reply(int from, int to)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	AUTO(layer_reply) struct layer_reply again = { 0 };

	if (layer_reply_recv(to, &reply) < 0)
		return;
	if (layer_reply_send(from, &reply) == 0)
		bug_unless(layer_reply_recv(to, &again) == 0 && again.code == reply.code);
}

static void remote_message(int from, int to)
{
	AUTO(remote_message) struct remote_message message = { 0 };
	AUTO(remote_message) struct remote_message again = { 0 };
	int fds[REMOTE_MAX_FDS];

	if (remote_message_recv(to, &message, fds) <= 0)
		return;
	if (remote_message_send(from, &message, NULL, 0) == 0)
		bug_unless(remote_message_recv(to, &again, fds) == 1 && again.job == message.job);
}

static void through_stream(const uint8_t *data, size_t size, void (*read_it)(int from, int to))
{
	uint32_t length = (uint32_t)size;
	int pair[2];

	pair_make(SOCK_STREAM, pair);
	AUTO(fd) int from = pair[0];
	AUTO(fd) int to = pair[1];
	bug_unless(fd_write_all(from, (const char *)&length, sizeof length) == 0);
	bug_unless(fd_write_all(from, (const char *)data, size) == 0);
	read_it(from, to);
}

static void through_packet(const uint8_t *data, size_t size)
{
	int pair[2];

	pair_make(SOCK_SEQPACKET, pair);
	AUTO(fd) int from = pair[0];
	AUTO(fd) int to = pair[1];
	bug_unless(send(from, data, size, 0) == (ssize_t)size);
	remote_message(from, to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strv) struct strv tags = { 0 };

	if (size < 2)
		return 0;
	const uint8_t *rest = data + 1;
	size--;
	switch (data[0] % WHO) {
	case 0:
		through_stream(rest, size, layer_request);
		break;
	case 1:
		through_stream(rest, size, layer_reply);
		break;
	case 2:
		through_packet(rest, size);
		break;
	default:
		(void)!remote_tags_parse((const char *)rest, size, &tags, NULL); /* any answer */
	}
	return 0;
}
