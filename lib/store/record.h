/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record - the records of containers: made, found, read, changed, removed
 *
 * Format of containers/ID (a folder of mode 0700):
 *   (1) config.json is a container_config; its id is the folder's name;
 *   (2) state.json is a container_state; it is replaced whole, by one writer at a time: the monitor while
 *       one lives, else the holder of LOCK_CONTAINER;
 *   (3) alive is an empty file, made with the record and used for nothing but the liveness lock;
 *   (4) names/NAME is a symlink to ID. A name whose record is not there counts as free to whoever
 *       holds its LOCK_NAME.
 *
 * Reading takes no lock. A damaged record has an id and nothing else; everything else works.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/container.h"
#include "store/store.h"
#include "store/temp.h"

/**
 * record_new_id() - a random id
 *
 * Return: 64 lower-case hexadecimal digits, to be freed; never NULL.
 */
must_check char *record_new_id(void);

/**
 * record_check_name() - refuse what cannot be a container's name
 * @name:	text
 * @err:	says what names look like
 *
 * Return: 0 or -EINVAL.
 */
must_check int record_check_name(const char *name, struct err *err);

/**
 * record_create() - make the record of a new container, in state "created"
 * @store:	open store
 * @config:	complete, id and name included
 * @files:	further files of the record, name and contents in turn, NULL at the end; may be NULL
 * @err:	a taken name: names the holder's id, with a hint
 *
 * Nothing is left when it fails. Of many at once with one name exactly one succeeds.
 *
 * Return: 0; -EEXIST when the name is taken; -EINVAL when it cannot be a name; otherwise what the
 * kernel said.
 */
must_check int record_create(const struct store *store, const struct container_config *config,
			     const char *const *files, struct err *err);

/**
 * record_config_load() - read a container's configuration
 * @store:	open store
 * @id:		full id
 * @out:	to be released with container_config_free; set on success only
 * @err:	names the container
 *
 * Return: 0; -ENOENT when there is no such container; -EBADMSG when it is damaged.
 */
must_check int record_config_load(const struct store *store, const char *id,
				  struct container_config **out, struct err *err);

/**
 * record_config_left() - read the configuration of a record that is on its way in or out
 * @store:	open store
 * @temp:	path of the temporary object below the store
 * @out:	to be released with container_config_free; set on success only
 *
 * Return: 0; a negative errno when it is no record.
 */
must_check int record_config_left(const struct store *store, const char *temp,
				  struct container_config **out);

/**
 * record_settle() - free the names that a killed command left with a temporary object
 * @store:	open store
 * @temp:	path of the object below the store; its lock is held by the caller
 *
 * To be called before the object is removed.
 *
 * Return: 0, also when the object has to do with no name; -EBUSY when its container is in use: then it
 * must stay.
 */
must_check int record_settle(const struct store *store, const char *temp);

/**
 * record_config_save() - change a configuration (update)
 * @store:	open store
 * @config:	its name is the one it has (record_rename changes it)
 * @err:	names the container
 *
 * The caller holds LOCK_CONTAINER. What the state repeats is not changed here.
 *
 * Return: 0 or a negative errno.
 */
must_check int record_config_save(const struct store *store, const struct container_config *config,
				  struct err *err);

/**
 * record_state_load() - read a container's state as it is in effect
 * @store:	open store
 * @id:		full id
 * @out:	to be released with container_state_free; set on success only
 * @err:	names the container
 *
 * Never blocks. A container whose monitor is gone (killed, or its machine restarted) shows as exited,
 * code 137, with the reason in "error"; nothing is written. One that runs on another host shows as
 * recorded.
 *
 * Return: 0; -ENOENT when there is no such container; -EBADMSG when it is damaged.
 */
must_check int record_state_load(const struct store *store, const char *id,
				 struct container_state **out, struct err *err);

/**
 * record_state_stored() - read a container's state as it was written
 * @store:	open store
 * @id:		full id
 * @out:	to be released with container_state_free; set on success only
 * @err:	names the container
 *
 * For the next holder of a lost container, who must know which PID 1 to end, and for a monitor, which
 * must not ask about its own liveness lock.
 *
 * Return: as record_state_load().
 */
must_check int record_state_stored(const struct store *store, const char *id,
				   struct container_state **out, struct err *err);

/**
 * record_state_save() - replace a container's state
 * @store:	open store
 * @state:	its id says whose; status is written, status_name is ignored
 * @durable:	whether it is on disk when this returns; never on the way to a running process
 * @err:	names the container
 *
 * Return: 0; -ENOENT when the record was removed; otherwise what the kernel said.
 */
must_check int record_state_save(const struct store *store, const struct container_state *state,
				 bool durable, struct err *err);

/**
 * record_lost() - whether a stored state says it runs while nothing of it can
 * @store:	open store
 * @state:	as record_state_stored() gave it
 *
 * Return: whether its monitor on this host is gone; false for other hosts' containers.
 */
bool record_lost(const struct store *store, const struct container_state *state);

/**
 * record_abandoned() - whether a --rm container has ended with nobody left to remove it
 * @store:	open store
 * @state:	as it is in effect
 *
 * A monitor removes its --rm container as its last work; this one's was killed before.
 *
 * Return: whether the next command may; false for other hosts' containers.
 */
bool record_abandoned(const struct store *store, const struct container_state *state);

/**
 * record_holder() - the container that has this very name
 * @store:	open store
 * @name:	valid
 *
 * Return: its id, to be freed; NULL when there is none, or its record is not there any more.
 */
char *record_holder(const struct store *store, const char *name);

/**
 * record_resolve() - the container that a user means
 * @store:	open store
 * @text:	a name, a full id, or the beginning of exactly one id
 * @out_id:	full id, to be freed; set on success only
 * @err:	"no container named …", or that several ids begin so
 *
 * An exact name wins over an id.
 *
 * Return: 0; -ENOENT; -ENOTUNIQ when several ids begin so.
 */
must_check int record_resolve(const struct store *store, const char *text, char **out_id,
			      struct err *err);

/**
 * record_resolve_listed() - record_resolve() for who asks for many
 * @store:	open store
 * @listing:	what the last call has listed, at first empty; released by the caller
 * @text:	as there
 * @out_id:	as there
 * @err:	as there
 *
 * Return: as there.
 */
must_check int record_resolve_listed(const struct store *store, struct strv *listing,
				     const char *text, char **out_id, struct err *err);

/**
 * record_rename() - give a container another name
 * @store:	open store
 * @id:		full id; the caller holds its LOCK_CONTAINER
 * @name:	the new one
 * @err:	as record_create()
 *
 * Changes name, configuration, and the state unless a monitor lives (which is told by the caller
 * and writes it itself).
 *
 * Return: 0; -EEXIST; -EINVAL; -ENOENT; otherwise what the kernel said.
 */
must_check int record_rename(const struct store *store, const char *id, const char *name,
			     struct err *err);

/**
 * record_take() - take a container's record away; its files are still to be deleted
 * @store:	open store
 * @id:		full id; the caller holds its LOCK_CONTAINER and nothing of it runs
 * @out:	where it was moved to, added at the end; to be removed with temps_remove()
 * @err:	names the container
 *
 * Moves the folder to tmp/ by one rename, so a removal that is killed has happened or not; then takes the
 * name away, which counts as free from then on. Needs no free space: where it cannot be moved, it is
 * deleted at once and nothing is added.
 *
 * Return: 0; -ENOENT; otherwise what the kernel said.
 */
must_check int record_take(const struct store *store, const char *id, struct temps *out,
			   struct err *err);

/**
 * record_remove() - remove a container's record and files
 * @store:	open store
 * @id:		full id; the caller holds its LOCK_CONTAINER and nothing of it runs
 * @err:	names the container
 *
 * record_take(), then deletes. An interrupted removal is finished by the next one, or by a sweep.
 *
 * Return: 0; 1 when it is gone but files of other ids wait for a sweep in the user namespace;
 * -ENOENT; otherwise what the kernel said.
 */
must_check int record_remove(const struct store *store, const char *id, struct err *err);

/**
 * record_list() - the ids of all containers
 * @store:	open store
 * @out:	ids are added at the end, in no order
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int record_list(const struct store *store, struct strv *out, struct err *err);

/**
 * typedef record_fn - called for a container
 * @data:	what record_each_state was given
 * @id:		full id
 * @state:	as it is in effect; handed over, to be released by the called one with
 *		container_state_free; NULL when the record is damaged
 *
 * Return: 0 to go on, anything else ends the walk.
 */
typedef int (*record_fn)(void *data, const char *id, struct container_state *state);

/**
 * record_each_state() - walk over the states of all containers, in no order
 * @store:	open store
 * @fn:		called for each; containers that vanish meanwhile are left out
 * @data:	handed to @fn
 * @err:	what the kernel said
 *
 * Reads one small file for each, takes no lock and waits for nobody.
 *
 * Return: 0; what @fn ended it with; otherwise a negative errno.
 */
must_check int record_each_state(const struct store *store, record_fn fn, void *data,
				 struct err *err);

/**
 * typedef record_wanted_fn - whether a container's state is to be read
 * @data:	what record_each_wanted was given
 * @id:		full id
 *
 * Return: whether to.
 */
typedef bool (*record_wanted_fn)(void *data, const char *id);

/**
 * record_each_wanted() - walk over the states of some containers, in no order
 * @store:	open store
 * @wanted:	asked for each id before anything of it is read
 * @fn:		called for those; containers that vanish meanwhile are left out
 * @data:	handed to both
 * @err:	what the kernel said
 *
 * Return: 0; what @fn ended it with; otherwise a negative errno.
 */
must_check int record_each_wanted(const struct store *store, record_wanted_fn wanted, record_fn fn,
				  void *data, struct err *err);
