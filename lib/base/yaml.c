/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * yaml - reading YAML through the helper program cubby-yaml, which turns it into JSON
 */
#include "base/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"

enum { ANSWER_MAX = 5 << 20 };

static int start(const char *program, int in, int out, bool tags, struct err *err)
{
	char *argv[] = { (char *)"cubby-yaml", tags ? (char *)"--tags" : NULL, NULL };
	const struct spawn_fd fds[] = {
		{ .from = in, .to = STDIN_FILENO },
		{ .from = out, .to = STDOUT_FILENO },
		{ .from = STDERR_FILENO, .to = STDERR_FILENO },
	};
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	int pidfd;
	pid_t pid = spawn_start(&spawn, &pidfd, err);

	return pid < 0 ? (int)pid : pidfd;
}

static int read_lines(char *text, cJSON **out, struct err *err)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();
	int r = 0;

	for (char *line = text, *rest; r == 0 && line && *line; line = rest) {
		cJSON *value = NULL;
		rest = str_cut(line, '\n');
		r = json_parse(line, strlen(line), &value, err);
		if (r == 0)
			cJSON_AddItemToArray(list, value);
	}
	if (r == 0)
		*out = take_ptr(list);
	return r;
}

int yaml_parse(const char *program, const char *text, size_t size, bool tags, cJSON **out,
	       struct err *err)
{
	AUTO(mem) char *answer = NULL;
	int ends[2];

	AUTO(fd) int memory = fd_memory("yaml", text, size);
	if (memory < 0)
		return err_sys(err, memory, "cannot make a memory file");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	AUTO(fd) int child = start(program, memory, to, tags, err);
	if (child < 0)
		return child;
	fd_close(take_fd(to));
	int r = fd_read_all(from, ANSWER_MAX, &answer, NULL);
	fd_close(take_fd(from)); /* one that has more to say ends */
	int status = proc_wait(child);
	if (r == -EFBIG)
		return err_set(err, r, "the file is too long");
	if (r < 0)
		return err_sys(err, r, "cannot read from cubby-yaml");
	if (status == 1 && *answer)
		return err_set(err, -EBADMSG, "%s", answer);
	if (status != 0)
		return err_set(err, -EIO, "the helper program cubby-yaml ended unexpectedly");
	return read_lines(answer, out, err);
}
