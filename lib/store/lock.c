/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock - one writer for each object, and whether a container's monitor lives
 *
 * The byte of an object is a 62-bit hash of kind and name. Two objects that shared a byte would only
 * wait for each other once in a while.
 */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

static const char *const kind_names[] = {
	[LOCK_BUILD] = "build",
	[LOCK_NETWORK] = "network",
	[LOCK_CONTAINER] = "container",
	[LOCK_HOLDER] = "network's holder",
	[LOCK_VOLUME] = "volume",
	[LOCK_ASK] = "question",
	[LOCK_LAYER] = "layer",
	[LOCK_BLOB] = "blob",
	[LOCK_IMAGES] = "images",
	[LOCK_IDS] = "ids",
	[LOCK_NAME] = "name",
	[LOCK_TEMP] = "temporary",
	[LOCK_USERNS] = "user namespace",
	[LOCK_EVENTS] = "events",
	[LOCK_SENT] = "sent",
	[LOCK_HASHES] = "hashes",
};

static uint64_t hash_more(uint64_t hash, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		hash = (hash ^ *c) * UINT64_C(0x100000001b3);
	return hash;
}

/* FNV-1a. Source: the published constants of its 64-bit form. */
off_t lock_place(enum lock_kind kind, const char *name)
{
	uint64_t hash = hash_more(UINT64_C(0xcbf29ce484222325), kind_names[kind]);

	return (off_t)(hash_more(hash, name) >> 2);
}

static int open_file(const struct store *store, struct err *err)
{
	int fd = openat(store->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		return fd;
	int r = -errno;
	if (r == -EROFS || r == -EACCES)
		r = -EROFS;
	return err_sys(err, r, "cannot change the store '%s'", store->path);
}

int lock_take(const struct store *store, enum lock_kind kind, const char *name, int mode, int *out,
	      struct err *err)
{
	struct flock range = {
		.l_type = mode & LOCK_SHARED ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = lock_place(kind, name),
		.l_len = 1,
	};
	AUTO(fd) int fd = open_file(store, err);

	if (fd < 0)
		return fd;
	int how = mode & LOCK_TRY ? F_OFD_SETLK : F_OFD_SETLKW;
	if (TEMP_FAILURE_RETRY(fcntl(fd, how, &range)) < 0) {
		int r = -errno;
		if (mode & LOCK_TRY && (r == -EAGAIN || r == -EACCES))
			return -EAGAIN;
		err_sys(err, r, "cannot lock the %s '%s'", kind_names[kind], name);
		if (r == -ENOLCK || r == -ENOSYS || r == -EOPNOTSUPP)
			(void)err_hint(err,
				       "the file system of '%s' has no locks; put the store "
				       "elsewhere with --root",
				       store->path);
		return r;
	}
	*out = take_fd(fd);
	return 0;
}

int lock_share(int lock, enum lock_kind kind, const char *name)
{
	struct flock range = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = lock_place(kind, name),
		.l_len = 1,
	};

	return fcntl(lock, F_OFD_SETLK, &range) < 0 ? -errno : 0;
}

static int open_alive(const struct store *store, const char *id, int flags)
{
	AUTO(mem) char *rel = str_fmt("containers/%s/alive", id);
	int fd = openat(store->dir, rel, flags | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int liveness_take(const struct store *store, const char *id, int *out, struct err *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	AUTO(fd) int fd = open_alive(store, id, O_RDWR);

	if (fd < 0)
		return err_sys(err, fd, "cannot watch over the container '%.12s'", id);
	if (fcntl(fd, F_SETLK, &whole) < 0) {
		int r = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
		return err_sys(err, r, "cannot watch over the container '%.12s'", id);
	}
	*out = take_fd(fd);
	return 0;
}

/* Return: the pid of who holds it, 0 when nobody does, or a negative errno. */
static long holder(const struct store *store, const char *id)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	AUTO(fd) int fd = open_alive(store, id, O_RDONLY);

	if (fd < 0)
		return fd;
	if (fcntl(fd, F_GETLK, &whole) < 0)
		return -errno;
	if (whole.l_type == F_UNLCK)
		return 0;
	return whole.l_pid > 0 ? whole.l_pid : -ESRCH;
}

int liveness_ask(const struct store *store, const char *id)
{
	long pid = holder(store, id);

	return pid > 0 || pid == -ESRCH ? 1 : (int)pid;
}

int liveness_await(const struct store *store, const char *id, struct err *err)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	AUTO(fd) int fd = open_alive(store, id, O_RDONLY);

	if (fd < 0)
		return err_sys(err, fd, "cannot watch over the container '%.12s'", id);
	while (fcntl(fd, F_SETLKW, &whole) < 0)
		if (errno != EINTR)
			return err_sys(err, -errno, "cannot watch over the container '%.12s'", id);
	return 0;
}

int liveness_holder(const struct store *store, const char *id, int *out_pidfd, struct err *err)
{
	long pid = holder(store, id);
	AUTO(fd) int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

	if (pid == 0 || pid == -ENOENT)
		return 0;
	if (pid < 0)
		return err_sys(err, (int)pid, "cannot find the monitor of container '%.12s'", id);
	/* One that ended meanwhile may have left its number to somebody else. */
	if (pidfd < 0 || holder(store, id) != pid)
		return 0;
	*out_pidfd = take_fd(pidfd);
	return 1;
}
