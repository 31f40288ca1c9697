/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event - the log of what happened to containers, images and volumes: events/log, events/log.1
 *
 *   (1) a line is one event: a JSON object that begins with {"time":"NS", appended by one write(2) with
 *       O_APPEND. So no lock is taken, and nothing waits for the disk;
 *   (2) a log that would grow beyond EVENT_LOG_MAX bytes becomes log.1, whose older namesake goes;
 *   (3) a line that cannot be read is passed over. Where a full disk tore one, the event that follows on the
 *       same line is found by its beginning;
 *   (4) nothing fails because an event cannot be written: it is lost.
 *
 * Both tools have names of their own for what happens; a log has podman's, and whoever shows events
 * translates. Reading and following is event_read.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "store/container.h"
#include "store/store.h"

enum event_limits {
	EVENT_LOG_MAX = 2 << 20,
	EVENT_LINE_MAX = 64 << 10, /* of a longer one the labels are left out */
};

enum event_type {
	EVENT_CONTAINER,
	EVENT_IMAGE,
	EVENT_VOLUME,
	EVENT_NETWORK,
	EVENT_SECRET,
	EVENT_SYSTEM,
};

/* Names of enum event_type, both ways. */
extern const char *const event_type_names[];

enum event_action {
	EVENT_ARCHIVE_PATH, /* files were copied out of a container */
	EVENT_ATTACH,
	EVENT_BUILD,
	EVENT_CLEANUP,
	EVENT_COMMIT,
	EVENT_CONNECT,
	EVENT_COPY,
	EVENT_CREATE,
	EVENT_DIED,
	EVENT_DISCONNECT,
	EVENT_EXEC,
	EVENT_EXEC_DIED,
	EVENT_EXPORT,
	EVENT_EXTRACT_TO_DIR, /* files were copied into one */
	EVENT_HEALTH_STATUS,
	EVENT_HOOK_FAILED, /* one whose failure is no reason to end the container */
	EVENT_IMPORT,
	EVENT_INIT,
	EVENT_KILL,
	EVENT_LOAD,
	EVENT_MOUNT,
	EVENT_OOM,
	EVENT_PAUSE,
	EVENT_PRUNE,
	EVENT_PULL,
	EVENT_PUSH,
	EVENT_REMOVE,
	EVENT_RENAME,
	EVENT_RESTART,
	EVENT_SAVE,
	EVENT_START,
	EVENT_STOP,
	EVENT_STOP_SIGNAL, /* of a stop; docker shows it as kill */
	EVENT_TAG,
	EVENT_UNMOUNT,
	EVENT_UNPAUSE,
	EVENT_UNTAG,
	EVENT_UPDATE,
};

/* Names of enum event_action as the log and podman have them, both ways. */
extern const char *const event_action_names[];

/* What an event is about; everything is borrowed and may be NULL. */
struct event_about {
	const char *id; /* full; a volume's is its name */
	const char *name;
	const char *image; /* of a container: as shown */
	const struct strv *labels;
};

/* One event as it was read. */
struct event {
	int64_t time;	 /* ns since the epoch */
	char *type_name; /* in the log only; type is the truth once loaded */
	char *action_name;
	enum event_type type;
	enum event_action action;
	char *id;
	char *name;
	char *image;
	struct strv details; /* k=v: exitCode, signal, oldName, cmd, health_status, … */
	struct strv labels;  /* k=v */
};

/**
 * event_write() - append an event to the log
 * @store:	open store
 * @type:	of what it happened to
 * @action:	what happened
 * @about:	to whom
 * @details:	KEY=VALUE, NULL at the end; may be NULL
 *
 * Costs one write; never fails for the caller (4).
 */
void event_write(const struct store *store, enum event_type type, enum event_action action,
		 const struct event_about *about, const char *const *details);

/**
 * event_of_config() - what an event tells of a container, from its configuration
 * @config:	borrowed by the result
 *
 * Return: by value.
 */
struct event_about event_of_config(const struct container_config *config);

/**
 * event_container() - append an event about a container
 * @store:	open store
 * @state:	of the container, with its present name
 * @action:	what happened
 * @details:	KEY=VALUE, NULL at the end; may be NULL
 */
void event_container(const struct store *store, const struct container_state *state,
		     enum event_action action, const char *const *details);

/**
 * event_named() - append an event about something that has an id and a name and nothing else
 * @store:	open store
 * @type:	of it
 * @action:	what happened
 * @id:		full id; NULL: its name is its id
 * @name:	may be NULL
 */
void event_named(const struct store *store, enum event_type type, enum event_action action,
		 const char *id, const char *name);

/**
 * event_parse() - read one line of a log
 * @line:	without the newline; need not end with 0
 * @size:	bytes
 * @out:	to be released with event_clear; set on success only
 *
 * Return: 0; -EBADMSG when it is no event.
 */
must_check int event_parse(const char *line, size_t size, struct event *out);

/**
 * event_clear() - release what an event owns
 * @event:	empty afterwards
 */
void event_clear(struct event *event);

static inline void auto_event(struct event *event)
{
	event_clear(event);
}
