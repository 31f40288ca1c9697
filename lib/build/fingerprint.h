/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fingerprint - the digest of what a step sees
 *
 * The key of a step in the build cache has it in: relative names, kinds, modes, contents, targets of links,
 * attributes that are copied, which names are one inode; owners where they are copied. Times are not in it,
 * as a checkout gives files new ones.
 */
#pragma once

#include "base/err.h"
#include "build/selection.h"
#include "layer/client.h"
#include "store/hashes.h"

/**
 * selection_digest() - the digest of a selection
 * @selection:	its entries get their .sum
 * @helpers:	idle; the files are shared out among them
 * @count:	of @helpers; at least one
 * @hashes:	opened before the selection was made; files found there are not read, the others are noted
 *		(not saved); or NULL
 * @out:	"sha256:HEX", to be freed; set on success only
 * @err:	names the file that failed
 *
 * Return: 0; -EACCES and other negative errnos of files.
 */
must_check int selection_digest(struct selection *selection, struct layer_helper *const *helpers,
				size_t count, struct hashes *hashes, char **out, struct err *err);
