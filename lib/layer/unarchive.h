/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unarchive - taking the files out of an archive of images, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * unarchive_stream() - take every file out
 * @archive:	read from where it stands to its end
 * @dir:	empty directory
 * @out:	to be released with layer_members_clear; set on success only
 * @err:	what is wrong with the archive
 *
 * Return: as layer_unarchive().
 */
must_check int unarchive_stream(int archive, int dir, struct layer_members *out, struct err *err);
