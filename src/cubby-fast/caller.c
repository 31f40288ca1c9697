/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caller - a thread of a container that waits in a system call until it is answered
 */
#include "cubby-fast/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

enum { PATH_BYTES = 48, FILE_BYTES = 1024, FDINFO_MAX = 4 << 20, OCTAL = 8, DECIMAL = 10 };

int caller_next(int listener, int proc, struct known *known, struct caller *out)
{
	*out = (struct caller){ .listener = listener, .proc = proc, .known = known };
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &out->call) < 0 ? -errno : 0;
}

int caller_read(const struct caller *caller, uint64_t address, void *out, size_t size)
{
	struct iovec own = { .iov_base = out, .iov_len = size };
	struct iovec its = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };
	ssize_t n = process_vm_readv((pid_t)caller->call.pid, &own, 1, &its, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

/* A file below the thread's folder; what does not fit is left out. */
static int read_file(const struct caller *caller, const char *name, char text[FILE_BYTES])
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%u/%s", caller->call.pid, name);
	AUTO(fd) int fd = openat(caller->proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, FILE_BYTES - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

static bool read_number(const char *text, const char *key, int base, unsigned long *out)
{
	const char *at = strstr(text, key);

	if (!at)
		return false;
	*out = strtoul(at + strlen(key), NULL, base);
	return true;
}

/* Before 6.9 only a process has one, which shares its descriptors with its threads. */
static int open_process(const struct caller *caller)
{
	char text[FILE_BYTES];
	unsigned long process = 0;
	int r = caller->proc < 0 ? -ENOSYS : read_file(caller, "status", text);

	if (r == 0 && !read_number(text, "\nTgid:", DECIMAL, &process))
		r = -ESRCH;
	if (r < 0)
		return r;
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)process, 0);
	return fd < 0 ? -errno : fd;
}

/* Only a thread's own pidfd may stand for its number later. */
static int know(const struct caller *caller)
{
	struct known *k = caller->known;

	fd_close(k->pidfd);
	k->pid = 0;
	k->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)caller->call.pid, PIDFD_THREAD);
	if (k->pidfd >= 0)
		k->pid = caller->call.pid;
	else
		k->pidfd = errno == EINVAL ? open_process(caller) : -errno;
	return k->pidfd;
}

static int duplicate(const struct known *known, int fd)
{
	int own = (int)syscall(SYS_pidfd_getfd, known->pidfd, fd, 0);

	return own < 0 ? -errno : own;
}

int caller_descriptor(const struct caller *caller, int fd)
{
	int r = caller->known->pid == caller->call.pid ? duplicate(caller->known, fd) : -ESRCH;

	if (r != -ESRCH)
		return r;
	r = know(caller);
	return r < 0 ? r : duplicate(caller->known, fd);
}

bool caller_waits(const struct caller *caller)
{
	return ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &caller->call.id) == 0;
}

char *caller_fdinfo(const struct caller *caller, int fd)
{
	char path[PATH_BYTES];
	char *text = NULL;

	(void)snprintf(path, sizeof path, "%u/fdinfo/%d", caller->call.pid, fd);
	if (caller->proc < 0 || file_read(caller->proc, path, FDINFO_MAX, &text, NULL) < 0)
		return NULL;
	return text;
}

bool caller_is_cloexec(const struct caller *caller, int fd)
{
	char name[PATH_BYTES], text[FILE_BYTES];
	unsigned long flags = 0;

	(void)snprintf(name, sizeof name, "fdinfo/%d", fd);
	return caller->proc >= 0 && read_file(caller, name, text) == 0 &&
	       read_number(text, "flags:", OCTAL, &flags) && flags & O_CLOEXEC;
}

int caller_replace(const struct caller *caller, int fd, int own)
{
	struct seccomp_notif_addfd add = {
		.id = caller->call.id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (uint32_t)own,
		.newfd = (uint32_t)fd,
		.newfd_flags = caller_is_cloexec(caller, fd) ? O_CLOEXEC : 0,
	};

	return ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : 0;
}

static bool send_answer(const struct caller *caller, struct seccomp_notif_resp answer)
{
	return ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

bool caller_answer(const struct caller *caller, int result)
{
	return send_answer(caller,
			   (struct seccomp_notif_resp){ .id = caller->call.id, .error = result });
}

void caller_go_on(const struct caller *caller)
{
	/* One that was interrupted or killed needs no answer. */
	(void)send_answer(caller,
			  (struct seccomp_notif_resp){ .id = caller->call.id,
						       .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE });
}
