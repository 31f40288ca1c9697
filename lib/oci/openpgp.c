/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp - files with public keys, as far as they are looked at here
 */
#include "oci/openpgp.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "oci/base64.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define END "-----END PGP PUBLIC KEY BLOCK-----"

enum { TAG_KEY = 6, TAG_USER = 13 };

/* ---- packets ---------------------------------------------------------------------------------- */

struct packet {
	int tag;
	const unsigned char *body;
	size_t size;
};

static size_t big_endian(const unsigned char *bytes, size_t count)
{
	size_t value = 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* The length behind a tag of the old form. Return: bytes that it takes; 0 when there is none. */
static size_t old_length(const unsigned char *at, size_t left, int kind, size_t *out)
{
	size_t bytes = (size_t)1 << kind;

	/* Kind 3 is "to the end", which no key has. */
	if (kind == 3 || left < bytes)
		return 0;
	*out = big_endian(at, bytes);
	return bytes;
}

/* Likewise of the new form; parts are for data alone. */
static size_t new_length(const unsigned char *at, size_t left, size_t *out)
{
	enum { ONE = 192, TWO = 224, FIVE = 255 };

	if (left >= 1 && at[0] < ONE) {
		*out = at[0];
		return 1;
	}
	if (left >= 2 && at[0] < TWO) {
		*out = ((size_t)(at[0] - ONE) << 8) + at[1] + ONE;
		return 2;
	}
	if (left < 5 || at[0] != FIVE)
		return 0;
	*out = big_endian(at + 1, 4);
	return 5;
}

/* Return: bytes of the whole packet; 0 when there is none. */
static size_t read_packet(const unsigned char *at, size_t left, struct packet *out)
{
	enum { MARK = 0x80, NEW = 0x40 };
	size_t head;

	if (left < 2 || !(*at & MARK))
		return 0;
	if (*at & NEW) {
		out->tag = *at & 0x3f;
		head = new_length(at + 1, left - 1, &out->size);
	} else {
		out->tag = *at >> 2 & 0xf;
		head = old_length(at + 1, left - 1, *at & 3, &out->size);
	}
	if (!head || out->size > left - 1 - head)
		return 0;
	out->body = at + 1 + head;
	return 1 + head + out->size;
}

void openpgp_owners(const char *packets, size_t size, struct strv *out)
{
	const unsigned char *at = (const unsigned char *)packets;
	struct packet packet = { 0 };

	for (size_t n; (n = read_packet(at, size, &packet)); at += n, size -= n) {
		if (packet.tag == TAG_USER)
			strv_take(out, str_ndup((const char *)packet.body, packet.size));
	}
}

/* ---- text ------------------------------------------------------------------------------------- */

/* The lines between the empty one behind the headers and the checksum, or the end, as one. */
static char *block_text(const char *at, const char *end)
{
	AUTO(mem) char *block = str_ndup(at, (size_t)(end - at));
	AUTO(strv) struct strv parts = { 0 };
	bool inside = false;

	for (char *line = block, *rest; line; line = rest) {
		rest = str_cut(line, '\n');
		char *text = str_trim(line);
		if (inside && *text == '=')
			break;
		if (inside)
			strv_add(&parts, text);
		inside = inside || !*text;
	}
	return str_join(&parts, "");
}

/* Return: 1 when a block was added, 0 when there is none any more, or -EBADMSG. */
static int add_block(const char **text, FILE *to)
{
	const char *begin = strstr(*text, BEGIN);
	const char *end = begin ? strstr(begin, END) : NULL;
	AUTO(mem) char *bytes = NULL;
	size_t size;

	if (!begin)
		return 0;
	if (!end)
		return -EBADMSG;
	/* The rest of the first line is no header. */
	AUTO(mem) char *plain = block_text(begin + strcspn(begin, "\n") + 1, end);
	if (base64_decode(plain, &bytes, &size) < 0)
		return -EBADMSG;
	fwrite(bytes, 1, size, to);
	*text = end + strlen(END);
	return 1;
}

static int undo_armor(const char *text, char **out, size_t *out_size)
{
	AUTO(mem) char *bytes = NULL;
	FILE *to = open_memstream(&bytes, out_size);
	int r;

	bug_unless(to);
	do
		r = add_block(&text, to);
	while (r > 0);
	bug_unless(fclose(to) == 0);
	if (r == 0)
		*out = take_ptr(bytes);
	return r;
}

int openpgp_keys(const char *data, size_t size, char **out, size_t *out_size, struct err *err)
{
	AUTO(mem) char *bytes = NULL;
	AUTO(mem) char *text = str_ndup(data, size);
	struct packet first = { 0 };
	int r = 0;

	if (strstr(text, BEGIN))
		r = undo_armor(text, &bytes, &size);
	else
		bytes = mem_copy(data, size);
	if (r < 0)
		return err_set(err, r, "the text of a public key is damaged");
	if (!read_packet((const unsigned char *)bytes, size, &first) || first.tag != TAG_KEY)
		return err_set(err, -EBADMSG, "there is no public key of GPG");
	*out = take_ptr(bytes);
	*out_size = size;
	return 0;
}
