/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outer - whose user namespace can be joined on this host: userns/HOST.json
 *
 * The file names one live monitor. It is a hint: whoever reads it checks that the process is the one
 * recorded (pidfd, start time) and that its maps are the wanted ones. Read and written under LOCK_USERNS
 * of the host. It is written in place, always of one length: making a file for each start would cost a
 * fifth of a millisecond, and what a power cut tears names nobody.
 *
 * When the one that is recorded has ended, others may live. Each monitor holds a shared record lock (F_SETLK)
 * on userns/HOST.live, and the kernel names one of the holders to who asks: no record of a container has to
 * be read for that, however many there are.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "store/store.h"

struct outer_record {
	int pid;       /* as the host's /proc shows it */
	int64_t start; /* its start time (base/proc.h) */
	char *boot_id;
};

/**
 * outer_load() - read who is recorded
 * @store:	open store
 * @out:	to be released with outer_clear; set on success only
 *
 * Return: 0; -ENOENT when nobody of this boot is, or the file is damaged.
 */
must_check int outer_load(const struct store *store, struct outer_record *out);

/**
 * outer_save() - record a monitor
 * @store:	open store
 * @pid:	as the host's /proc shows it
 * @start:	its start time
 *
 * Return: 0 or a negative errno; failing costs the next one two milliseconds and nothing else.
 */
must_check int outer_save(const struct store *store, pid_t pid, uint64_t start);

/**
 * outer_hold() - say that this process can be joined, for as long as it lives
 * @store:	open store
 *
 * To be called once by a monitor, after it was forked. What it opens stays open: closing any descriptor of that
 * file, as outer_holder() does, would drop the lock.
 *
 * Return: 0 or a negative errno; failing costs what outer_save() costs.
 */
must_check int outer_hold(const struct store *store);

/**
 * outer_live() - the file that outer_hold() locks, for a process that takes the lock itself
 * @store:	open store
 *
 * Never to be called by a process that holds the lock: closing the descriptor would drop it.
 *
 * Return: a descriptor, owned by the caller, or a negative errno.
 */
must_check int outer_live(const struct store *store);

/**
 * outer_holder() - any process that can be joined
 * @store:	open store
 * @out_pid:	its number; set when there is one
 *
 * Return: a pidfd of it, owned by the caller; -ENOENT when there is none; -ESRCH when that cannot be told,
 * because it is not visible from here or no monitor of this host has ever said so.
 */
must_check int outer_holder(const struct store *store, pid_t *out_pid);

/**
 * outer_clear() - release a record
 * @record:	empty afterwards
 */
void outer_clear(struct outer_record *record);

static inline void auto_outer_record(struct outer_record *record)
{
	outer_clear(record);
}
