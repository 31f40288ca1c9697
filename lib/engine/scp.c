/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scp - images to and from other machines over ssh, and other users of this one through sudo
 *
 * The other side's shell gets one line. Names of images that go into it are made of characters that mean
 * nothing there.
 */
#include "engine/scp.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "engine/save.h"

#define FIND_PROGRAM "for p in cubby podman docker; do command -v $p > /dev/null 2>&1 && exec $p "
#define NO_PROGRAM "; done; echo \"neither cubby nor podman nor docker is there\" >&2; exit 127"

/* A process at the other side. */
struct side_process {
	int pidfd;
	const char *what; /* "ssh", "sudo" */
	const struct scp_side *side;
};

static void auto_side_process(struct side_process *p)
{
	fd_close(p->pidfd);
}

/* --- text -------------------------------------------------------------------------------- */

/* Where the image begins, or NULL; "[::1]" has colons of its own. */
static const char *find_mark(const char *text)
{
	const char *bracket = strchr(text, '[');
	const char *mark = strstr(text, "::");

	if (mark && bracket && bracket < mark)
		mark = strchr(bracket, ']') ? strstr(strchr(bracket, ']'), "::") : NULL;
	return mark;
}

static bool all_of(const char *text, const char *more)
{
	if (!*text || *text == '-')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(more, *text))
			return false;
	return true;
}

static int parse_host(char *place, struct scp_side *out, struct err *err)
{
	const char *rest = str_starts(place, "ssh://");
	AUTO(mem) char *copy = str_dup(rest ? rest : place);
	char *host = strrchr(copy, '@');
	char *port;

	if (host)
		*host++ = '\0';
	else
		host = copy;
	port = strrchr(host, ':');
	if (port && !strchr(port, ']')) {
		*port++ = '\0';
		if (!all_of(port, "") || strspn(port, "0123456789") != strlen(port))
			return err_set(err, -EINVAL, "'%s' is no port", port);
		out->port = str_dup(port);
	}
	if (!all_of(host, "-._[]:%") || (host != copy && !all_of(copy, "-._@\\")))
		return err_set(err, -EINVAL, "'%s' is no [USER@]HOST", place);
	/* ssh wants the address alone. */
	bool bracketed = *host == '[' && str_ends(host, "]");
	out->host = str_ndup(host + bracketed, strlen(host) - 2UL * bracketed);
	out->user = host != copy ? str_dup(copy) : NULL;
	return 0;
}

int scp_side_parse(const char *text, struct scp_side *out, struct err *err)
{
	AUTO(scp_side) struct scp_side side = { 0 };
	const char *mark = find_mark(text);
	const char *image = mark ? mark + strlen("::") : text;

	if (mark) {
		AUTO(mem) char *place = str_ndup(text, (size_t)(mark - text));
		int r = parse_host(place, &side, err);
		if (r < 0)
			return r;
	}
	if (*image && !all_of(image, "-._:/@+[]"))
		return err_set(err, -EINVAL, "'%s' is no name of an image", image);
	side.image = *image ? str_dup(image) : NULL;
	if (!side.host && !side.image)
		return err_set(err, -EINVAL, "the name of an image is empty");
	*out = side;
	side = (struct scp_side){ 0 };
	return 0;
}

void scp_side_clear(struct scp_side *side)
{
	free(side->user);
	free(side->host);
	free(side->port);
	free(side->image);
	*side = (struct scp_side){ 0 };
}

/* --- the other side -------------------------------------------------------------------------- */

static bool other_user(const struct scp_side *side)
{
	return side->user && str_eq(side->host, "localhost") && !side->port;
}

static void add_words(const struct scp_side *side, const char *script, struct strv *out)
{
	if (other_user(side)) {
		strv_add(out, "sudo");
		strv_add(out, "-H");
		strv_add(out, "-u");
		strv_add(out, side->user);
		strv_add(out, "--");
		strv_add(out, "sh");
		strv_add(out, "-c");
		strv_add(out, script);
		return;
	}
	strv_add(out, "ssh");
	if (side->port) {
		strv_add(out, "-p");
		strv_add(out, side->port);
	}
	if (side->user) {
		strv_add(out, "-l");
		strv_add(out, side->user);
	}
	strv_add(out, "--");
	strv_add(out, side->host);
	strv_addf(out, "sh -c '%s'", script);
}

static int start(struct engine *engine, const struct scp_side *side, const char *script, int in,
		 int out, struct side_process *process, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	const struct spawn_fd fds[] = { { in, 0 }, { out, 1 }, { STDERR_FILENO, 2 } };

	add_words(side, script, &words);
	AUTO(mem) char *path = host_tool(engine->host, words.items[0]);
	if (!path)
		return err_set(err, -ENOENT, "the program '%s' is not there", words.items[0]);
	const struct spawn spawn = {
		.path = path,
		.argv = words.items,
		.envp = engine->host->env.items,
		.fds = fds,
		.fd_count = array_len(fds),
		.die_with_parent = true,
	};
	pid_t pid = spawn_start(&spawn, &process->pidfd, err);
	process->side = side;
	process->what = other_user(side) ? "sudo" : "ssh";
	return pid < 0 ? (int)pid : 0;
}

static int start_load(struct engine *engine, const struct scp_side *to, int in, bool quiet,
		      struct side_process *process, struct err *err)
{
	return start(engine, to, FIND_PROGRAM "load" NO_PROGRAM, in, quiet ? -1 : STDOUT_FILENO,
		     process, err);
}

static int start_save(struct engine *engine, const struct scp_side *from, int out,
		      struct side_process *process, struct err *err)
{
	AUTO(mem)
	char *script = str_fmt(FIND_PROGRAM "save \"%s\"" NO_PROGRAM, from->image);

	return start(engine, from, script, -1, out, process, err);
}

/* What the other side failed with is the reason of what failed here. */
static int finish(struct side_process *process, int code, struct err *err)
{
	int status = proc_wait(process->pidfd);

	if (status == 0)
		return code;
	if (status < 0)
		return err_sys(err, status, "cannot wait for %s", process->what);
	err_set(err, -EREMOTEIO, "%s to '%s' ended with status %d", process->what,
		other_user(process->side) ? process->side->user : process->side->host, status);
	return -EREMOTEIO;
}

static int make_pipe(int *out_read, int *out_write, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	*out_read = ends[0];
	*out_write = ends[1];
	return 0;
}

/* --- the three ways ----------------------------------------------------------------------------- */

static int send_image(struct engine *engine, const struct scp_side *from, const struct scp_side *to,
		      bool quiet, struct err *err)
{
	AUTO(side_process) struct side_process there = { .pidfd = -1 };
	AUTO(fd) int reader = -1;
	AUTO(fd) int writer = -1;
	AUTO(strv) struct strv names = { 0 };
	const struct save_request request = { .names = &names, .format = SAVE_DOCKER_ARCHIVE };

	strv_add(&names, from->image);
	int r = images_save_check(engine, &request, err);
	if (r == 0)
		r = make_pipe(&reader, &writer, err);
	if (r == 0)
		r = start_load(engine, to, reader, quiet, &there, err);
	if (r < 0)
		return r;
	fd_close(take_fd(reader));
	r = images_save(engine, &request, writer, err);
	fd_close(take_fd(writer));
	return finish(&there, r, err);
}

static int fetch_image(struct engine *engine, const struct scp_side *from, struct loaded *out,
		       struct err *err)
{
	AUTO(side_process) struct side_process there = { .pidfd = -1 };
	AUTO(fd) int reader = -1;
	AUTO(fd) int writer = -1;

	int r = make_pipe(&reader, &writer, err);
	if (r == 0)
		r = start_save(engine, from, writer, &there, err);
	if (r < 0)
		return r;
	fd_close(take_fd(writer));
	const struct load_request request = { .from = reader };
	r = images_load_from(engine, &request, out, err);
	fd_close(take_fd(reader));
	return finish(&there, r, err);
}

static int pass_on(struct engine *engine, const struct scp_side *from, const struct scp_side *to,
		   bool quiet, struct err *err)
{
	AUTO(side_process) struct side_process source = { .pidfd = -1 };
	AUTO(side_process) struct side_process sink = { .pidfd = -1 };
	AUTO(fd) int reader = -1;
	AUTO(fd) int writer = -1;

	int r = make_pipe(&reader, &writer, err);
	if (r == 0)
		r = start_load(engine, to, reader, quiet, &sink, err);
	if (r == 0)
		r = start_save(engine, from, writer, &source, err);
	if (r < 0)
		return r;
	fd_close(take_fd(reader));
	fd_close(take_fd(writer));
	r = finish(&source, 0, err);
	if (r < 0) {
		(void)!proc_wait(sink.pidfd); /* it has an archive that ends early, and says so */
		return r;
	}
	return finish(&sink, 0, err);
}

int image_scp(struct engine *engine, const struct scp_side *from, const struct scp_side *to,
	      bool quiet, struct loaded *out, struct err *err)
{
	if (!from->image)
		return err_set(err, -EINVAL, "which image is to be copied? HOST::IMAGE");
	if (from->host && to->host)
		return pass_on(engine, from, to, quiet, err);
	if (to->host)
		return send_image(engine, from, to, quiet, err);
	bug_unless(from->host);
	return fetch_image(engine, from, out, err);
}
