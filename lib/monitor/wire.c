/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wire - messages of monitor/protocol.h on a socket, used by both sides
 */
#include "monitor/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/json.h"

enum { FAILED_TEXT_MAX = 8 << 10, EXIT_STATUS_DEFAULT = 125 };

int wire_send(int sock, uint32_t type, const void *payload, size_t size)
{
	struct monitor_message head = { .type = type, .size = (uint32_t)size };
	struct iovec parts[] = {
		{ .iov_base = &head, .iov_len = sizeof head },
		{ .iov_base = (void *)payload, .iov_len = size },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = size ? 2 : 1 };

	bug_unless(size <= MONITOR_PAYLOAD);
	while (sendmsg(sock, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

int wire_send_number(int sock, uint32_t type, int32_t number)
{
	return wire_send(sock, type, &number, sizeof number);
}

int wire_send_fds(int sock, uint32_t type, int32_t number, const int *fds, size_t count)
{
	struct {
		struct monitor_message head;
		int32_t number;
	} message = { .head = { .type = type, .size = sizeof number }, .number = number };
	ssize_t n = fd_send(sock, &message, sizeof message, fds, count);

	return n < 0 ? (int)n : 0;
}

int wire_recv(int sock, struct wire *out, int *fds, size_t *count)
{
	ssize_t n = fd_recv(sock, out, sizeof out->head + MONITOR_PAYLOAD, fds, count);

	if (n <= 0)
		return (int)n;
	if ((size_t)n < sizeof out->head || out->head.size != (size_t)n - sizeof out->head)
		return -EBADMSG;
	out->bytes[out->head.size] = 0;
	return 1;
}

int32_t wire_number(const struct wire *in)
{
	int32_t number;

	wire_copy(in, &number, sizeof number);
	return number;
}

void wire_copy(const struct wire *in, void *out, size_t size)
{
	size_t there = min_of((size_t)in->head.size, size);

	memset(out, 0, size);
	memcpy(out, in->bytes, there);
}

/* What a failure looks like in JSON. */
struct failure {
	int code;
	int status;
	char *text;
	char *hint;
};

static const struct jfield failure_fields[] = {
	J_INT("code", struct failure, code),
	J_INT("status", struct failure, status),
	J_TEXT("text", struct failure, text),
	J_TEXT("hint", struct failure, hint),
	J_END,
};

static inline void auto_failure(struct failure *f)
{
	jfield_clear(failure_fields, f);
}

int wire_fail(int sock, const struct err *err, int status)
{
	AUTO(failure)
	struct failure f = {
		.code = err->code,
		.status = status,
		.text = str_ndup(str_or(err->text, "it failed"), FAILED_TEXT_MAX),
		.hint = err->hint ? str_ndup(err->hint, FAILED_TEXT_MAX) : NULL,
	};
	AUTO(json) cJSON *object = jfield_save(failure_fields, &f);
	AUTO(mem) char *text = json_print(object, 0);

	return wire_send(sock, MONITOR_FAILED, text, min_of(strlen(text), (size_t)MONITOR_PAYLOAD));
}

int wire_failure(const struct wire *in, int *out_status, struct err *err)
{
	AUTO(failure) struct failure f = { .status = EXIT_STATUS_DEFAULT };
	AUTO(json) cJSON *object = NULL;

	int r = json_parse(in->bytes, in->head.size, &object, err);
	if (r == 0)
		r = jfield_load(failure_fields, object, &f, err);
	if (r < 0)
		return err_wrap(err, "cannot read what the monitor says");
	if (out_status)
		*out_status = f.status;
	(void)err_set(err, f.code < 0 ? f.code : -EIO, "%s", str_or(f.text, "it failed"));
	return f.hint ? err_hint(err, "%s", f.hint) : f.code < 0 ? f.code : -EIO;
}
