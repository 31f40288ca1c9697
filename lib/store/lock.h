/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock - one writer for each object, and whether a container's monitor lives
 *
 * Locks are bytes of the file `lock` in the store, at a place computed from kind and name, held
 * through an open file description (F_OFD_SETLK). So a lock needs no file of its own: none to make
 * when the disk is full, none to leave behind. They reach across hosts where the file system's locks
 * do. A forked child shares the lock of its parent until both have closed it; execve drops it unless
 * the descriptor is passed on purpose.
 *
 * Order. Whoever holds a lock waits only for kinds that come later in enum lock_kind; several of one
 * kind are waited for in the order of their names. LOCK_TRY may be used in any order. Of LOCK_IMAGES,
 * LOCK_NAME and LOCK_USERNS none is held while anything slow happens.
 *
 * What each protects:
 *   LOCK_BUILD		of the empty name, shared: a build is under way, its cache stays. "step:KEY": doing
 *			a step, which others wait for. "container:ID": the build of that container lives.
 *			"mount:NAME": a cache that one step at a time may use
 *   LOCK_NETWORK	a network's configuration and its holder's coming and going; of the empty name: choosing
 *			subnets and names of new networks, which sees all others
 *   LOCK_CONTAINER	a record and its folder: start, stop, rm, rename, update. A monitor shares its
 *			caller's until the container runs; then its life is seen by the liveness lock
 *   LOCK_HOLDER	finding or starting the process that holds a network on this host
 *   LOCK_VOLUME	making, removing and filling a volume
 *   LOCK_ASK		asking a registry for what a name means (turn.h)
 *   LOCK_LAYER		unpacking a layer; held until an image or a container refers to it, shared
 *			or not: a layer whose lock is held is not taken away
 *   LOCK_BLOB		fetching a blob; held likewise
 *   LOCK_IMAGES	the image index (exclusive to change it; shared from finding an image to
 *			having a record that uses it)
 *   LOCK_IDS		from choosing the ids of --userns auto to having a record that says so
 *   LOCK_NAME		a container's name: from claiming it to the record's appearance, and while a name
 *			whose record has gone is taken away
 *   LOCK_TEMP		a temporary object: its owner lives
 *   LOCK_USERNS	finding or making the outer user namespace of this host
 *   LOCK_EVENTS	moving a full log of events away; only tried, never waited for
 *   LOCK_SENT	changing what is known of blobs in registries; no other lock is waited for meanwhile
 *   LOCK_HASHES	changing what is known of files that were hashed; likewise
 *
 * Liveness is another thing: a POSIX record lock (F_SETLK) on containers/ID/alive, which no child
 * inherits. Closing any descriptor of that file in the process that holds it drops it.
 */
#pragma once

#include "base/err.h"
#include "store/store.h"

enum lock_kind {
	LOCK_BUILD,
	LOCK_NETWORK,
	LOCK_CONTAINER,
	LOCK_HOLDER, /* name: NETWORK/HOST */
	LOCK_VOLUME,
	LOCK_ASK, /* name: the question's note */
	LOCK_LAYER,
	LOCK_BLOB,
	LOCK_IMAGES, /* name: "" */
	LOCK_IDS,    /* name: "" */
	LOCK_NAME,
	LOCK_TEMP,
	LOCK_USERNS, /* name: the host's id */
	LOCK_EVENTS, /* name: "" */
	LOCK_SENT,   /* name: "" */
	LOCK_HASHES, /* name: "" */
};

enum lock_mode {
	LOCK_EXCLUSIVE = 0,
	LOCK_SHARED = 1 << 0,
	LOCK_TRY = 1 << 1, /* do not wait */
};

/**
 * lock_take() - take a lock
 * @store:	open store
 * @kind:	of object
 * @name:	id, digest, name or path as the kind has it
 * @mode:	enum lock_mode, joined
 * @out:	the descriptor that holds it; closing it (AUTO(fd)) lets go; set on success only
 * @err:	names the object; not set for -EAGAIN
 *
 * Return: 0; -EAGAIN when LOCK_TRY finds it held; -EROFS when the store cannot be written.
 */
must_check int lock_take(const struct store *store, enum lock_kind kind, const char *name, int mode,
			 int *out, struct err *err);

/**
 * lock_place() - the number of an object, for a file that is named for it
 * @kind:	of object
 * @name:	as lock_take()
 *
 * Return: its byte in the file of locks; two objects may share one.
 */
off_t lock_place(enum lock_kind kind, const char *name);

/**
 * lock_share() - make an exclusive lock a shared one, without letting go in between
 * @lock:	what lock_take gave
 * @kind:	as then
 * @name:	as then
 *
 * Return: 0 or a negative errno; the lock is still held exclusively then.
 */
must_check int lock_share(int lock, enum lock_kind kind, const char *name);

/**
 * liveness_take() - say that this process is the container's monitor, for as long as it lives
 * @store:	open store
 * @id:		full id
 * @out:	descriptor that must stay open and be the only one of that file in this process
 * @err:	names the container
 *
 * To be called once, by the monitor itself after it was forked. Never ask liveness_ask() about the
 * own container afterwards: it would drop the lock.
 *
 * Return: 0; -EBUSY when another process is its monitor; -ENOENT when there is no such container.
 */
must_check int liveness_take(const struct store *store, const char *id, int *out, struct err *err);

/**
 * liveness_ask() - whether a container's monitor lives
 * @store:	open store
 * @id:		full id
 *
 * Takes nothing.
 *
 * Return: 1 when it lives, 0 when not; -ENOENT when there is no such container; otherwise what the
 * kernel said.
 */
must_check int liveness_ask(const struct store *store, const char *id);

/**
 * liveness_await() - wait until a container has no monitor
 * @store:	open store
 * @id:		full id; its record says that it ended, and its monitor is about to be done
 * @err:	names the container
 *
 * Not to be called by the monitor itself.
 *
 * Return: 0; -ENOENT when there is no such container; otherwise what the kernel said.
 */
must_check int liveness_await(const struct store *store, const char *id, struct err *err);

/**
 * liveness_holder() - which process a container's monitor is, when no record says so
 * @store:	open store
 * @id:		full id
 * @out_pidfd:	the caller's; set when there is one
 * @err:	names the container
 *
 * Return: 1; 0 when no monitor lives; -ESRCH when it lives where its pid is not visible; otherwise a
 * negative errno.
 */
must_check int liveness_holder(const struct store *store, const char *id, int *out_pidfd,
			       struct err *err);
