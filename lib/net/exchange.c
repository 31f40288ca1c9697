/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange - what is said to a cubby-net
 */
#include "net/exchange.h"

#include <errno.h>

#include "base/fd.h"

int net_report_fail(const cJSON *json, struct err *err)
{
	struct net_report report = { 0 };
	int r = jfield_load(net_report_fields, json, &report, err);

	if (r == 0 && report.code >= 0)
		r = err_set(err, -EBADMSG, "the network helper is of another version");
	if (r == 0) {
		r = err_set(err, report.code, "%s", str_or(report.text, "the network failed"));
		if (report.hint)
			(void)err_hint(err, "%s", report.hint);
	}
	jfield_clear(net_report_fields, &report);
	return r;
}

int net_say(int sock, enum net_word word, const struct jfield *table, const void *st,
	    const int *fds, size_t count)
{
	AUTO(json) cJSON *json = table ? jfield_save(table, st) : NULL;
	AUTO(mem) char *text = json ? json_print(json, 0) : NULL;
	AUTO(mem) char *message = str_fmt("%c%s", word, str_or(text, ""));
	size_t size = strlen(message);

	if (size > NET_MESSAGE_MAX)
		return -EMSGSIZE;
	ssize_t n = fd_send(sock, message, size, fds, count);
	return n < 0 ? (int)n : 0;
}

int net_hear(int sock, cJSON **out_json, int *fds, size_t *count, struct err *err)
{
	AUTO(mem) char *message = mem_alloc(NET_MESSAGE_MAX, 1);

	ssize_t n = fd_recv(sock, message, NET_MESSAGE_MAX, fds, count);
	if (n == -ECONNRESET)
		n = 0;
	if (n <= 0)
		return err_set(err, n ? (int)n : -EPIPE, "the network helper ended unexpectedly");
	AUTO(json) cJSON *json = NULL;
	if (n > 1) {
		int r = json_parse(message + 1, (size_t)n - 1, &json, err);
		if (r < 0)
			return r;
	}
	*out_json = take_ptr(json);
	return (unsigned char)message[0];
}
