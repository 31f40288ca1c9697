/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notify - telling who started the container (systemd) when it is ready
 */
#include "monitor/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

enum { MESSAGE_MAX = 4096, OPEN_MODE = 0666 };

/* What a program may say of itself. */
static const char *const passed[] = { "READY=",		"STATUS=",	   "RELOADING=",
				      "STOPPING=",	"ERRNO=",	   "WATCHDOG=",
				      "WATCHDOG_USEC=", "MONOTONIC_USEC=", "EXTEND_TIMEOUT_USEC=" };

static bool is_mode(const struct monitor *m, const char *mode)
{
	return m->args.notify && str_eq(m->args.config->sdnotify, mode);
}

/* An abstract name is written with an '@'. */
static int address(const char *name, struct sockaddr_un *out, socklen_t *out_size)
{
	size_t n = strlen(name);

	if ((*name != '/' && *name != '@') || n >= sizeof out->sun_path)
		return -EINVAL;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path, name, n);
	if (*name == '@')
		out->sun_path[0] = 0;
	*out_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
	return 0;
}

/* Nobody who listens is no reason to end a container. */
static void say(const struct monitor *m, const char *text)
{
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un to;
	socklen_t size;

	if (sock < 0 || address(m->args.notify, &to, &size) < 0 ||
	    sendto(sock, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to, size) < 0)
		log_debug("cannot notify '%s'", m->args.notify);
}

/* say_main() - name the monitor as the process that counts, with what @more says */
static void say_main(const struct monitor *m, const char *more)
{
	AUTO(mem) char *text = str_fmt("MAINPID=%d%s", m->args.state->monitor_pid, more);

	say(m, text);
}

/* ---- the program's own socket ---- */

static bool is_passed(const char *line)
{
	for (size_t i = 0; i < array_len(passed); i++)
		if (str_starts(line, passed[i]))
			return true;
	return false;
}

static void pass_on(const struct monitor *m, const char *message)
{
	AUTO(strv) struct strv lines = { 0 };
	AUTO(strv) struct strv kept = { 0 };

	strv_split(&lines, message, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		if (!is_passed(lines.items[i]))
			continue;
		if (str_eq(lines.items[i], "READY=1"))
			strv_addf(&kept, "MAINPID=%d", m->args.state->monitor_pid);
		strv_add(&kept, lines.items[i]);
	}
	if (!kept.count)
		return;
	AUTO(mem) char *text = str_join(&kept, "\n");
	say(m, text);
}

static void program_spoke(void *data, unused_arg uint32_t events)
{
	const struct monitor *m = data;
	char text[MESSAGE_MAX + 1];

	/* Descriptors that come along are closed. */
	ssize_t n = fd_recv(m->notify.sock, text, MESSAGE_MAX, NULL, NULL);
	if (n <= 0)
		return;
	text[n] = 0;
	pass_on(m, text);
}

/* Bound by way of our descriptor, because the folder's path may be longer than a name may be. */
static int bind_in_folder(int sock, int dir)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	(void)snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/%s", dir,
		       NOTIFY_FILE);
	if (unlinkat(dir, NOTIFY_FILE, 0) < 0 && errno != ENOENT)
		return -errno;
	if (bind(sock, (struct sockaddr *)&name, sizeof name) < 0)
		return -errno;
	/* The program may be any user; from outside nobody else gets into the folder. */
	return fchmodat(dir, NOTIFY_FILE, OPEN_MODE, 0) < 0 ? -errno : 0;
}

static int listen_to_program(struct monitor *m, struct err *err)
{
	m->notify.sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->notify.sock < 0)
		return err_sys(err, -errno, "cannot make a socket");
	int r = bind_in_folder(m->notify.sock, m->args.dir);
	if (r == 0)
		r = loop_add(m->loop, m->notify.sock, EPOLLIN, program_spoke, m, &m->notify.source);
	return r < 0 ? err_sys(err, r, "cannot make the container's notify socket") : 0;
}

int notify_new(struct monitor *m, struct err *err)
{
	struct sockaddr_un to;
	socklen_t size;

	if (!m->args.notify || !m->args.config->sdnotify)
		return 0;
	if (address(m->args.notify, &to, &size) < 0) {
		err_set(err, -EINVAL, "NOTIFY_SOCKET: '%s' is no name of a socket", m->args.notify);
		return err_hint(err, "unset it, or give --sdnotify ignore");
	}
	return is_mode(m, "container") ? listen_to_program(m, err) : 0;
}

void notify_started(const struct monitor *m)
{
	if (is_mode(m, "conmon"))
		say_main(m, "\nREADY=1");
	else if (is_mode(m, "container") || is_mode(m, "healthy"))
		say_main(m, "");
}

void notify_healthy(const struct monitor *m)
{
	if (is_mode(m, "healthy"))
		say_main(m, "\nREADY=1");
}

void notify_free(struct monitor *m)
{
	loop_remove(take_ptr(m->notify.source));
	fd_close(take_fd(m->notify.sock));
}
