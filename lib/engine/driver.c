/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * driver - which storage driver works on the store's file system
 *
 * The answer is remembered in the store (driver-HOST: one line), because a probe costs a user
 * namespace and a mount.
 */
#include "engine/driver.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/outer.h"
#include "kern/refusal.h"
#include "rootfs/rootfs.h"

static const char *const drivers[] = { "overlay", "fuse-overlayfs", "copy" };

enum { DRIVER_TEXT_MAX = 64, PROBE_NONE = 99, PROBE_REFUSED = 98, REASON_MAX = 8192 };

int driver_check(const char *name, struct err *err)
{
	for (size_t i = 0; i < array_len(drivers); i++)
		if (str_eq(name, drivers[i]))
			return 0;
	err_set(err, -EINVAL, "there is no storage driver '%s'", name);
	return err_hint(err, "drivers are overlay, fuse-overlayfs and copy");
}

/* The child's answer is the driver's number. */
no_return static void probe_child(struct engine *engine, int report)
{
	AUTO(err) struct err err = { 0 };

	const char *name = rootfs_probe(engine->store->path, engine->host, &err);
	/* Where a policy withholds all rights nothing is known of the file system. */
	if (str_eq(name, "copy") && refusal_armed(NULL) < 0)
		_exit(PROBE_REFUSED);
	for (size_t i = 0; name && i < array_len(drivers); i++)
		if (str_eq(name, drivers[i]))
			_exit((int)i);
	if (err.text)
		(void)!fd_write_all(report, err.text, strlen(err.text)); /* the status tells too */
	_exit(PROBE_NONE);
}

static const char *probe(struct engine *engine, struct err *err)
{
	int pair[2], pidfd;

	int r = fd_pair(SOCK_STREAM, pair);
	if (r < 0) {
		err_sys(err, r, "cannot probe the storage drivers");
		return NULL;
	}
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	pid_t pid = outer_fork(engine, CLONE_NEWNS, false, &pidfd, err);
	if (pid < 0)
		return NULL;
	if (pid == 0)
		probe_child(engine, theirs);
	AUTO(fd) int child = pidfd;
	fd_close(take_fd(theirs));
	AUTO(mem) char *why = NULL;
	(void)!fd_read_all(ours, REASON_MAX, &why, NULL); /* an empty reason is told as none */
	int status = proc_wait(child);
	if (status >= 0 && status < (int)array_len(drivers))
		return drivers[status];
	if (status == PROBE_REFUSED) {
		err_set(err, -EPERM, "cannot probe the storage drivers: rights are withheld");
		(void)err_hint(err, "%s", refusal_hint(refusal_find(-EPERM)));
		return NULL;
	}
	err_set(err, -EOPNOTSUPP, "no storage driver works in '%s': %s", engine->store->path,
		str_empty(why) ? "the probe ended early" : why);
	return NULL;
}

const char *driver_choose(struct engine *engine, struct err *err)
{
	AUTO(mem) char *text = NULL;

	if (engine->storage.mount_program && !str_eq(engine->driver, "fuse-overlayfs"))
		str_set(&engine->driver, "fuse-overlayfs"); /* podman's "overlay" with a program */
	if (engine->driver)
		return driver_check(engine->driver, err) < 0 ? NULL : engine->driver;
	AUTO(mem) char *file = str_fmt("driver-%s", engine->store->host_id);
	if (file_read(engine->store->dir, file, DRIVER_TEXT_MAX, &text, NULL) == 0 &&
	    driver_check(str_trim(text), NULL) == 0) {
		engine->driver = str_dup(str_trim(text));
		return engine->driver;
	}
	const char *found = probe(engine, err);
	if (!found)
		return NULL;
	log_debug("storage driver in '%s': %s", engine->store->path, found);
	/* A store that cannot be written is probed each time. */
	(void)!file_replace(engine->store->dir, file, 0600, found, strlen(found), false);
	engine->driver = str_dup(found);
	return engine->driver;
}

bool driver_shifts(const struct engine *engine)
{
	AUTO(mem) char *program = host_tool(engine->host, "fuse-overlayfs");

	return program && access("/dev/fuse", R_OK | W_OK) == 0;
}
