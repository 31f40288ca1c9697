/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message - DNS messages: reading a question, building an answer, cutting one that is too long
 */
#include "cubby-net/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"

enum {
	FLAG_RESPONSE = 0x80, /* of the third byte */
	FLAG_OPCODE = 0x78,
	FLAG_AUTHORITY = 0x04,
	FLAG_CUT = 0x02,
	FLAG_RECURSION = 0x01,
	FLAG_AVAILABLE = 0x80, /* of the fourth */
	FLAG_UNCHECKED = 0x10,
	LABEL_MAX = 63,
	POINTER = 0xc0,
	QUESTION_FIXED = 4, /* type and class */
	RECORD_FIXED = 10,  /* type, class, life, length */
	OPT_BYTES = 11,
	OPT_SIZE = 4096, /* of a question that we take over UDP */
	SOA_BYTES = 22,	 /* two names of one byte, five numbers */
	CLASS_IN = 1,
	TTL = 0, /* a member comes and goes: nobody shall remember */
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A question comes first, so nothing stands before it that its name could point to. */
static bool take_name(const uint8_t *data, size_t size, size_t *at, struct message_question *q)
{
	size_t used = 0;

	q->plain = true;
	for (; *at < size && data[*at]; *at += 1 + (size_t)data[*at]) {
		size_t length = data[*at];
		if (length > LABEL_MAX || *at + 1 + length >= size ||
		    used + length + 1 >= sizeof q->name)
			return false;
		if (q->labels++)
			q->name[used++] = '.';
		for (size_t i = 0; i < length; i++) {
			char c = name_lower((char)data[*at + 1 + i]);
			q->plain = q->plain && c > ' ' && c < 0x7f && c != '.';
			q->name[used++] = c;
		}
	}
	if (!q->plain)
		used = 0;
	q->name[used] = 0;
	return (*at)++ < size;
}

static bool skip_name(const uint8_t *data, size_t size, size_t *at)
{
	for (; *at < size && data[*at]; *at += 1 + (size_t)data[*at]) {
		if (data[*at] > LABEL_MAX) {
			*at += 2;
			return (data[*at - 2] & POINTER) == POINTER && *at <= size;
		}
	}
	return (*at)++ < size;
}

/* Looks at the records behind the question for what EDNS says; there are hardly ever others. */
static bool take_records(const uint8_t *data, size_t size, struct message_question *q)
{
	int count = get16(data + 6) + get16(data + 8) + get16(data + 10);
	size_t at = q->end;

	for (int i = 0; i < count; i++) {
		bool root = at < size && !data[at];
		if (!skip_name(data, size, &at) || at + RECORD_FIXED > size)
			return false;
		const uint8_t *r = data + at;
		at += RECORD_FIXED + (size_t)get16(r + 8);
		if (at > size)
			return false;
		if (get16(r) != MESSAGE_OPT)
			continue;
		if (!root || q->edns)
			return false;
		q->edns = true;
		q->edns_size = get16(r + 2);
		q->edns_version = r[5];
	}
	return true;
}

int message_parse(const uint8_t *data, size_t size, struct message_question *out)
{
	size_t at = MESSAGE_HEADER;

	memset(out, 0, sizeof *out);
	out->end = MESSAGE_HEADER;
	if (size < MESSAGE_HEADER || data[2] & FLAG_RESPONSE)
		return -EBADMSG;
	if (data[2] & FLAG_OPCODE)
		return -EOPNOTSUPP;
	if (get16(data + 4) != 1 || !take_name(data, size, &at, out) || at + QUESTION_FIXED > size)
		return -EINVAL;
	out->type = get16(data + at);
	out->class = get16(data + at + 2);
	out->end = at + QUESTION_FIXED;
	return take_records(data, size, out) ? 0 : -EINVAL;
}

size_t message_room(const struct message_question *question, size_t most)
{
	size_t room = question->edns ? question->edns_size : 0;

	room = max_of(room, (size_t)MESSAGE_UDP);
	return min_of(room, most);
}

bool message_matches(const uint8_t *question, size_t end, const uint8_t *answer, size_t size)
{
	if (size < MESSAGE_HEADER || memcmp(question, answer, 2) != 0 ||
	    !(answer[2] & FLAG_RESPONSE) || answer[2] & FLAG_OPCODE)
		return false;
	if (!get16(answer + 4))
		return message_code(answer) != MESSAGE_NOERROR;
	if (size < end || get16(answer + 4) != 1)
		return false;
	for (size_t i = MESSAGE_HEADER; i < end; i++)
		if (name_lower((char)question[i]) != name_lower((char)answer[i]))
			return false;
	return true;
}

size_t message_cut(uint8_t *answer, size_t size)
{
	size_t at = MESSAGE_HEADER;
	bool whole = size >= MESSAGE_HEADER && get16(answer + 4) == 1 &&
		     skip_name(answer, size, &at) && at + QUESTION_FIXED <= size;

	answer[2] |= FLAG_CUT;
	memset(answer + 6, 0, 6);
	if (whole)
		return at + QUESTION_FIXED;
	memset(answer + 4, 0, 2);
	return MESSAGE_HEADER;
}

/* --- building --------------------------------------------------------------------------------- */

void reply_begin(struct reply *reply, uint8_t *data, size_t room, const uint8_t *asked,
		 const struct message_question *question, int code)
{
	bool asks = question->end > MESSAGE_HEADER;

	bug_unless(room >= question->end + OPT_BYTES);
	*reply = (struct reply){ data, question->end, room, question->end, question->edns, code };
	if (question->edns)
		reply->room -= OPT_BYTES;
	memmove(data, asked, question->end);
	data[2] = (uint8_t)(FLAG_RESPONSE | (data[2] & (FLAG_OPCODE | FLAG_RECURSION)));
	if (code == MESSAGE_NOERROR || code == MESSAGE_NXDOMAIN)
		data[2] |= FLAG_AUTHORITY;
	data[3] = (uint8_t)(FLAG_AVAILABLE | (data[3] & FLAG_UNCHECKED) | (code & 0x0f));
	memset(data + 4, 0, 8);
	data[5] = asks;
}

/* One record whose owner lies at an offset of the question; NULL when there is no room for it. */
static uint8_t *add_record(struct reply *r, size_t section, size_t owner, unsigned type,
			   size_t length)
{
	uint8_t *p = r->data + r->size;

	if (r->size + 2 + RECORD_FIXED + length > r->room) {
		r->data[2] |= FLAG_CUT;
		return NULL;
	}
	put16(p, POINTER << 8 | (unsigned)owner);
	put16(p + 2, type);
	put16(p + 4, CLASS_IN);
	memset(p + 6, 0, 4);
	p[9] = TTL;
	put16(p + 10, (unsigned)length);
	put16(r->data + section, get16(r->data + section) + 1U);
	r->size += 2 + RECORD_FIXED + length;
	return p + 2 + RECORD_FIXED;
}

void reply_address(struct reply *reply, enum message_type type, const void *address)
{
	size_t length = type == MESSAGE_A ? 4 : 16;
	uint8_t *p = add_record(reply, 6, MESSAGE_HEADER, type, length);

	if (p)
		memcpy(p, address, length);
}

void reply_name(struct reply *reply, const char *name)
{
	uint8_t *p = add_record(reply, 6, MESSAGE_HEADER, MESSAGE_PTR, strlen(name) + 2);

	while (p && *name) {
		size_t length = strcspn(name, ".");
		*p++ = (uint8_t)length;
		memcpy(p, name, length);
		p += length;
		name += length + (name[length] == '.');
	}
	if (p)
		*p = 0;
}

/* Ours are the names below the parent of what was asked for; its life is what counts here. */
static void add_authority(struct reply *r)
{
	size_t first = r->data[MESSAGE_HEADER];
	size_t parent = MESSAGE_HEADER + (first ? first + 1 : 0);
	uint8_t *p = add_record(r, 8, parent, MESSAGE_SOA, SOA_BYTES);

	if (!p)
		return;
	memset(p, 0, SOA_BYTES); /* served by the root, and nobody to write to */
	p[5] = 1;		 /* serial */
	p[SOA_BYTES - 1] = TTL;
}

static void add_edns(struct reply *r)
{
	uint8_t *p = r->data + r->size;

	memset(p, 0, OPT_BYTES);
	put16(p + 1, MESSAGE_OPT);
	put16(p + 3, OPT_SIZE);
	p[5] = (uint8_t)(r->code >> 4);
	r->data[11] = 1;
	r->size += OPT_BYTES;
}

size_t reply_end(struct reply *reply)
{
	bool negative = reply->code == MESSAGE_NXDOMAIN || reply->code == MESSAGE_NOERROR;

	if (negative && reply->end > MESSAGE_HEADER && reply->size == reply->end &&
	    !(reply->data[2] & FLAG_CUT))
		add_authority(reply);
	if (reply->edns)
		add_edns(reply);
	return reply->size;
}

/* --- names ------------------------------------------------------------------------------------ */

bool name_valid(const char *name)
{
	size_t label = 0, i = 0;

	for (; name[i] && i < MESSAGE_NAME; i++) {
		bool dot = name[i] == '.';
		if (dot ? !label : name[i] <= ' ' || name[i] >= 0x7f)
			return false;
		label = dot ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label && i < MESSAGE_NAME;
}

static int reverse4(const char *name, struct in6_addr *out)
{
	uint8_t bytes[4];

	for (int i = 3; i >= 0; i--) {
		char *end;
		if (*name < '0' || *name > '9' || (*name == '0' && name[1] != '.'))
			return 0;
		unsigned long value = strtoul(name, &end, 10);
		if (value > 255 || *end != '.')
			return 0;
		bytes[i] = (uint8_t)value;
		name = end + 1;
	}
	if (!str_eq(name, "in-addr.arpa"))
		return 0;
	memcpy(out, bytes, sizeof bytes);
	return AF_INET;
}

static int reverse6(const char *name, struct in6_addr *out)
{
	struct in6_addr a = { 0 };

	for (int i = 31; i >= 0; i--, name += 2) {
		const char *digits = "0123456789abcdef";
		const char *digit = *name ? strchr(digits, *name) : NULL;
		if (!digit || name[1] != '.')
			return 0;
		a.s6_addr[i / 2] |= (uint8_t)((digit - digits) << (i % 2 ? 0 : 4));
	}
	if (!str_eq(name, "ip6.arpa"))
		return 0;
	*out = a;
	return AF_INET6;
}

int name_reverse(const char *name, struct in6_addr *out)
{
	int family = reverse4(name, out);

	return family ? family : reverse6(name, out);
}
