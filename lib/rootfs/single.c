/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - a squashfs with a whole image, served by squashfuse
 */
#include "rootfs/single.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "kern/idmap.h"

enum { DEVICE_NUMBER = 3, FILE_NUMBER = 4, ROOT_MODE = 040000, MAP_MAX = 64 << 10 };

bool single_is(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* squashfuse_ll keeps inodes between requests, squashfuse looks each path up again. */
char *single_program(const struct host *host)
{
	char *program = host_tool(host, "squashfuse_ll");

	return program ? program : host_tool(host, "squashfuse");
}

bool single_one_id(void)
{
	AUTO(mem) char *text = NULL;
	AUTO(idmap) struct idmap map = { 0 };

	return file_read(AT_FDCWD, "/proc/self/uid_map", MAP_MAX, &text, NULL) == 0 &&
	       idmap_parse(text, &map) == 0 && map.count == 1 && map.items[0].count == 1;
}

static int mount_device(const char *target, struct err *err)
{
	AUTO(fd) int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (device < 0) {
		int r = err_sys(err, -errno, "cannot open '/dev/fuse'");
		(void)err_hint(err, "single-file images need it: 'modprobe fuse' and mode 0666, "
				    "as root");
		return r;
	}
	AUTO(mem)
	char *options = str_fmt("fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other%s", device,
				ROOT_MODE, single_one_id() ? "" : ",default_permissions");
	if (mount("squashfuse", target, "fuse.squashfuse", MS_NODEV | MS_RDONLY, options) < 0)
		return err_sys(err, -errno, "cannot mount on '%s'", target);
	return take_fd(device);
}

static char *find_program(const struct host *host, struct err *err)
{
	char *program = single_program(host);

	if (program)
		return program;
	(void)err_set(err, -ENOENT, "there is no program 'squashfuse'");
	(void)err_hint(err, "install the package 'squashfuse': it shows the files of single-file "
			    "images");
	return NULL;
}

/* What serves a file, and the two that it is given. */
struct server {
	char *program;
	int image;
	int device; /* mounted already: who asks waits until somebody serves */
};

static void auto_server(struct server *s)
{
	free(s->program);
	fd_close(s->image);
	fd_close(s->device);
}

static int mount_file(const char *file, const char *target, const struct host *host,
		      struct server *out, struct err *err)
{
	out->program = find_program(host, err);
	if (!out->program)
		return -ENOENT;
	out->image = open(file, O_RDONLY | O_CLOEXEC);
	if (out->image < 0)
		return err_sys(err, -errno, "cannot open '%s'", file);
	out->device = mount_device(target, err);
	return out->device < 0 ? out->device : 0;
}

static int start(const struct server *s, bool die_with_parent, int *out_helper, struct err *err)
{
	AUTO(mem) char *point = str_fmt("/dev/fd/%d", DEVICE_NUMBER);
	AUTO(mem) char *image = str_fmt("/dev/fd/%d", FILE_NUMBER);
	char foreground[] = "-f";
	char *argv[] = { s->program, foreground, image, point, NULL };
	const struct spawn_fd fds[] = { { .from = s->device, .to = DEVICE_NUMBER },
					{ .from = s->image, .to = FILE_NUMBER } };
	const struct spawn spawn = { .path = s->program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = die_with_parent };
	pid_t pid = spawn_start(&spawn, out_helper, err);
	return pid < 0 ? (int)pid : 0;
}

int single_mount(const char *file, const char *target, const struct host *host, int *out_helper,
		 struct err *err)
{
	AUTO(server) struct server server = { .image = -1, .device = -1 };
	AUTO(fd) int helper = -1;

	int r = mount_file(file, target, host, &server, err);
	if (r < 0)
		return r;
	r = start(&server, true, &helper, err);
	int root = r < 0 ? r : open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && root < 0)
		r = err_sys(err, -errno, "cannot open '%s'", target);
	if (r < 0) {
		(void)!umount2(target, MNT_DETACH);
		return r;
	}
	*out_helper = take_fd(helper);
	return root;
}

/* Starts it without our mount in sight, which it would keep alive. Return: a status to exit with. */
static int start_apart(const char *target, const struct server *server)
{
	AUTO(fd) int helper = -1;

	(void)setsid();
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2(target, MNT_DETACH) < 0 || fd_stdio(-1, -1, -1) < 0)
		return 1;
	return start(server, false, &helper, NULL) < 0;
}

static int start_staying(const struct server *server, const char *target)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(start_apart(target, server));
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

int single_mount_staying(const char *file, const char *target, const struct host *host,
			 struct err *err)
{
	AUTO(server) struct server server = { .image = -1, .device = -1 };

	int r = mount_file(file, target, host, &server, err);
	if (r < 0)
		return r;
	r = start_staying(&server, target);
	if (r < 0) {
		(void)!umount2(target, MNT_DETACH);
		return err_sys(err, r, "cannot start '%s'", server.program);
	}
	return 0;
}
