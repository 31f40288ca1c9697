/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbom_fuzz - what scanners write, and commands of scanners
 *
 * The first byte says how they are merged, or that it is a command; documents stand between bytes 0x1e. What was
 * merged has all of the last document: with that once more it stays as it is.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "build/sbommerge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct sbom_parts *parts, const char *bytes, size_t size)
{
	*vec_push(parts) = (struct sbom_part){ .command = str_dup("scan"),
					       .bytes = mem_copy(bytes, size),
					       .size = size };
}

static void split(const char *bytes, size_t size, struct sbom_parts *out)
{
	for (;;) {
		const char *end = memchr(bytes, 0x1e, size);
		const size_t n = end ? (size_t)(end - bytes) : size;
		add(out, bytes, n);
		if (!end)
			return;
		bytes += n + 1;
		size -= n + 1;
	}
}

static void merge(enum sbom_strategy strategy, const char *bytes, size_t size)
{
	AUTO(sbom_parts) struct sbom_parts parts = { 0 }, again = { 0 };
	AUTO(sbom_merged) struct sbom_merged merged = { 0 }, second = { 0 };
	AUTO(err) struct err err = { 0 };

	split(bytes, size, &parts);
	if (sbom_merge(strategy, &parts, &merged, &err) < 0) {
		bug_unless(err.code < 0 && err.text);
		return;
	}
	if (strategy < SBOM_CYCLONEDX || parts.count < 2)
		return;
	const struct sbom_part *last = &parts.items[parts.count - 1];
	add(&again, merged.bytes, merged.size);
	add(&again, last->bytes, last->size);
	bug_unless(sbom_merge(strategy, &again, &second, &err) == 0);
	bug_unless(str_eq(merged.bytes, second.bytes));
}

static void command(const char *bytes, size_t size)
{
	static const struct sbom_places places = { "/r", "/c", "/o" };
	const struct strv none = { 0 };
	AUTO(mem) char *text = str_ndup(bytes, size);
	AUTO(sbom) struct sbom sbom = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(strv) struct strv words = { 0 };
	const struct sbom_typed typed = {
		.image = "i", .commands = { &text, 1 }, .strategy = "cat", .image_output = text
	};

	if (sbom_choose(&typed, &sbom, &err) < 0)
		bug_unless(err.code < 0 && err.text);
	else
		sbom_command_words(&sbom.commands.items[0], &none, &places, &words);
	for (size_t i = 0; i < words.count; i++)
		bug_unless(!strstr(words.items[i], "{OUTPUT}"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;

	if (!size)
		return 0;
	if (bytes[0] == '0')
		command(bytes + 1, size - 1);
	else
		merge((enum sbom_strategy)(bytes[0] & 3), bytes + 1, size - 1);
	return 0;
}
