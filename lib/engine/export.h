/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * export - a container's or a volume's files as a tar
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"

/**
 * container_export() - write a container's root file system
 * @engine:	the engine
 * @id:		full id
 * @to:		where the tar goes: file, pipe, socket
 * @err:	names the file that failed
 *
 * What is mounted in it is left out, whether it runs or not. Owners are those that the container sees.
 *
 * Return: 0; -EPIPE when nobody reads; otherwise a negative errno.
 */
must_check int container_export(struct engine *engine, const char *id, int to, struct err *err);

/**
 * volume_export() - write a volume's files
 * @engine:	the engine
 * @name:	of the volume
 * @to:		where the tar goes: file, pipe, socket
 * @err:	names the file that failed
 *
 * Return: 0; -ENOENT; -EPIPE; otherwise a negative errno.
 */
must_check int volume_export(struct engine *engine, const char *name, int to, struct err *err);

/**
 * volume_import() - unpack a tar into a volume
 * @engine:	the engine
 * @name:	of the volume
 * @from:	tar, possibly compressed; file or pipe, read from where it stands to its end
 * @err:	what is wrong with the tar
 *
 * What is there stays unless the tar has something under its name. A volume that holds files is not filled from an
 * image any more.
 *
 * Return: 0; -ENOENT; -EBADMSG for the tar; otherwise a negative errno.
 */
must_check int volume_import(struct engine *engine, const char *name, int from, struct err *err);
