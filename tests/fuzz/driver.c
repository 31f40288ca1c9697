/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * driver - feeds a fuzzer with its corpus and with changed copies of it
 *
 *	FUZZER CORPUS [ROUNDS [SEED]]
 *
 * A fuzzer defines LLVMFuzzerTestOneInput(), so clang's libFuzzer can drive it as well. This driver
 * needs no special compiler: what makes it find things are the sanitizers. The same seed gives the
 * same inputs; the one at work is left in the file fuzz-input when the program dies of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { INPUT_MAX = 64 << 10, ROUNDS = 20000, CHANGES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* A fuzzer may have it. */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

struct input {
	uint8_t *bytes;
	size_t size;
};

struct corpus {
	struct input *items;
	size_t count;
};

/* xorshift64: good enough to choose places, and the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t below(uint64_t *state, size_t limit)
{
	return limit ? (size_t)(next_random(state) % limit) : 0;
}

static int load(const char *path, struct corpus *out)
{
	DIR *dir = opendir(path);

	if (!dir)
		return -errno;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char *bytes;
		size_t size;
		if (*entry->d_name == '.' ||
		    file_read(dirfd(dir), entry->d_name, INPUT_MAX, &bytes, &size) < 0)
			continue;
		*vec_push(out) = (struct input){ (uint8_t *)bytes, size };
	}
	closedir(dir);
	return 0;
}

/* Takes a piece of another input over, from a random place to a random place. */
static void take_over(uint64_t *state, const struct corpus *corpus, struct input *input)
{
	const struct input *other = &corpus->items[below(state, corpus->count)];
	size_t from = below(state, other->size);
	size_t n = below(state, min_of(other->size - from, (size_t)INPUT_MAX - input->size) + 1);
	size_t to = below(state, input->size + 1);

	memmove(input->bytes + to + n, input->bytes + to, input->size - to);
	memcpy(input->bytes + to, other->bytes + from, n);
	input->size += n;
}

static void change(uint64_t *state, const struct corpus *corpus, struct input *input)
{
	static const char special[] = "{}()|.$\"'`\\%-=:, \n\t0 9aZ/*\xff\x80";
	size_t at = below(state, input->size);

	switch (below(state, 4)) {
	case 0:
		if (input->size)
			input->bytes[at] = (uint8_t)next_random(state);
		break;
	case 1:
		if (input->size)
			input->bytes[at] = (uint8_t)special[below(state, sizeof special)];
		break;
	case 2:
		if (input->size) {
			size_t n = 1 + below(state, min_of(input->size - at, (size_t)16));
			memmove(input->bytes + at, input->bytes + at + n, input->size - at - n);
			input->size -= n;
		}
		break;
	default:
		take_over(state, corpus, input);
	}
}

/* The file stays open: closing one that was cut and written again makes some file systems write it out. */
static void keep(int file, const struct input *input)
{
	(void)!ftruncate(
		file, (off_t)input->size); /* without it there is no more than a number to go by */
	(void)!pwrite(file, input->bytes, input->size, 0);
}

int main(int argc, char **argv)
{
	struct corpus corpus = { 0 };
	uint64_t rounds = ROUNDS, state = 1;
	struct input input = { .bytes = mem_alloc(2 * INPUT_MAX, 1) };

	if (argc < 2 || load(argv[1], &corpus) < 0 || !corpus.count ||
	    (argc > 2 && str_u64(argv[2], UINT64_MAX, &rounds) < 0) ||
	    (argc > 3 && str_u64(argv[3], UINT64_MAX, &state) < 0)) {
		fprintf(stderr, "usage: %s CORPUS [ROUNDS [SEED]]\n", argv[0]);
		return 2;
	}
	int file = open("fuzz-input", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (LLVMFuzzerInitialize)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	for (size_t i = 0; i < corpus.count; i++) {
		keep(file, &corpus.items[i]);
		LLVMFuzzerTestOneInput(corpus.items[i].bytes, corpus.items[i].size);
	}
	for (uint64_t round = 0; round < rounds; round++) {
		const struct input *origin = &corpus.items[below(&state, corpus.count)];
		memcpy(input.bytes, origin->bytes, origin->size);
		input.size = origin->size;
		for (size_t n = 1 + below(&state, CHANGES); n > 0; n--)
			change(&state, &corpus, &input);
		keep(file, &input);
		LLVMFuzzerTestOneInput(input.bytes, input.size);
	}
	printf("%s: %zu inputs and %ju changed ones\n", argv[0], corpus.count, (uintmax_t)rounds);
	for (size_t i = 0; i < corpus.count; i++)
		free(corpus.items[i].bytes);
	free(corpus.items);
	free(input.bytes);
	close(file);
	return 0;
}
