/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarmake - making tars in memory, also wrong ones, for the tests of this room
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MADE_BLOCK = 512 };

struct tarmake {
	char *data;
	size_t size;
};

struct made {
	const char *name;
	char type; /* 0 stands for '0' */
	const char *link;
	const char *data; /* text */
	uint32_t mode;	  /* 0 stands for 0644 */
	const char *uid;  /* octal, NULL is 0 */
	const char *size; /* octal, written in place of the real one */
	bool bad_sum;
};

static inline void made_bytes(struct tarmake *t, const void *data, size_t size)
{
	t->data = mem_resize(t->data, t->size + size + MADE_BLOCK, 1);
	if (size)
		memcpy(t->data + t->size, data, size);
	t->size += size;
	while (t->size % MADE_BLOCK)
		t->data[t->size++] = 0;
}

static inline void made_field(char *header, int at, int width, const char *octal)
{
	snprintf(header + at, (size_t)width, "%0*llo", width - 1,
		 (unsigned long long)strtoull(octal, NULL, 8));
}

static inline void made_entry(struct tarmake *t, const struct made *m)
{
	char header[MADE_BLOCK] = { 0 };
	char octal[32];
	unsigned int sum = m->bad_sum;

	memcpy(header, m->name, min_of(strlen(m->name), (size_t)100));
	snprintf(octal, sizeof octal, "%o", m->mode ? m->mode : 0644);
	made_field(header, 100, 8, octal);
	made_field(header, 108, 8, str_or(m->uid, "0"));
	made_field(header, 116, 8, "0");
	snprintf(octal, sizeof octal, "%zo", m->data ? strlen(m->data) : 0);
	made_field(header, 124, 12, str_or(m->size, octal));
	made_field(header, 136, 12, "14712345670");
	header[156] = m->type ? m->type : '0';
	if (m->link)
		memcpy(header + 157, m->link, min_of(strlen(m->link), (size_t)100));
	memcpy(header + 257, "ustar\00000", 8);
	memset(header + 148, ' ', 8);
	for (int i = 0; i < MADE_BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	made_bytes(t, header, sizeof header);
	if (m->data)
		made_bytes(t, m->data, strlen(m->data));
}

/* One pax record in a header of its own; @record without its length. */
static inline void made_pax(struct tarmake *t, const char *record)
{
	size_t length = strlen(record) + 2;

	/* The length counts its own digits. */
	for (int i = 0; i < 3; i++)
		length = (size_t)snprintf(NULL, 0, "%zu %s\n", length, record);
	AUTO(mem) char *text = str_fmt("%zu %s\n", length, record);
	made_entry(t, &(struct made){ "PaxHeaders/x", .type = 'x', .data = text });
}

static inline void made_end(struct tarmake *t)
{
	static const char zeros[2 * MADE_BLOCK];

	made_bytes(t, zeros, sizeof zeros);
}

static inline void auto_tarmake(struct tarmake *t)
{
	free(t->data);
}
