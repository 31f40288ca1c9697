/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * imagetree - the files that layers come to, without a container
 *
 * The layers are mounted with nothing to write to, so nothing that only a start would make is among the files.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

/**
 * imagetree_export() - write the files as a tar
 * @engine:	the engine
 * @layers:	keys, lowest first; the caller sees to it that they stay
 * @to:		where the tar goes: file, pipe, socket
 * @err:	names the file that failed
 *
 * Return: 0; -EPIPE when nobody reads; otherwise a negative errno.
 */
must_check int imagetree_export(struct engine *engine, const struct strv *layers, int to,
				struct err *err);

/**
 * imagetree_unpack() - write the files into a folder of the caller's
 * @engine:	the engine
 * @layers:	as imagetree_export()
 * @folder:	is there; what is in it is replaced where the names are the same
 * @until:	when it can be read, nothing more is written, and nobody who would is left
 * @err:	names the file that failed
 *
 * They belong to the caller. What was written before a failure stays.
 *
 * Return: 0; -EINTR because of @until; otherwise a negative errno.
 */
must_check int imagetree_unpack(struct engine *engine, const struct strv *layers,
				const char *folder, int until, struct err *err);
