/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - debug lines, off unless the program switches them on, and a file of all that is told
 *
 * One write(2) a line, so that lines of several processes do not mix.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"

enum { LOG_MODE = 0600 };

static bool enabled;

static struct {
	char *path; /* absolute; NULL: none */
	dev_t dev;
	ino_t ino;
	enum log_format format;
} file;

void log_enable(bool on)
{
	enabled = on;
}

/* Opened for each line: monitors close what they do not know, and another root has another file there. */
static int open_file(const char *path, int more, struct stat *st)
{
	AUTO(fd)
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | more,
		      LOG_MODE);

	return fd < 0 || fstat(fd, st) < 0 ? -errno : take_fd(fd);
}

int log_file_open(const char *path, enum log_format format, struct err *err)
{
	struct stat st;
	AUTO(fd) int fd = open_file(path, O_CREAT, &st);

	if (fd < 0)
		return err_sys(err, fd, "cannot write the log '%s'", path);
	AUTO(mem) char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	free(file.path);
	file.path = here ? str_fmt("%s/%s", here, path) : str_dup(path);
	file.dev = st.st_dev;
	file.ino = st.st_ino;
	file.format = format;
	return 0;
}

static char *line_text(const char *level, const char *text)
{
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	if (file.format == LOG_FORMAT_JSON) {
		AUTO(json) cJSON *line = cJSON_CreateObject();
		cJSON_AddStringToObject(line, "level", level);
		cJSON_AddStringToObject(line, "msg", text);
		cJSON_AddStringToObject(line, "time", now);
		AUTO(mem) char *printed = json_print_text(line);
		return str_fmt("%s\n", printed);
	}
	AUTO(json) cJSON *quoted = cJSON_CreateString(text);
	AUTO(mem) char *msg = json_print_text(quoted);
	return str_fmt("time=\"%s\" level=%s msg=%s\n", now, level, msg);
}

static void write_file(const char *level, const char *text)
{
	struct stat st;
	AUTO(fd) int fd = open_file(file.path, 0, &st);

	if (fd < 0 || st.st_dev != file.dev || st.st_ino != file.ino)
		return;
	AUTO(mem) char *line = line_text(level, text);
	(void)!fd_write_all(fd, line, strlen(line)); /* nobody to tell */
}

void log_tell(const char *level, const char *text)
{
	if (file.path)
		write_file(level, text);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!enabled)
		return;
	int saved = errno;
	va_start(args, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, args);
	va_end(args);
	if (file.path) {
		write_file("debug", text);
	} else {
		AUTO(mem) char *line = str_fmt("debug: [%d] %s\n", (int)getpid(), text);
		(void)!fd_write_all(STDERR_FILENO, line, strlen(line)); /* nobody to tell */
	}
	errno = saved;
}
