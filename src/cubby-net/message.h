/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message - DNS messages: reading a question, building an answer, cutting one that is too long
 *
 * Only what a name server in front of others needs: of strangers' messages the header, the question and
 * the size that EDNS(0) announces are read, everything else passes as it came. A library for it
 * would cost each network two megabytes and each start some milliseconds (docs/dependencies.md).
 *
 * Source: RFC 1035 section 4, RFC 6891 for EDNS(0), RFC 2308 for negative answers.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

enum {
	MESSAGE_HEADER = 12,
	MESSAGE_QUESTION_MAX = 4096, /* bytes of a question that is looked at */
	MESSAGE_MAX = 65535,
	MESSAGE_UDP = 512, /* bytes of an answer to who does not say otherwise */
	MESSAGE_NAME = 254,
};

enum message_type {
	MESSAGE_A = 1,
	MESSAGE_SOA = 6,
	MESSAGE_PTR = 12,
	MESSAGE_AAAA = 28,
	MESSAGE_OPT = 41,
	MESSAGE_ANY = 255,
};

enum message_code {
	MESSAGE_NOERROR = 0,
	MESSAGE_FORMERR = 1,
	MESSAGE_SERVFAIL = 2,
	MESSAGE_NXDOMAIN = 3,
	MESSAGE_NOTIMP = 4,
	MESSAGE_REFUSED = 5,
	MESSAGE_BADVERS = 16, /* of EDNS */
};

struct message_question {
	char name[MESSAGE_NAME]; /* lower case, without the last dot; "" is the root */
	bool plain;		 /* false: @name is empty, for it has bytes that no text shows */
	unsigned labels;
	uint16_t type, class;
	size_t end; /* bytes of the header and the question */
	bool edns;
	uint8_t edns_version;
	uint16_t edns_size; /* of the answer, in bytes */
};

/**
 * message_parse() - read a question
 * @data:	a message
 * @size:	bytes
 * @out:	filled in; on -EINVAL and -EOPNOTSUPP fit for reply_begin() and nothing else
 *
 * Return: 0; -EBADMSG when it is no question at all and gets no answer; -EINVAL when it is broken;
 * -EOPNOTSUPP when it is no query.
 */
must_check int message_parse(const uint8_t *data, size_t size, struct message_question *out);

/**
 * message_room() - bytes that an answer over UDP may have
 * @question:	from message_parse()
 * @most:	that can be sent at all
 *
 * Return: 512 or what EDNS(0) announced, at most @most.
 */
size_t message_room(const struct message_question *question, size_t most);

/**
 * message_matches() - whether a message answers a question
 * @question:	the question's bytes, read by message_parse() before
 * @end:	bytes of its header and question section
 * @answer:	a message
 * @size:	bytes
 *
 * The id and the question must be the same; a failure may come without the question.
 *
 * Return: whether it does.
 */
bool message_matches(const uint8_t *question, size_t end, const uint8_t *answer, size_t size);

/**
 * message_code() - how an answer says that it went
 * @answer:	at least MESSAGE_HEADER bytes
 *
 * Return: an enum message_code below 16.
 */
static inline int message_code(const uint8_t *answer)
{
	return answer[3] & 0x0f;
}

/**
 * message_cut() - shorten an answer that does not fit, and mark it
 * @answer:	becomes its header and question
 * @size:	bytes
 *
 * Whoever asked asks again over TCP.
 *
 * Return: bytes that are left.
 */
size_t message_cut(uint8_t *answer, size_t size);

/* An answer of our own. */
struct reply {
	uint8_t *data;
	size_t size;
	size_t room; /* for records; what does not fit marks the answer as cut */
	size_t end;  /* of the question */
	bool edns;
	int code;
};

/**
 * reply_begin() - an answer without records
 * @reply:	filled in
 * @data:	room for the answer; may be where the question is
 * @room:	bytes, at least those of the question and 11 more
 * @asked:	the question's bytes
 * @question:	what they say
 * @code:	an enum message_code
 */
void reply_begin(struct reply *reply, uint8_t *data, size_t room, const uint8_t *asked,
		 const struct message_question *question, int code);

/**
 * reply_address() - add an address of the name that was asked for
 * @reply:	grows, or is marked as cut
 * @type:	MESSAGE_A or MESSAGE_AAAA
 * @address:	4 or 16 bytes
 */
void reply_address(struct reply *reply, enum message_type type, const void *address);

/**
 * reply_name() - add the name of the address that was asked for
 * @reply:	grows, or is marked as cut
 * @name:	as name_valid() has it
 */
void reply_name(struct reply *reply, const char *name);

/**
 * reply_end() - finish an answer
 * @reply:	without records it gets the SOA that a negative answer has
 *
 * Return: its bytes.
 */
size_t reply_end(struct reply *reply);

/**
 * name_valid() - whether a text can be a name in the DNS
 * @name:	labels of 1 to 63 printable bytes with dots between them, 253 bytes at most
 *
 * Return: whether it is.
 */
bool name_valid(const char *name);

/**
 * name_lower() - the form in which names are compared
 * @c:	a byte
 *
 * Return: ASCII letters in lower case, all else as it is.
 */
static inline char name_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/**
 * name_reverse() - the address that a name below in-addr.arpa or ip6.arpa stands for
 * @name:	in lower case
 * @out:	4 or 16 bytes; set on success only
 *
 * Return: AF_INET, AF_INET6, or 0 when it stands for none.
 */
int name_reverse(const char *name, struct in6_addr *out);
