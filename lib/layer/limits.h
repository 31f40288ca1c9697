/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * limits - how much of a stranger's layer or archive is too much
 *
 * Real images stay far below each of these; what passes one is refused with -EFBIG.
 */
#pragma once

#include <stdint.h>

enum layer_limits {
	LAYER_ENTRIES_MAX = 4 << 20,   /* entries of one tar */
	LAYER_PATH_MAX = 4095,	       /* bytes of a name in a tar */
	LAYER_DEPTH_MAX = 512,	       /* folders above a file */
	LAYER_IMPLIED_MAX = 512 << 10, /* folders of an image without an entry, made again or not */
	LAYER_TARGET_MAX = 4095,       /* bytes of a link's target */
	LAYER_XATTR_MAX = 64 << 10,    /* bytes of one attribute, the kernel's own limit */
	LAYER_XATTRS_MAX = 1 << 20,    /* bytes of all attributes of one entry */
	LAYER_MEMBERS_MAX = 10000,     /* files of an archive of images */
	LAYER_LOST_MAX = 16,	       /* sentences about what was left out */
	LAYER_WINDOW_LOG = 27,	       /* zstd: 128 MiB of window, what "zstd -d" accepts */
	LAYER_RATIO = 256,	       /* a tar is no more than so many times its blob ... */
};

#define LAYER_RATIO_FREE (INT64_C(1) << 30) /* ... and this many bytes */
#define LAYER_TAR_MAX (INT64_C(1) << 40)    /* bytes of a tar when the caller names no number */
