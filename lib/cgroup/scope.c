/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scope - a control group that systemd makes
 *
 * The functions of libsystemd are declared here as its manual pages give them, so that building needs no
 * header of it. What they return is what ours do: a negative errno, 0 or a positive number.
 */
#include "cgroup/scope.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

struct sd_bus;
struct sd_bus_message;
struct sd_bus_slot;

/* sd_bus_error(3) */
struct bus_error {
	const char *name;
	const char *message;
	int need_free;
};

typedef int (*bus_handler)(struct sd_bus_message *m, void *data, struct bus_error *error);

/* sd-bus(3) */
struct library {
	void *handle;
	int (*new)(struct sd_bus **out);
	int (*set_address)(struct sd_bus *bus, const char *address);
	int (*set_bus_client)(struct sd_bus *bus, int yes);
	int (*start)(struct sd_bus *bus);
	struct sd_bus *(*close_unref)(struct sd_bus *bus);
	int (*match_signal)(struct sd_bus *bus, struct sd_bus_slot **slot, const char *sender,
			    const char *path, const char *interface, const char *member,
			    bus_handler handler, void *data);
	int (*process)(struct sd_bus *bus, struct sd_bus_message **out);
	int (*wait)(struct sd_bus *bus, uint64_t usec);
	int (*call_method)(struct sd_bus *bus, const char *destination, const char *path,
			   const char *interface, const char *member, struct bus_error *error,
			   struct sd_bus_message **reply, const char *types, ...);
	int (*new_method_call)(struct sd_bus *bus, struct sd_bus_message **out,
			       const char *destination, const char *path, const char *interface,
			       const char *member);
	int (*append)(struct sd_bus_message *m, const char *types, ...);
	int (*call)(struct sd_bus *bus, struct sd_bus_message *m, uint64_t usec,
		    struct bus_error *error, struct sd_bus_message **reply);
	int (*read)(struct sd_bus_message *m, const char *types, ...);
	struct sd_bus_message *(*message_unref)(struct sd_bus_message *m);
	void (*error_free)(struct bus_error *error);
};

#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"
#define UNIT_EXISTS "org.freedesktop.systemd1.UnitExists"

/* systemd answers in milliseconds, or is stuck. */
#define PATIENCE (25 * CLOCK_SECOND)
#define LOOK_AGAIN (CLOCK_SECOND / 20)
#define USEC INT64_C(1000)

struct manager {
	struct library lib;
	struct sd_bus *bus;
};

/* What is heard of a job. */
struct job {
	const struct library *lib;
	char *path;	  /* of the one that is waited for; NULL: not known yet */
	struct strv done; /* "PATH RESULT" of those that ended */
};

static int load(struct library *lib, struct err *err)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
		{ "sd_bus_new", offsetof(struct library, new) },
		{ "sd_bus_set_address", offsetof(struct library, set_address) },
		{ "sd_bus_set_bus_client", offsetof(struct library, set_bus_client) },
		{ "sd_bus_start", offsetof(struct library, start) },
		{ "sd_bus_flush_close_unref", offsetof(struct library, close_unref) },
		{ "sd_bus_match_signal", offsetof(struct library, match_signal) },
		{ "sd_bus_process", offsetof(struct library, process) },
		{ "sd_bus_wait", offsetof(struct library, wait) },
		{ "sd_bus_call_method", offsetof(struct library, call_method) },
		{ "sd_bus_message_new_method_call", offsetof(struct library, new_method_call) },
		{ "sd_bus_message_append", offsetof(struct library, append) },
		{ "sd_bus_call", offsetof(struct library, call) },
		{ "sd_bus_message_read", offsetof(struct library, read) },
		{ "sd_bus_message_unref", offsetof(struct library, message_unref) },
		{ "sd_bus_error_free", offsetof(struct library, error_free) },
	};

	lib->handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; i < array_len(functions); i++) {
		void *f = lib->handle ? dlsym(lib->handle, functions[i].name) : NULL;
		if (!f) {
			(void)err_set(err, -ENOENT,
				      "cannot load libsystemd.so.0, which asks systemd for a "
				      "control group");
			return err_hint(err,
					"install libsystemd0, or give --cgroup-manager cgroupfs "
					"or --cgroups disabled");
		}
		memcpy((char *)lib + functions[i].offset, &f, sizeof f);
	}
	return 0;
}

/* ---- where it listens ---- */

static void list_sockets(const struct host *host, struct strv *bus, struct strv *direct)
{
	const char *folder = host_env(host, "XDG_RUNTIME_DIR");

	if (host->uid == 0) {
		strv_add(bus, "/run/dbus/system_bus_socket");
		strv_add(direct, "/run/systemd/private");
		return;
	}
	if (!str_empty(folder)) {
		strv_addf(bus, "%s/bus", folder);
		strv_addf(direct, "%s/systemd/private", folder);
	}
	strv_addf(bus, "/run/user/%u/bus", (unsigned int)host->uid);
	strv_addf(direct, "/run/user/%u/systemd/private", (unsigned int)host->uid);
}

bool scope_possible(const struct host *host)
{
	AUTO(strv) struct strv paths = { 0 };

	list_sockets(host, &paths, &paths);
	if (access("/run/systemd/system", F_OK) < 0)
		return false;
	for (size_t i = 0; i < paths.count; i++)
		if (access(paths.items[i], W_OK) == 0)
			return true;
	return false;
}

static int connect_to(struct manager *m, const char *path, bool bus)
{
	AUTO(mem) char *address = str_fmt("unix:path=%s", path);
	struct sd_bus *connection = NULL;

	if (access(path, W_OK) < 0)
		return -errno;
	int r = m->lib.new(&connection);
	if (r < 0)
		return r;
	r = m->lib.set_address(connection, address);
	if (r >= 0 && bus)
		r = m->lib.set_bus_client(connection, 1);
	if (r >= 0)
		r = m->lib.start(connection);
	if (r < 0) {
		(void)m->lib.close_unref(connection);
		return r;
	}
	m->bus = connection;
	return 0;
}

static int open_manager(const struct host *host, struct manager *m, struct err *err)
{
	AUTO(strv) struct strv bus = { 0 };
	AUTO(strv) struct strv direct = { 0 };
	int r = load(&m->lib, err);

	if (r < 0)
		return r;
	list_sockets(host, &bus, &direct);
	r = -ENOENT;
	/* The manager itself first: that is one process less on the way. */
	for (size_t i = 0; r < 0 && i < direct.count; i++)
		r = connect_to(m, direct.items[i], false);
	for (size_t i = 0; r < 0 && i < bus.count; i++)
		r = connect_to(m, bus.items[i], true);
	return r < 0 ? err_sys(err, r, "cannot reach %s systemd",
			       host->uid ? "the user's" : "the machine's")
		     : 0;
}

static inline void auto_manager(struct manager *m)
{
	if (m->bus)
		(void)m->lib.close_unref(m->bus);
	/* Its threads' keys outlive it: the library stays. */
}

static int refused(struct manager *m, struct bus_error *error, int r, const char *what,
		   struct err *err)
{
	if (error->message)
		(void)err_set(err, r, "systemd refuses '%s': %s", what, error->message);
	else
		(void)err_sys(err, r, "systemd does not answer for '%s'", what);
	m->lib.error_free(error);
	return r;
}

/* ---- a scope ---- */

static int job_removed(struct sd_bus_message *message, void *data,
		       unused_arg struct bus_error *error)
{
	struct job *job = data;
	const char *path = NULL, *unit = NULL, *result = NULL;
	uint32_t id = 0;

	if (job->lib->read(message, "uoss", &id, &path, &unit, &result) >= 0)
		strv_addf(&job->done, "%s %s", path, result);
	return 0;
}

/* Return: 1 with what came of it, 0 when it still runs. */
static int outcome(const struct job *job, const char *name, struct err *err)
{
	for (size_t i = 0; i < job->done.count; i++) {
		const char *result = str_starts(job->done.items[i], job->path);
		if (!result || *result != ' ')
			continue;
		return str_eq(result, " done") ? 1
					       : err_set(err, -EIO, "systemd cannot start '%s': %s",
							 name, result + 1);
	}
	return 0;
}

static int await_job(struct manager *m, const struct job *job, const char *name, struct err *err)
{
	const int64_t until = clock_mono() + PATIENCE;
	int r = outcome(job, name, err);

	while (r == 0) {
		r = m->lib.process(m->bus, NULL);
		if (r < 0)
			return err_sys(err, r, "cannot hear systemd");
		const int64_t left = until - clock_mono();
		if (r == 0 && left > 0)
			r = m->lib.wait(m->bus, (uint64_t)(left / USEC));
		if (r < 0 || left <= 0)
			return err_sys(err, r < 0 ? r : -ETIMEDOUT, "systemd does not start '%s'",
				       name);
		r = outcome(job, name, err);
	}
	return r < 0 ? r : 0;
}

/* Return: -EEXIST without a word while a scope of that name is about to go; it does not last. */
static int ask(struct manager *m, struct sd_bus_message *message, struct job *job, const char *name,
	       struct err *err)
{
	struct bus_error error = { 0 };
	struct sd_bus_message *reply = NULL;
	const char *path = NULL;
	int r = m->lib.call(m->bus, message, PATIENCE / USEC, &error, &reply);

	if (r < 0 && str_eq(error.name, UNIT_EXISTS)) {
		m->lib.error_free(&error);
		return -EEXIST;
	}
	if (r < 0)
		return refused(m, &error, r, name, err);
	r = m->lib.read(reply, "o", &path);
	if (r >= 0)
		job->path = str_dup(path);
	(void)m->lib.message_unref(reply);
	return r < 0 ? err_sys(err, r, "cannot read what systemd says") : 0;
}

static int describe(const struct library *lib, struct sd_bus_message *message,
		    const struct scope_wish *w)
{
	int r = lib->append(message, "ss", w->name, "fail");

	if (r >= 0 && w->slice)
		r = lib->append(message, "a(sv)", 5, "Description", "s", w->about, "PIDs", "au", 1,
				(uint32_t)w->pid, "Delegate", "b", 1, "CollectMode", "s",
				"inactive-or-failed", "Slice", "s", w->slice);
	else if (r >= 0)
		r = lib->append(message, "a(sv)", 4, "Description", "s", w->about, "PIDs", "au", 1,
				(uint32_t)w->pid, "Delegate", "b", 1, "CollectMode", "s",
				"inactive-or-failed");
	return r < 0 ? r : lib->append(message, "a(sa(sv))", 0);
}

static int request(struct manager *m, const struct scope_wish *wish, struct job *job,
		   struct err *err)
{
	struct sd_bus_message *message = NULL;
	int r = m->lib.new_method_call(m->bus, &message, SERVICE, OBJECT, MANAGER,
				       "StartTransientUnit");

	if (r >= 0)
		r = describe(&m->lib, message, wish);
	r = r < 0 ? err_sys(err, r, "cannot ask systemd for '%s'", wish->name)
		  : ask(m, message, job, wish->name, err);
	(void)m->lib.message_unref(message);
	return r;
}

/* Of a container that is started right after its end the scope may not be gone yet. Signals of systemd end the
 * wait, the one of its going among them. */
static int request_again(struct manager *m, const struct scope_wish *wish, struct job *job,
			 struct err *err)
{
	const int64_t until = clock_mono() + PATIENCE;
	int r = request(m, wish, job, err);

	while (r == -EEXIST && clock_mono() < until) {
		while ((r = m->lib.process(m->bus, NULL)) > 0)
			;
		if (r >= 0)
			r = m->lib.wait(m->bus, (uint64_t)(LOOK_AGAIN / USEC));
		if (r < 0)
			return err_sys(err, r, "cannot hear systemd");
		r = request(m, wish, job, err);
	}
	return r == -EEXIST ? err_set(err, r, "systemd has a unit '%s' already", wish->name) : r;
}

int scope_start(const struct host *host, const struct scope_wish *wish, struct err *err)
{
	AUTO(manager) struct manager m = { .bus = NULL };
	struct job job = { .lib = &m.lib };
	int r = open_manager(host, &m, err);

	if (r < 0)
		return r;
	r = m.lib.match_signal(m.bus, NULL, NULL, OBJECT, MANAGER, "JobRemoved", job_removed, &job);
	if (r < 0)
		return err_sys(err, r, "cannot listen to systemd");
	r = request_again(&m, wish, &job, err);
	if (r == 0)
		r = await_job(&m, &job, wish->name, err);
	free(job.path);
	strv_clear(&job.done);
	return r < 0 ? r : 0;
}

int scope_attach(const struct host *host, const char *name, const char *group, pid_t pid,
		 struct err *err)
{
	AUTO(manager) struct manager m = { .bus = NULL };
	struct bus_error error = { 0 };
	int r = open_manager(host, &m, err);

	if (r < 0)
		return r;
	r = m.lib.call_method(m.bus, SERVICE, OBJECT, MANAGER, "AttachProcessesToUnit", &error,
			      NULL, "ssau", name, group, 1, (uint32_t)pid);
	return r < 0 ? refused(&m, &error, r, name, err) : 0;
}
