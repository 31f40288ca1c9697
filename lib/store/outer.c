/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outer - whose user namespace can be joined on this host
 */
#include "store/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"

enum { LINE_WIDTH = 127 };

static const struct jfield outer_fields[] = {
	J_INT("pid", struct outer_record, pid),
	J_I64("start", struct outer_record, start),
	J_TEXT("boot_id", struct outer_record, boot_id),
	J_END,
};

int outer_load(const struct store *store, struct outer_record *out)
{
	AUTO(mem) char *rel = str_fmt("userns/%s.json", store->host_id);
	AUTO(json) cJSON *json = NULL;
	AUTO(outer_record) struct outer_record record = { 0 };

	if (json_load(store->dir, rel, &json, NULL) < 0 ||
	    jfield_load(outer_fields, json, &record, NULL) < 0 || record.pid <= 0 ||
	    !str_eq(record.boot_id, store->boot_id))
		return -ENOENT;
	*out = record;
	record = (struct outer_record){ 0 };
	return 0;
}

int outer_save(const struct store *store, pid_t pid, uint64_t start)
{
	AUTO(mem) char *rel = str_fmt("userns/%s.json", store->host_id);
	struct outer_record record = { .pid = (int)pid,
				       .start = (int64_t)start,
				       .boot_id = store->boot_id };
	AUTO(json) cJSON *json = jfield_save(outer_fields, &record);
	AUTO(mem) char *text = json_print(json, 0);
	AUTO(mem) char *line = str_fmt("%-*s\n", LINE_WIDTH, text);
	AUTO(fd) int fd = openat(store->dir, rel, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	return write(fd, line, strlen(line)) < 0 ? -errno : 0;
}

static int open_live(const struct store *store, int flags)
{
	AUTO(mem) char *rel = str_fmt("userns/%s.live", store->host_id);
	int fd = openat(store->dir, rel, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int outer_live(const struct store *store)
{
	return open_live(store, O_RDWR | O_CREAT);
}

int outer_hold(const struct store *store)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	AUTO(fd) int fd = open_live(store, O_RDWR | O_CREAT);

	if (fd < 0)
		return fd;
	if (fcntl(fd, F_SETLK, &whole) < 0)
		return -errno;
	(void)take_fd(fd); /* open until the process ends */
	return 0;
}

/* Return: the number of a holder, 0 when there is none, or a negative errno. */
static pid_t holder(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &whole) < 0)
		return -errno;
	if (whole.l_type == F_UNLCK)
		return 0;
	return whole.l_pid > 0 ? whole.l_pid : -ESRCH;
}

int outer_holder(const struct store *store, pid_t *out_pid)
{
	AUTO(fd) int fd = open_live(store, O_RDONLY);
	pid_t pid = fd < 0 ? -ESRCH : holder(fd);

	while (pid > 0) {
		AUTO(fd) int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		pid_t now = holder(fd);
		if (now == pid && pidfd >= 0) {
			*out_pid = pid;
			return take_fd(pidfd);
		}
		if (now == pid)
			return -ESRCH; /* a number that means nothing here */
		pid = now;
	}
	return pid == 0 ? -ENOENT : -ESRCH;
}

void outer_clear(struct outer_record *record)
{
	jfield_clear(outer_fields, record);
}
