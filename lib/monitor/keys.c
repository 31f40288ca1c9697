/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keys - the keys that detach a terminal: reading their text, finding them in what is typed
 */
#include "monitor/keys.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { CONTROL_MASK = 0x1f };

/* Return: the byte that the key sends, or negative. */
static int key_byte(const char *name)
{
	const char *key = str_starts(name, "ctrl-");

	if (!key)
		return strlen(name) == 1 ? (unsigned char)*name : -1;
	if (strlen(key) != 1)
		return -1;
	int c = toupper((unsigned char)*key);
	return c >= '@' && c <= '_' ? c & CONTROL_MASK : -1;
}

int keys_parse(const char *text, struct keys *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	struct keys keys = { 0 };

	text = str_or(text, "ctrl-p,ctrl-q");
	if (*text)
		strv_split(&names, text, ',');
	if (names.count > KEYS_MAX)
		return err_set(err, -EINVAL, "detach keys '%s' are more than %d", text, KEYS_MAX);
	for (size_t i = 0; i < names.count; i++) {
		int byte = key_byte(names.items[i]);
		if (byte < 0)
			return err_set(
				err, -EINVAL,
				"'%s' is no detach key: it must be a character or ctrl-LETTER",
				names.items[i]);
		keys.bytes[keys.count++] = (char)byte;
	}
	*out = keys;
	return 0;
}

/* How much of what is held back may still begin the keys when its first bytes are let go. */
static size_t shorter_match(const struct keys *keys)
{
	for (size_t n = keys->matched - 1; n > 0; n--)
		if (memcmp(keys->bytes, keys->bytes + keys->matched - n, n) == 0)
			return n;
	return 0;
}

bool keys_feed(struct keys *keys, const char *in, size_t size, char *out, size_t *out_size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		while (keys->matched && keys->bytes[keys->matched] != in[i]) {
			size_t keep = shorter_match(keys);
			memcpy(out + n, keys->bytes, keys->matched - keep);
			n += keys->matched - keep;
			keys->matched = keep;
		}
		if (!keys->count || keys->bytes[keys->matched] != in[i]) {
			out[n++] = in[i];
			continue;
		}
		if (++keys->matched == keys->count) {
			keys->matched = 0;
			*out_size = n;
			return true;
		}
	}
	*out_size = n;
	return false;
}
