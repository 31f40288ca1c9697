/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - where a monitor waits for the control group that its caller makes
 */
#include "engine/gate.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/str.h"

enum { HINT_MAX = 1024 };

struct gate_message {
	int32_t code;	     /* 0, or a negative errno */
	char text[PATH_MAX]; /* the path, or the reason */
	char hint[HINT_MAX];
};

void gate_tell(int sock, int dir, const char *path)
{
	struct gate_message m = { 0 };

	(void)snprintf(m.text, sizeof m.text, "%s", path);
	(void)!fd_send(sock, &m, sizeof m, &dir, 1);
}

void gate_refuse(int sock, const struct err *why)
{
	struct gate_message m = { .code = why->code };

	(void)snprintf(m.text, sizeof m.text, "%s", str_or(why->text, ""));
	(void)snprintf(m.hint, sizeof m.hint, "%s", str_or(why->hint, ""));
	(void)!fd_send(sock, &m, sizeof m, NULL, 0); /* gone: then nobody wants to know */
}

int gate_hear(int sock, int *out_dir, char **out_path, struct err *err)
{
	struct gate_message m = { 0 };
	int fds[FD_PASS_MAX];
	size_t count = 0;
	ssize_t n = fd_recv(sock, &m, sizeof m, fds, &count);

	if (n != (ssize_t)sizeof m)
		return err_set(err, -ECANCELED, "who started the container has ended");
	m.text[sizeof m.text - 1] = m.hint[sizeof m.hint - 1] = 0;
	if (m.code < 0) {
		(void)err_set(err, m.code, "%s", m.text);
		return *m.hint ? err_hint(err, "%s", m.hint) : m.code;
	}
	if (count != 1)
		return err_set(err, -EBADMSG, "a control group came without its folder");
	*out_dir = fds[0];
	*out_path = str_dup(m.text);
	return 0;
}
