/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_fuzz - any bytes as a layer, compressed or not, read to their end
 *
 * The first byte chooses: the whole way through stream and tar, with check sums as they are or made right,
 * written as zstd:chunked on the way or not, or the records of a pax header alone.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "layer/chunked.h"
#include "layer/name.h"
#include "layer/pax.h"
#include "layer/tar.h"
#include "tarsum.h"

enum { MAX_PLAIN = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_layer(int fd)
{
	const struct stream_plan plan = { .blob = fd, .more = -1, .max_bytes = MAX_PLAIN };
	AUTO(stream) struct stream *stream = NULL;
	AUTO(tar) struct tar *tar = NULL;
	struct tar_entry entry;
	struct tar_part part;

	if (stream_new(&plan, &stream, NULL) < 0)
		return;
	tar = tar_new(stream);
	while (tar_next(tar, &entry, NULL) > 0) {
		AUTO(name) struct name name = { 0 };
		(void)!name_parse(entry.path, &name, NULL); /* any answer will do */
		while (tar_part(tar, &part, NULL) > 0)
			;
	}
}

static void write_chunked(int fd)
{
	const struct stream_plan plan = { .blob = fd, .more = -1, .max_bytes = MAX_PLAIN };
	AUTO(fd) int out = memfd_create("packed", MFD_CLOEXEC);
	const struct layer_compress req = {
		.out = out, .more = -1, .packing = LAYER_PACKED_CHUNKED, .level = 1
	};
	AUTO(deflate) struct deflate *deflate = NULL;
	AUTO(stream) struct stream *stream = NULL;
	AUTO(strv) struct strv notes = { 0 };

	if (deflate_new(&req, &deflate, NULL) < 0 || stream_new(&plan, &stream, NULL) < 0)
		return;
	(void)!chunked_stream(stream, deflate, &notes, NULL); /* any answer will do */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] & 1) {
		AUTO(pax) struct pax pax = { 0 };
		AUTO(mem) char *text = mem_copy(data + 1, size - 1);
		(void)!pax_parse(text, size - 1, &pax); /* likewise */
		return 0;
	}
	AUTO(fd) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	AUTO(mem) uint8_t *bytes = mem_copy(data + 1, size - 1);
	if (!(data[0] & 2))
		tarsum_mend(bytes, size - 1);
	if (fd < 0 || fd_write_all(fd, (const char *)bytes, size - 1) < 0)
		return 0;
	if (data[0] & 4)
		write_chunked(fd);
	else
		read_layer(fd);
	return 0;
}
