/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder - which process holds a network on this host: networks/NAME.HOST.holder
 *
 * A hint, as userns/HOST.json is: whoever reads it checks that the process is the one recorded (start time)
 * and that it holds the network of the wanted id. Written under LOCK_HOLDER.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "store/store.h"

struct holder_record {
	char *id;      /* of the network: one that was made again has another */
	int pid;       /* as the host's /proc shows it */
	int64_t start; /* its start time (base/proc.h) */
	char *boot_id;
};

/**
 * holder_load() - read who is recorded
 * @store:	open store
 * @network:	its name
 * @id:		of the network
 * @out:	to be released with holder_clear; set on success only
 *
 * Return: 0; -ENOENT when nobody of this boot is, or it held another network of that name.
 */
must_check int holder_load(const struct store *store, const char *network, const char *id,
			   struct holder_record *out);

/**
 * holder_save() - record a holder
 * @store:	open store
 * @network:	its name
 * @id:		of the network
 * @pid:	as the host's /proc shows it
 * @start:	its start time
 *
 * Return: 0 or a negative errno.
 */
must_check int holder_save(const struct store *store, const char *network, const char *id,
			   pid_t pid, uint64_t start);

/**
 * holder_drop() - forget who held a network that is taken away
 * @store:	open store
 * @network:	its name
 *
 * Other hosts' records are left: their ids say that they are of another network.
 */
void holder_drop(const struct store *store, const char *network);

/**
 * holder_clear() - release a record
 * @record:	empty afterwards
 */
void holder_clear(struct holder_record *record);

static inline void auto_holder_record(struct holder_record *record)
{
	holder_clear(record);
}
