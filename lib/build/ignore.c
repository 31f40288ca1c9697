/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ignore - the file that says what of a context counts: .dockerignore
 */
#include "build/ignore.h"

#include <errno.h>

#include "base/str.h"

static int read_line(char *line, struct patterns *out, struct err *err)
{
	if (*line == '#')
		return 0;
	char *text = str_trim(line);
	bool keeps = *text == '!';
	if (!*text)
		return 0;
	if (keeps)
		text = str_trim(text + 1);
	AUTO(mem) char *clean = *text ? pattern_clean(text) : str_dup("");
	const char *relative = *clean == '/' && clean[1] ? clean + 1 : clean;
	AUTO(mem) char *pattern = str_fmt("%s%s", keeps ? "!" : "", relative);
	return patterns_add(out, pattern, err);
}

int ignore_parse(const char *text, size_t size, const char *name, struct patterns *out,
		 struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	AUTO(mem) char *copy = mem_copy(text, size);
	char *line = copy;

	if (size > IGNORE_MAX_BYTES)
		return err_set(err, -EFBIG, "%s: more than 1 MiB of patterns", name);
	if (size && memchr(text, 0, size))
		return err_set(err, -EINVAL, "%s: there is a zero byte: this is no text", name);
	if (str_starts(line, mark))
		line += strlen(mark);
	for (int number = 1; line; number++) {
		char *next = str_cut(line, '\n');
		if (read_line(line, out, err) < 0)
			return err_wrap(err, "%s:%d", name, number);
		if (out->count > IGNORE_MAX_PATTERNS)
			return err_set(err, -EFBIG, "%s:%d: more than 10,000 patterns", name,
				       number);
		line = next;
	}
	return 0;
}
