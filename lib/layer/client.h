/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - asking cubby-layer to apply, hash, read and write layers and archives
 *
 * Everything that inflates, hashes or parses bytes of strangers happens in the helper program
 * cubby-layer, which sees no path of the host: it works on the descriptors that a request hands
 * over. One helper serves requests one after the other; who wants two layers applied at the same
 * time opens two. A helper that is closed in the middle of a request is killed; what it had written
 * until then stays where it was written, which is why callers let it write to temporary places.
 *
 * A request is sent by its _start function and answered through its _finish function; between them
 * layer_helper_fd() becomes readable when the answer has come or the helper has died, so many
 * helpers can be waited for in one loop. The functions without suffix do both.
 *
 * Layers whose tar leans on lower ones. Most layers can be written without knowing what lies below
 * them, and are the same wherever they are used: they belong to their diff id. Three kinds of entry
 * need the lower layers: a file whose folder has no entry in this layer (its mode and owner are the
 * lower folder's, and it may really be a link), a hard link to a file of a lower layer, a deletion
 * below a folder that is not there. layer_apply() writes them to the journal and counts them in
 * .deferred; when that is not 0, layer_fixup() must be called with the lower layers before the layer
 * is used, and the result is right for this chain of layers only: it must be stored under the chain
 * id, not under the diff id. With LAYER_LOWEST there is nothing to fix up, but the count has the
 * same meaning: above another layer these bytes would give another tree. (The chain id of a lowest
 * layer is its diff id, so it can be found there; whoever looks for it from higher up must see that
 * .deferred was not 0.)
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "layer/job.h"

struct layer_helper;

/* How helpers are started. */
struct layer_host {
	const char *program; /* path of cubby-layer */
	int userns; /* user namespace to enter as its root, or -1 when this is the right one */
};

/**
 * layer_helper_open() - start a helper
 * @host:	how
 * @out:	to be released with layer_helper_close; set on success only
 * @err:	says what is missing
 *
 * The helper dies with the calling thread.
 *
 * Return: 0; -ENOENT when the program is not there; -EPERM when it may not enter the user namespace.
 */
must_check int layer_helper_open(const struct layer_host *host, struct layer_helper **out,
				 struct err *err);

/**
 * layer_helper_close() - end a helper, killing it when it is at work
 * @helper:	may be NULL
 */
void layer_helper_close(struct layer_helper *helper);

DEFINE_AUTO_PTR(layer_helper, struct layer_helper, layer_helper_close)

/**
 * layer_helper_fd() - what becomes readable with the answer or the helper's death
 * @helper:	with a request under way
 *
 * Return: a descriptor that belongs to @helper.
 */
int layer_helper_fd(const struct layer_helper *helper);

/**
 * layer_apply_start() - begin to unpack a layer
 * @helper:	without a request under way
 * @req:	the descriptors may be closed when this returns
 * @err:	says why the helper does not listen
 *
 * Return: 0; -EPIPE when the helper is dead.
 */
must_check int layer_apply_start(struct layer_helper *helper, const struct layer_apply *req,
				 struct err *err);

/**
 * layer_apply_finish() - wait for the layer
 * @helper:	after layer_apply_start
 * @out:	to be released with layer_applied_clear; set on success only
 * @err:	says what is wrong with the layer
 *
 * On failure the directory holds a part of the layer; the caller removes it.
 *
 * Return: 0; -EBADMSG when the blob is damaged, is no tar, or attacks; -EFBIG when a limit of
 * layer/limits.h is passed; -EOVERFLOW when an owner has no id here; -EPIPE when the helper died;
 * otherwise what the kernel said (-ENOSPC, -EDQUOT).
 */
must_check int layer_apply_finish(struct layer_helper *helper, struct layer_applied *out,
				  struct err *err);

/**
 * layer_applied_clear() - release what layer_apply_finish gave
 * @applied:	empty afterwards
 */
void layer_applied_clear(struct layer_applied *applied);

static inline void auto_layer_applied(struct layer_applied *applied)
{
	layer_applied_clear(applied);
}

/**
 * layer_fixup() - give entries that lean on lower layers what those have
 * @helper:	without a request under way
 * @req:	which layer, over which
 * @err:	says what is missing below
 *
 * Return: 0; -ENOENT when a hard link's file is in none of the layers; as layer_apply_finish otherwise.
 */
must_check int layer_fixup(struct layer_helper *helper, const struct layer_fixup *req,
			   struct err *err);

/**
 * layer_ingest() - copy a stream into a file and hash it
 * @helper:	without a request under way
 * @from:	file, pipe or socket; read from where it stands
 * @to:		empty regular file, or -1 to hash only
 * @flags:	LAYER_SYNC; LAYER_INSIDE; LAYER_INFLATE writes and hashes what the stream holds
 * @out:	to be released with layer_digest_clear; set on success only
 * @err:	says what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_ingest(struct layer_helper *helper, int from, int to, int flags,
			    struct layer_digest *out, struct err *err);

/**
 * layer_compress_start() - begin to compress a blob
 * @helper:	without a request under way
 * @req:	the descriptors may be closed when this returns
 * @err:	says why the helper does not listen
 *
 * Return: 0; -EPIPE when the helper is dead.
 */
must_check int layer_compress_start(struct layer_helper *helper, const struct layer_compress *req,
				    struct err *err);

/**
 * layer_compress_finish() - wait for it
 * @helper:	after layer_compress_start
 * @out:	of the compressed bytes, and as .inside of the plain ones; to be released with
 *		layer_digest_clear; set on success only
 * @err:	says what failed
 *
 * Return: 0; -EINVAL for a level that the packing does not have; -EBADMSG when the blob is damaged;
 * otherwise a negative errno.
 */
must_check int layer_compress_finish(struct layer_helper *helper, struct layer_digest *out,
				     struct err *err);

/**
 * layer_digest_of() - hash bytes in memory
 * @helper:	without a request under way
 * @data:	the bytes
 * @size:	how many
 * @out:	to be released with layer_digest_clear; set on success only
 * @err:	says what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_digest_of(struct layer_helper *helper, const void *data, size_t size,
			       struct layer_digest *out, struct err *err);

/**
 * layer_hash_start() - begin to hash files
 * @helper:	without a request under way
 * @dir:	directory that the paths begin at; may be O_PATH, and be closed when this returns
 * @paths:	of regular files; any bytes; no link is followed
 * @count:	how many
 * @out:	for layer_hash_finish; set on success only
 * @err:	says why the helper does not listen
 *
 * Return: 0; -EPIPE when the helper is dead.
 */
must_check int layer_hash_start(struct layer_helper *helper, int dir, const char *const *paths,
				size_t count, struct layer_hashing *out, struct err *err);

/**
 * layer_hash_finish() - wait for the digests
 * @helper:	after layer_hash_start
 * @hashing:	what that gave; good for nothing afterwards, whatever comes
 * @out:	room for .count digests of LAYER_SUM_BYTES, in the order of the paths
 * @err:	names the file that failed
 *
 * What grows meanwhile is hashed up to the size that it had.
 *
 * Return: 0; -ELOOP and -ESTALE for what is no regular file; -EPIPE when the helper died; otherwise what
 * the kernel said of the file.
 */
must_check int layer_hash_finish(struct layer_helper *helper, struct layer_hashing *hashing,
				 unsigned char *out, struct err *err);

/**
 * layer_hash_files() - hash files
 * @helper:	without a request under way
 * @dir:	as layer_hash_start()
 * @paths:	as layer_hash_start()
 * @count:	how many
 * @out:	as layer_hash_finish()
 * @err:	names the file that failed
 *
 * Return: as layer_hash_finish().
 */
must_check int layer_hash_files(struct layer_helper *helper, int dir, const char *const *paths,
				size_t count, unsigned char *out, struct err *err);

/**
 * layer_is_archive() - whether a file is a tar, compressed or not
 * @helper:	without a request under way
 * @file:	regular file, open for reading; looked at from its beginning
 * @err:	what failed
 *
 * Return: 1 or 0; a negative errno when it cannot be read.
 */
must_check int layer_is_archive(struct layer_helper *helper, int file, struct err *err);

/**
 * layer_digest_clear() - release a digest
 * @digest:	empty afterwards
 */
void layer_digest_clear(struct layer_digest *digest);

static inline void auto_layer_digest(struct layer_digest *digest)
{
	layer_digest_clear(digest);
}

/**
 * layer_unarchive() - take every file out of an archive of images
 * @helper:	without a request under way
 * @archive:	tar, possibly compressed; file or pipe, read from where it stands to its end
 * @dir:	empty directory; files are made in it under names of the helper's own
 * @out:	one item for each regular file and each link to one, sorted by name; to be released with
 *		layer_members_clear; set on success only
 * @err:	says what is wrong with the archive
 *
 * Links are followed inside the archive only; those that lead nowhere are left out. Of two members of one name the last counts.
 *
 * Return: 0; -EBADMSG when it is no archive or damaged; -EFBIG when a limit is passed.
 */
must_check int layer_unarchive(struct layer_helper *helper, int archive, int dir,
			       struct layer_members *out, struct err *err);

/**
 * layer_members_clear() - release what layer_unarchive gave
 * @members:	empty afterwards
 */
void layer_members_clear(struct layer_members *members);

static inline void auto_layer_members(struct layer_members *members)
{
	layer_members_clear(members);
}

/**
 * layer_archive() - write an archive
 * @helper:	without a request under way
 * @req:	what goes in; the same request writes the same bytes
 * @err:	names the part that failed
 *
 * Return: 0; -EBADMSG when a part has not the digest it must have; -EPIPE when nobody reads @req->out.
 */
must_check int layer_archive(struct layer_helper *helper, const struct layer_archive *req,
			     struct err *err);

/**
 * layer_single() - begin to make one file of an image's layers (layer/single.h)
 * @helper:	of the program cubby-single, without a request under way
 * @out:	empty regular file, open for reading and writing
 * @flags:	LAYER_SINGLE_ALL
 * @err:	what failed
 *
 * What the helper had begun before is given up.
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_single(struct layer_helper *helper, int out, int flags, struct err *err);

/**
 * layer_single_start() - begin to read the next layer, from the uppermost down
 * @helper:	without a request under way
 * @req:	.blob, .more and .max_bytes count; the descriptors may be closed when this returns
 * @err:	says why the helper does not listen
 *
 * The answer is taken by layer_apply_finish().
 *
 * Return: 0; -EPIPE when the helper is dead.
 */
must_check int layer_single_start(struct layer_helper *helper, const struct layer_apply *req,
				  struct err *err);

/**
 * layer_single_end() - join the layers and write the rest of the file
 * @helper:	without a request under way
 * @trailer:	text that is put behind the file system
 * @out_size:	bytes of the file; set on success only
 * @err:	what failed
 *
 * Return: 0; -EAGAIN when it must be made with LAYER_SINGLE_ALL; otherwise a negative errno.
 */
must_check int layer_single_end(struct layer_helper *helper, const char *trailer, int64_t *out_size,
				struct err *err);

/**
 * layer_pack() - pack a directory into a tar
 * @helper:	without a request under way
 * @req:	which directory, and where to
 * @out:	digest and size of the tar; to be released with layer_digest_clear; set on success only
 * @err:	names the file that failed
 *
 * Sorted by name; owners are the ids of the user namespace; the same tree gives the same bytes.
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_pack(struct layer_helper *helper, const struct layer_pack *req,
			  struct layer_digest *out, struct err *err);

/**
 * layer_pack_start() - begin to pack a directory
 * @helper:	without a request under way
 * @req:	as for layer_pack(); its descriptors may be closed when this returns
 * @err:	says why the helper does not listen
 *
 * Return: 0; -EPIPE when the helper is dead.
 */
must_check int layer_pack_start(struct layer_helper *helper, const struct layer_pack *req,
				struct err *err);

/**
 * layer_pack_finish() - wait for it
 * @helper:	after layer_pack_start
 * @out:	as of layer_pack(); set on success only
 * @err:	names the file that failed
 *
 * Return: as layer_pack().
 */
must_check int layer_pack_finish(struct layer_helper *helper, struct layer_digest *out,
				 struct err *err);

/**
 * layer_recipe() - note how a layer's tar is made again of its files (layer/recipe.h)
 * @helper:	in the user namespace, without a request under way
 * @blob:	the layer, compressed or not
 * @diff:	what it was unpacked to
 * @to:		empty file; on disk when this returns
 * @out:	digest and size of the tar; to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * Return: 0; -EBADMSG when the blob is damaged; otherwise a negative errno.
 */
must_check int layer_recipe(struct layer_helper *helper, int blob, int diff, int to,
			    struct layer_digest *out, struct err *err);

/**
 * layer_follow() - make the tar again
 * @helper:	in the user namespace, without a request under way
 * @recipe:	as layer_recipe() wrote it
 * @diff:	the files
 * @to:		empty file
 * @out:	digest and size of what was written, to be compared; likewise
 * @err:	which file failed
 *
 * Return: 0; -EBADMSG when the recipe is damaged or a file is shorter than it was; -ENOENT; otherwise a
 * negative errno.
 */
must_check int layer_follow(struct layer_helper *helper, int recipe, int diff, int to,
			    struct layer_digest *out, struct err *err);
