/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_plain - how a build looks in plain lines
 *
 * What steps print is shown as it comes, a whole line at a time; where several stages are built at once each line
 * says of which it is.
 */
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/build_show.h"

static void tell(FILE *to, const char *prefix, const char *bytes, size_t size)
{
	if (!to)
		return;
	fputs(prefix, to);
	(void)fwrite(bytes, 1, size, to);
	fputc('\n', to);
	fflush(to);
}

static void tell_line(const struct build_show *show, const char *fmt, ...) printf_like(2, 3);

static void tell_line(const struct build_show *show, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, list);
	va_end(list);
	tell(show->out, "", text, strlen(text));
	tell(show->log, "", text, strlen(text));
}

static void show_line(struct build_show *show, size_t at, const char *bytes, size_t size)
{
	AUTO(mem) char *of = build_show_label(show, at);
	AUTO(mem)
	char *prefix = *of ? str_fmt("[%.*s] ", (int)strlen(of) - 1, of) : str_dup("");

	tell(show->out, prefix, bytes, size);
	tell(show->log, prefix, bytes, size);
}

static void show_step(struct build_show *show, size_t at)
{
	const struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *of = build_show_label(show, at);

	tell_line(show, "[%s%d/%d] %s", of, s->number, s->of, s->text);
}

static void show_end(struct build_show *show, size_t at, enum build_mark mark)
{
	const struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *of = build_show_label(show, at);
	const int64_t took = clock_mono() - s->since;

	if (mark == BUILD_MARK_CACHED)
		tell_line(show, "[%s%d/%d] cached", of, s->number, s->of);
	else if (mark == BUILD_MARK_DONE)
		tell_line(show, "[%s%d/%d] done in %.1f s", of, s->number, s->of,
			  (double)took / 1e9);
}

static void show_warning(struct build_show *show, unused_arg size_t at, const char *text)
{
	tell_line(show, "warning: %s", text);
}

const struct build_view build_plain = {
	.step = show_step,
	.end = show_end,
	.line = show_line,
	.warning = show_warning,
};
