/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * credhelper - asking a program of the user's that keeps names and passwords
 */
#include "remote/credhelper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/proc.h"

#define PROGRAM "docker-credential-"
#define NOTHING "credentials not found in native keychain"
#define TOKEN_USER "<token>"
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define DOCKER_DOMAIN "docker.io"
#define DOCKER_KEY "https://index.docker.io/v1/"
#define MS INT64_C(1000000)

enum { WORDS_MAX = 300 };

struct answer {
	char *text; /* what it printed, ended with 0 */
	size_t size;
};

static void auto_answer(struct answer *a)
{
	if (a->text)
		explicit_bzero(a->text, a->size);
	free(a->text);
}

/* Takes what is in the pipe. Return: 1 when there may be more, 0 at the end, or a negative errno. */
static int take_some(int from, struct answer *out)
{
	ssize_t n = read(from, out->text + out->size, CREDHELPER_MAX - out->size);

	if (n < 0)
		return errno == EINTR ? 1 : errno == EAGAIN ? -EAGAIN : -errno;
	out->size += (size_t)n;
	if (out->size == CREDHELPER_MAX)
		return -EFBIG;
	return n > 0;
}

/* Reads to the end. What it has started may live on with the pipe: its own end is one, too. */
static int read_answer(int from, int pidfd, struct answer *out)
{
	int64_t end = clock_mono() + CREDHELPER_SECONDS * CLOCK_SECOND;
	struct pollfd fds[] = { { .fd = from, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	int r = fd_nonblock(from, true);

	out->text = mem_alloc(CREDHELPER_MAX + 1, 1);
	while (r >= 0) {
		int64_t left = end - clock_mono();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(fds, array_len(fds), (int)(left / MS) + 1) < 0 && errno != EINTR)
			return -errno;
		do
			r = take_some(from, out);
		while (r > 0);
		if (r == 0)
			return 0;
		if (r == -EAGAIN)
			r = fds[1].revents ? -ENODATA : 0;
	}
	return r == -ENODATA ? 0 : r;
}

static int start(const struct host *host, const char *program, const char *verb, int in, int to,
		 int *out_pidfd, struct err *err)
{
	AUTO(mem) char *path = host_tool(host, program);
	char *argv[] = { (char *)program, (char *)verb, NULL };
	const struct spawn_fd fds[] = { { in, STDIN_FILENO },
					{ to, STDOUT_FILENO },
					{ STDERR_FILENO, STDERR_FILENO } };

	if (!path) {
		(void)err_set(err, -ENOSYS, "the credential helper '%s' is not there", program);
		return err_hint(err, "install it, or take its name out of the file that has it");
	}
	const struct spawn spawn = { .path = path,
				     .argv = argv,
				     .envp = host->env.items,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	pid_t pid = spawn_start(&spawn, out_pidfd, err);
	return pid < 0 ? (int)pid : 0;
}

/* What it printed when it failed, fit for a terminal. */
static int tell_failure(const char *program, const struct answer *answer, int status,
			struct err *err)
{
	AUTO(mem) char *copy = str_ndup(str_or(answer->text, ""), WORDS_MAX);
	char *words = str_trim(copy);

	words[strcspn(words, "\r\n")] = 0;
	if (strstr(words, NOTHING))
		return err_set(err, -ENOENT, "the credential helper '%s' has nothing", program);
	if (!*words)
		return err_set(err, -EIO, "the credential helper '%s' ended with %d", program,
			       status);
	return err_set(err, -EIO, "the credential helper '%s' failed: %s", program, words);
}

static int ask(const struct host *host, const char *name, const char *verb, const char *input,
	       struct answer *out, struct err *err)
{
	AUTO(mem) char *program = str_fmt(PROGRAM "%s", name);
	AUTO(fd) int in = -1;
	AUTO(fd) int pidfd = -1;
	int ends[2];

	if (str_empty(name) || name[strspn(name, NAME_LETTERS)])
		return err_set(err, -EINVAL, "'%.100s' is no name of a credential helper", name);
	in = fd_memory("credentials", input, strlen(input));
	if (in < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, in < 0 ? in : -errno, "cannot talk to '%s'", program);
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	int r = start(host, program, verb, in, to, &pidfd, err);
	if (r < 0)
		return r;
	fd_close(take_fd(to));
	r = read_answer(from, pidfd, out);
	if (r < 0)
		/* It may have ended meanwhile. */
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	int status = proc_wait(pidfd);
	if (r == -ETIMEDOUT)
		return err_set(err, r, "the credential helper '%s' did not end within %d s",
			       program, CREDHELPER_SECONDS);
	if (r < 0)
		return err_sys(err, r, "cannot read what '%s' prints", program);
	return status ? tell_failure(program, out, status, err) : 0;
}

static int parse_get(const char *name, const struct answer *answer, struct credentials *out,
		     struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	if (json_parse(answer->text, answer->size, &doc, NULL) < 0 || !cJSON_IsObject(doc))
		return err_set(err, -EBADMSG, "the credential helper '" PROGRAM "%s' gives no JSON",
			       name);
	const char *user = json_text(doc, "Username"), *secret = json_text(doc, "Secret");
	if (str_empty(user) || str_empty(secret))
		return err_set(err, -ENOENT, "the credential helper '" PROGRAM "%s' has nothing",
			       name);
	if (str_eq(user, TOKEN_USER)) {
		out->identity_token = str_dup(secret);
		return 0;
	}
	out->user = str_dup(user);
	out->password = str_dup(secret);
	return 0;
}

static int get_key(const struct host *host, const char *name, const char *key,
		   struct credentials *out, struct err *err)
{
	AUTO(answer) struct answer answer = { 0 };
	int r = ask(host, name, "get", key, &answer, err);

	return r < 0 ? r : parse_get(name, &answer, out, err);
}

int credhelper_get(const struct host *host, const char *name, const char *domain,
		   struct credentials *out, struct err *err)
{
	if (str_eq(domain, DOCKER_DOMAIN)) {
		int r = get_key(host, name, DOCKER_KEY, out, err);
		if (r != -ENOENT)
			return r;
		err_clear(err);
	}
	return get_key(host, name, domain, out, err);
}

int credhelper_store(const struct host *host, const char *name, const char *key,
		     const struct credentials *credentials, struct err *err)
{
	AUTO(answer) struct answer answer = { 0 };
	AUTO(json) cJSON *doc = cJSON_CreateObject();

	cJSON_AddStringToObject(doc, "ServerURL", key);
	cJSON_AddStringToObject(doc, "Username", credentials->user);
	cJSON_AddStringToObject(doc, "Secret", str_or(credentials->password, ""));
	AUTO(mem) char *text = json_print(doc, 0);
	int r = ask(host, name, "store", text, &answer, err);
	explicit_bzero(text, strlen(text));
	return r;
}

int credhelper_erase(const struct host *host, const char *name, const char *key, struct err *err)
{
	AUTO(answer) struct answer answer = { 0 };

	return ask(host, name, "erase", key, &answer, err);
}

int credhelper_list(const struct host *host, const char *name, struct strv *out, struct err *err)
{
	AUTO(answer) struct answer answer = { 0 };
	AUTO(json) cJSON *doc = NULL;
	const cJSON *item;

	int r = ask(host, name, "list", "", &answer, err);
	if (r < 0)
		return r;
	if (json_parse(answer.text, answer.size, &doc, NULL) < 0 || !cJSON_IsObject(doc))
		return err_set(err, -EBADMSG, "the credential helper '" PROGRAM "%s' gives no JSON",
			       name);
	cJSON_ArrayForEach(item, doc)
	{
		strv_add(out, item->string);
	}
	return 0;
}
