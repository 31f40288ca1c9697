/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - the documents that make an image: index, manifest, config
 *
 *	index ──descriptor──▶ manifest ──descriptor──▶ config
 *	                               └─descriptors─▶ layers
 *
 * Digests are over the bytes as they came, so whoever keeps a document keeps its bytes; the structs
 * here are for reading. The printing functions are for documents that we make ourselves (import,
 * commit, build): their output is the bytes.
 *
 * What parsing guarantees about a document of a stranger:
 *   (1) it is at most JSON_MAX_BYTES long and not deep (base/json.h);
 *   (2) every digest in it is valid (oci/digest.h), every size between 0 and IMAGE_MAX_BLOB;
 *   (3) the media type that it came with, the one it names itself, and its shape agree: a document
 *       cannot be a manifest for one reader and an index for another;
 *   (4) there are at most IMAGE_MAX_LAYERS layers, IMAGE_MAX_MANIFESTS entries, and IMAGE_MAX_HISTORY
 *       lines of history;
 *   (5) environment entries have a name and a '='.
 *
 * Maps are kept as lists of "key=value", sorted by key; sets as sorted lists of their keys.
 *
 * Source: OCI image-spec v1.1; docker's image manifest v2 schema 2 and image spec v1.2.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/platform.h"

enum image_limits {
	IMAGE_MAX_LAYERS = 500,
	IMAGE_MAX_MANIFESTS = 1000,
	IMAGE_MAX_HISTORY = 5000,
};
#define IMAGE_MAX_BLOB (INT64_C(1) << 40)

struct descriptor {
	char *media_type;
	char *digest;
	int64_t size;		  /* bytes */
	char *artifact_type;	  /* or NULL */
	struct platform platform; /* in an index; os is NULL when there is none */
	struct strv annotations;  /* "key=value", sorted */
};

struct descriptors {
	struct descriptor *items;
	size_t count;
};

struct manifest {
	int schema_version;  /* 2 */
	char *media_type;    /* as the document says, or as it came with; never NULL once parsed */
	char *artifact_type; /* or NULL */
	struct descriptor config;
	struct descriptors layers;
	struct strv annotations;
};

struct image_index {
	int schema_version;
	char *media_type; /* as in struct manifest */
	struct descriptors manifests;
	struct strv annotations;
};

struct image_healthcheck {
	struct strv test; /* empty: inherited; "NONE"; "CMD", args…; "CMD-SHELL", line */
	int64_t interval; /* nanoseconds, 0: default; likewise the next ones */
	int64_t timeout;
	int64_t start_period;
	int64_t start_interval;
	int64_t retries;
};

/* What a container of the image runs by default. */
struct image_process {
	char *user;	 /* NULL: root */
	struct strv env; /* NAME=VALUE */
	struct strv entrypoint;
	struct strv cmd;
	char *workdir;		   /* or NULL */
	struct strv exposed_ports; /* "80/tcp", sorted */
	struct strv volumes;	   /* paths, sorted */
	struct strv labels;	   /* "key=value", sorted */
	char *stop_signal;	   /* "SIGQUIT", "3"; or NULL */
	int stop_timeout;	   /* seconds; -1: not said */
	struct image_healthcheck healthcheck;
	struct strv shell;
	struct strv on_build;
};

struct image_history {
	char *created;
	char *created_by;
	char *author;
	char *comment;
	bool empty_layer;
};

struct image_histories {
	struct image_history *items;
	size_t count;
};

struct image_config {
	struct platform platform; /* os is "linux" when not said; architecture may be NULL */
	char *created;		  /* RFC 3339, or NULL */
	char *author;
	struct image_process config;
	struct strv diff_ids; /* digests of the layers' tar streams, lowest first */
	struct image_histories history;
};

/**
 * manifest_parse() - read a manifest
 * @text:		the bytes
 * @size:		how many
 * @media_type:		what it came with (Content-Type or a descriptor), or NULL when nothing says
 * @out:		to be released with manifest_free; set on success only
 * @err:		says what is wrong
 *
 * An artifact (its config is no image's) is parsed: whether it can be run is manifest_check_image().
 *
 * Return: 0; -EBADMSG when it breaks a guarantee above or is no manifest.
 */
must_check int manifest_parse(const char *text, size_t size, const char *media_type,
			      struct manifest **out, struct err *err);

/**
 * manifest_check_image() - refuse a manifest that is no image
 * @manifest:	parsed
 * @err:	says what it is instead
 *
 * Config and layers must have the media types of an image (OCI and docker's may be mixed).
 *
 * Return: 0 or -EBADMSG.
 */
must_check int manifest_check_image(const struct manifest *manifest, struct err *err);

/**
 * manifest_print() - the document of a manifest that we made
 * @manifest:	media_type chooses OCI's or docker's form
 *
 * Return: its bytes, to be freed; never NULL.
 */
must_check char *manifest_print(const struct manifest *manifest);

/**
 * manifest_free() - release a manifest
 * @manifest:	may be NULL
 */
void manifest_free(struct manifest *manifest);

/**
 * image_index_parse() - read an index, or docker's manifest list
 * @text:		the bytes
 * @size:		how many
 * @media_type:		what it came with, or NULL when nothing says
 * @out:		to be released with image_index_free; set on success only
 * @err:		says what is wrong
 *
 * Return: 0; -EBADMSG when it breaks a guarantee above or is no index.
 */
must_check int image_index_parse(const char *text, size_t size, const char *media_type,
				 struct image_index **out, struct err *err);

/**
 * image_index_choose() - the entry that suits a platform best
 * @index:	parsed; entries of platform "unknown" (attestations) and those that are no manifest are
 *		passed over
 * @want:	what is asked for
 * @err:	names what is asked for and what is there
 *
 * The first of equally good entries wins. An entry that names no platform is taken only when it is
 * the only image there.
 *
 * Return: its number in @index->manifests, or -ENOENT.
 * Source: OCI image-spec v1.1 "Image Index", platform.
 */
must_check int image_index_choose(const struct image_index *index, const struct platform *want,
				  struct err *err);

/**
 * image_index_print() - the document of an index
 * @index:	media_type chooses OCI's or docker's form
 *
 * Return: its bytes, to be freed; never NULL.
 */
must_check char *image_index_print(const struct image_index *index);

/**
 * image_index_free() - release an index
 * @index:	may be NULL
 */
void image_index_free(struct image_index *index);

/**
 * image_config_parse() - read an image's config
 * @text:	the bytes
 * @size:	how many
 * @out:	to be released with image_config_free; set on success only
 * @err:	says what is wrong
 *
 * Environment entries without '=' or without a name are dropped: they would take the host's value
 * elsewhere.
 *
 * Return: 0; -EBADMSG when it breaks a guarantee above.
 */
must_check int image_config_parse(const char *text, size_t size, struct image_config **out,
				  struct err *err);

/**
 * image_config_check() - compare a config with the manifest that names it
 * @config:	parsed
 * @manifest:	parsed
 * @err:	says what differs
 *
 * Return: 0; -EBADMSG when there are not as many diff ids as layers, or more lines of history with
 * content than layers (builders leave lines out).
 */
must_check int image_config_check(const struct image_config *config,
				  const struct manifest *manifest, struct err *err);

/**
 * image_config_print() - the document of a config that we made
 * @config:	printed
 *
 * Return: its bytes, to be freed; never NULL.
 */
must_check char *image_config_print(const struct image_config *config);

/**
 * image_config_new() - an empty config, with stop_timeout not said
 *
 * Return: to be released with image_config_free; never NULL.
 */
must_check struct image_config *image_config_new(void);

/**
 * image_config_free() - release a config
 * @config:	may be NULL
 */
void image_config_free(struct image_config *config);

/**
 * image_histories_clear() - release all lines of a history
 * @history:	empty afterwards
 */
void image_histories_clear(struct image_histories *history);

/**
 * image_process_copy() - a deep copy
 * @to:		zeroed, or an owned one, which is released
 * @from:	copied
 */
void image_process_copy(struct image_process *to, const struct image_process *from);

/**
 * image_process_clear() - release the texts and lists
 * @process:	zeroed afterwards, with stop_timeout not said
 */
void image_process_clear(struct image_process *process);

/**
 * descriptor_copy() - a deep copy
 * @to:		zeroed, or an owned one, which is released
 * @from:	copied
 */
void descriptor_copy(struct descriptor *to, const struct descriptor *from);

/**
 * descriptor_clear() - release the texts and lists
 * @descriptor:	zeroed afterwards
 */
void descriptor_clear(struct descriptor *descriptor);

DEFINE_AUTO_PTR(manifest, struct manifest, manifest_free)
DEFINE_AUTO_PTR(image_index, struct image_index, image_index_free)
DEFINE_AUTO_PTR(image_config, struct image_config, image_config_free)

static inline void auto_descriptor(struct descriptor *descriptor)
{
	descriptor_clear(descriptor);
}

static inline void auto_image_process(struct image_process *process)
{
	image_process_clear(process);
}
