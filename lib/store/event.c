/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event - the log of what happened to containers, images and volumes
 */
#include "store/event.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "store/lock.h"

#define LOG "events/log"
#define OLD "events/log.1"

const char *const event_type_names[] = {
	[EVENT_CONTAINER] = "container",
	[EVENT_IMAGE] = "image",
	[EVENT_VOLUME] = "volume",
	[EVENT_NETWORK] = "network",
	[EVENT_SECRET] = "secret",
	[EVENT_SYSTEM] = "system",
	NULL,
};

const char *const event_action_names[] = {
	[EVENT_ARCHIVE_PATH] = "archive-path",
	[EVENT_ATTACH] = "attach",
	[EVENT_BUILD] = "build",
	[EVENT_CLEANUP] = "cleanup",
	[EVENT_COMMIT] = "commit",
	[EVENT_CONNECT] = "connect",
	[EVENT_COPY] = "copy",
	[EVENT_CREATE] = "create",
	[EVENT_DIED] = "died",
	[EVENT_DISCONNECT] = "disconnect",
	[EVENT_EXEC] = "exec",
	[EVENT_EXEC_DIED] = "exec_died",
	[EVENT_EXPORT] = "export",
	[EVENT_EXTRACT_TO_DIR] = "extract-to-dir",
	[EVENT_HEALTH_STATUS] = "health_status",
	[EVENT_HOOK_FAILED] = "hook_failed",
	[EVENT_IMPORT] = "import",
	[EVENT_INIT] = "init",
	[EVENT_KILL] = "kill",
	[EVENT_LOAD] = "load",
	[EVENT_MOUNT] = "mount",
	[EVENT_OOM] = "oom",
	[EVENT_PAUSE] = "pause",
	[EVENT_PRUNE] = "prune",
	[EVENT_PULL] = "pull",
	[EVENT_PUSH] = "push",
	[EVENT_REMOVE] = "remove",
	[EVENT_RENAME] = "rename",
	[EVENT_RESTART] = "restart",
	[EVENT_SAVE] = "save",
	[EVENT_START] = "start",
	[EVENT_STOP] = "stop",
	[EVENT_STOP_SIGNAL] = "stop_signal",
	[EVENT_TAG] = "tag",
	[EVENT_UNMOUNT] = "unmount",
	[EVENT_UNPAUSE] = "unpause",
	[EVENT_UNTAG] = "untag",
	[EVENT_UPDATE] = "update",
	NULL,
};

/* ---- writing ---- */

/* A text as JSON, byte for byte but for what JSON forbids. */
static void put_text(FILE *to, const char *text)
{
	putc('"', to);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c == '"' || *c == '\\')
			fprintf(to, "\\%c", *c);
		else if (*c < 0x20)
			fprintf(to, "\\u%04x", *c);
		else
			putc(*c, to);
	putc('"', to);
}

static void put_member(FILE *to, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(to, ",\"%s\":", key);
	put_text(to, text);
}

static void put_list(FILE *to, const char *key, const char *const *items, size_t count)
{
	if (!count)
		return;
	fprintf(to, ",\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		if (i)
			putc(',', to);
		put_text(to, items[i]);
	}
	putc(']', to);
}

struct line {
	char *text;
	size_t size;
};

static struct line print_line(enum event_type type, enum event_action action,
			      const struct event_about *about, const char *const *details,
			      bool labels)
{
	struct line line = { 0 };
	FILE *to = open_memstream(&line.text, &line.size);
	size_t count = 0;

	bug_unless(to);
	while (details && details[count])
		count++;
	fprintf(to, "{\"time\":\"%" PRId64 "\"", clock_now());
	put_member(to, "type", event_type_names[type]);
	put_member(to, "action", event_action_names[action]);
	put_member(to, "id", about->id);
	put_member(to, "name", about->name);
	put_member(to, "image", about->image);
	put_list(to, "details", details, count);
	if (labels && about->labels)
		put_list(to, "labels", (const char *const *)about->labels->items,
			 about->labels->count);
	fputs("}\n", to);
	bug_unless(fclose(to) == 0);
	return line;
}

static int open_log(const struct store *store)
{
	int fd = openat(store->dir, LOG, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			0600);

	return fd < 0 ? -errno : fd;
}

/* Whoever gets the lock moves the log away, unless another just did. */
static void rotate(const struct store *store, const struct stat *full)
{
	AUTO(fd) int lock = -1;
	struct stat now;

	if (lock_take(store, LOCK_EVENTS, "", LOCK_TRY, &lock, NULL) < 0)
		return; /* a log that is a little longer does no harm */
	if (fstatat(store->dir, LOG, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == full->st_ino)
		(void)renameat(store->dir, LOG, store->dir, OLD); /* the next one tries again */
}

static int append(const struct store *store, const struct line *line)
{
	AUTO(fd) int fd = open_log(store);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && st.st_size + (off_t)line->size > EVENT_LOG_MAX) {
		rotate(store, &st);
		fd_close(take_fd(fd));
		fd = open_log(store);
		if (fd < 0)
			return fd;
	}
	ssize_t n = write(fd, line->text, line->size);
	return n < 0 ? -errno : n < (ssize_t)line->size ? -ENOSPC : 0;
}

void event_write(const struct store *store, enum event_type type, enum event_action action,
		 const struct event_about *about, const char *const *details)
{
	struct line line = print_line(type, action, about, details, true);

	if (line.size > EVENT_LINE_MAX) {
		free(line.text);
		line = print_line(type, action, about, details, false);
	}
	int r = append(store, &line);
	if (r < 0)
		log_debug("an event is lost: error %d", -r);
	free(line.text);
}

struct event_about event_of_config(const struct container_config *config)
{
	return (struct event_about){
		.id = config->id,
		.name = config->name,
		.image = config->image_name,
		.labels = &config->labels,
	};
}

void event_container(const struct store *store, const struct container_state *state,
		     enum event_action action, const char *const *details)
{
	const struct event_about about = {
		.id = state->id,
		.name = state->name,
		.image = state->image_name,
		.labels = &state->labels,
	};

	if (state->build) /* others do not see it */
		return;
	event_write(store, EVENT_CONTAINER, action, &about, details);
}

void event_named(const struct store *store, enum event_type type, enum event_action action,
		 const char *id, const char *name)
{
	const struct event_about about = { .id = str_or(id, name), .name = name };

	event_write(store, type, action, &about, NULL);
}

/* ---- reading ---- */

#define E(kind, key, f) J_##kind(key, struct event, f)
static const struct jfield event_fields[] = {
	E(I64, "time", time),	     E(TEXT, "type", type_name), E(TEXT, "action", action_name),
	E(TEXT, "id", id),	     E(TEXT, "name", name),	 E(TEXT, "image", image),
	E(STRV, "details", details), E(STRV, "labels", labels),	 J_END,
};
#undef E

static int find_name(const char *const *names, const char *name)
{
	for (int i = 0; name && names[i]; i++)
		if (str_eq(names[i], name))
			return i;
	return -EBADMSG;
}

static int parse_whole(const char *line, size_t size, struct event *out)
{
	AUTO(json) cJSON *object = NULL;
	AUTO(event) struct event event = { 0 };

	if (json_parse(line, size, &object, NULL) < 0 ||
	    jfield_load(event_fields, object, &event, NULL) < 0)
		return -EBADMSG;
	int type = find_name(event_type_names, event.type_name);
	int action = find_name(event_action_names, event.action_name);
	if (type < 0 || action < 0 || !event.time)
		return -EBADMSG;
	event.type = (enum event_type)type;
	event.action = (enum event_action)action;
	*out = event;
	event = (struct event){ 0 };
	return 0;
}

int event_parse(const char *line, size_t size, struct event *out)
{
	static const char begin[] = "{\"time\":\"";
	const size_t n = sizeof begin - 1;

	if (parse_whole(line, size, out) == 0)
		return 0;
	/* A torn line has the next event behind it; a text cannot hold its beginning unescaped. */
	for (size_t at = size > n ? size - n : 0; at > 0; at--)
		if (memcmp(line + at, begin, n) == 0)
			return parse_whole(line + at, size - at, out);
	return -EBADMSG;
}

void event_clear(struct event *event)
{
	jfield_clear(event_fields, event);
	event->type = EVENT_CONTAINER;
	event->action = EVENT_ATTACH;
}
