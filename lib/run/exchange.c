/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange - what the runtime and the process it makes tell each other
 */
#include "run/exchange.h"

#include <errno.h>
#include <stdio.h>

#include "base/fd.h"

int exchange_send(int sock, enum exchange_kind kind, int32_t value, const int *fds, size_t count)
{
	int32_t head[2] = { (int32_t)kind, value };
	ssize_t n = fd_send(sock, head, sizeof head, fds, count);

	return n < 0 ? (int)n : 0;
}

void exchange_fail(int sock, const struct err *err)
{
	struct exchange_msg msg = { .kind = EXCHANGE_FAILED, .code = err->code };

	(void)snprintf(msg.text, sizeof msg.text, "%s", err->text ? err->text : "");
	(void)snprintf(msg.hint, sizeof msg.hint, "%s", err->hint ? err->hint : "");
	(void)!fd_send(sock, &msg, sizeof msg, NULL, 0); /* gone: then nobody wants to know */
}

static int failed(const struct exchange_msg *msg, ssize_t n, struct err *err)
{
	if (msg->kind == EXCHANGE_EXEC_FAILED)
		return msg->code > 0 ? -msg->code : -EIO;
	if ((size_t)n < sizeof *msg || msg->code >= 0)
		return err_set(err, -EIO, "the container's first process gave no reason");
	(void)err_set(err, msg->code, "%.*s", EXCHANGE_TEXT, msg->text);
	return msg->hint[0] ? err_hint(err, "%.*s", EXCHANGE_TEXT, msg->hint) : msg->code;
}

int exchange_wait(int sock, enum exchange_kind *out_kind, int32_t *out_value, int *fds,
		  size_t *count, struct err *err)
{
	struct exchange_msg msg = { 0 };
	ssize_t n = fd_recv(sock, &msg, sizeof msg, fds, count);

	if (n == -ECONNRESET)
		return 0;
	if (n < 0)
		return err_sys(err, (int)n, "cannot hear the container's first process");
	if (n == 0)
		return 0;
	msg.text[EXCHANGE_TEXT - 1] = 0;
	msg.hint[EXCHANGE_TEXT - 1] = 0;
	if (n >= EXCHANGE_HEAD && (msg.kind == EXCHANGE_FAILED || msg.kind == EXCHANGE_EXEC_FAILED))
		return failed(&msg, n, err);
	*out_kind = (enum exchange_kind)msg.kind;
	if (out_value)
		*out_value = msg.code;
	return 1;
}

int exchange_explain(int code, const char *program, struct err *err)
{
	if (err && err->text)
		return code;
	if (code == -ENOENT || code == -ENOTDIR)
		return err_set(err, code, "cannot run '%s': no such program in the container",
			       program);
	if (code == -ENOEXEC)
		return err_set(err, code, "cannot run '%s': it is no program for this machine",
			       program);
	return err_sys(err, code, "cannot run '%s'", program);
}
