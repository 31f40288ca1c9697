/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port_text - published ports as ps shows them
 */
#include "cmd/port_text.h"

#include <errno.h>
#include <stdlib.h>

enum { PORT_MAX = 65535 };

struct port_lines {
	struct port_line *items;
	size_t count;
};

int port_line_parse(const char *text, struct port_line *out)
{
	AUTO(mem) char *copy = str_dup(text);
	char *proto = str_cut(copy, '/');
	char *inside = strrchr(copy, ':');
	int64_t to, from;

	if (!proto || !inside)
		return -EINVAL;
	*inside++ = 0;
	char *outside = strrchr(copy, ':');
	if (!outside)
		return -EINVAL;
	*outside++ = 0;
	if (str_i64(inside, 0, PORT_MAX, &to) < 0 || str_i64(outside, 0, PORT_MAX, &from) < 0)
		return -EINVAL;
	*out = (struct port_line){
		.ip = str_dup(copy), .proto = str_dup(proto), .outside = from, .inside = to
	};
	return 0;
}

void port_line_clear(struct port_line *line)
{
	free(line->ip);
	free(line->proto);
	*line = (struct port_line){ 0 };
}

static int in_order(const void *a, const void *b)
{
	const struct port_line *x = a, *y = b;
	int way = strcmp(x->proto, y->proto);

	if (!way)
		way = strcmp(x->ip, y->ip);
	if (!way)
		way = (x->inside > y->inside) - (x->inside < y->inside);
	return way ? way : (x->outside > y->outside) - (x->outside < y->outside);
}

/* How many lines from one on make a range. */
static size_t range_length(const struct port_lines *lines, size_t first)
{
	const struct port_line *begin = &lines->items[first];
	size_t n = 1;

	for (; first + n < lines->count; n++) {
		const struct port_line *next = begin + n;
		if (!str_eq(next->ip, begin->ip) || !str_eq(next->proto, begin->proto) ||
		    next->inside != begin->inside + (int64_t)n ||
		    next->outside != begin->outside + (int64_t)n)
			break;
	}
	return n;
}

static void add_range(struct strv *out, const struct port_line *line, size_t n)
{
	const char *ip = *line->ip ? line->ip : "0.0.0.0";
	bool bare6 = strchr(ip, ':') && *ip != '[';
	const char *open = bare6 ? "[" : "", *close = bare6 ? "]" : "";

	if (n == 1)
		strv_addf(out, "%s%s%s:%jd->%jd/%s", open, ip, close, (intmax_t)line->outside,
			  (intmax_t)line->inside, line->proto);
	else
		strv_addf(out, "%s%s%s:%jd-%jd->%jd-%jd/%s", open, ip, close,
			  (intmax_t)line->outside, (intmax_t)line->outside + (intmax_t)n - 1,
			  (intmax_t)line->inside, (intmax_t)line->inside + (intmax_t)n - 1,
			  line->proto);
}

char *port_lines_print(const struct strv *ports)
{
	struct port_lines lines = { 0 };
	AUTO(strv) struct strv texts = { 0 };

	for (size_t i = 0; i < ports->count; i++) {
		struct port_line line;
		if (port_line_parse(ports->items[i], &line) == 0)
			*vec_push(&lines) = line;
	}
	if (lines.count)
		qsort(lines.items, lines.count, sizeof *lines.items, in_order);
	for (size_t i = 0, n; i < lines.count; i += n) {
		n = range_length(&lines, i);
		add_range(&texts, &lines.items[i], n);
	}
	for (size_t i = 0; i < lines.count; i++)
		port_line_clear(&lines.items[i]);
	free(lines.items);
	return str_join(&texts, ", ");
}
