/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretdriver - where the bytes of a secret are
 */
#include "engine/secretdriver.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "kern/host.h"

static const char *const commands[] = { "store", "lookup", "delete", "list" };

/* ---- what was asked for ----------------------------------------------------------------------- */

static bool is_command(const char *option)
{
	for (size_t i = 0; i < array_len(commands); i++) {
		const char *rest = str_starts(option, commands[i]);
		if (rest && rest[0] == '=' && rest[1])
			return true;
	}
	return false;
}

static int plan_shell(const struct strv *options, struct err *err)
{
	for (size_t i = 0; i < options->count; i++)
		if (!is_command(options->items[i]))
			return err_set(err, -EINVAL,
				       "--driver-opts: '%s' is not one of store=, lookup=, "
				       "delete=, list= with a command",
				       options->items[i]);
	for (size_t i = 0; i < array_len(commands); i++)
		if (!strv_env_get(options, commands[i]))
			return err_set(err, -EINVAL,
				       "the driver 'shell' needs --driver-opts %s=COMMAND",
				       commands[i]);
	return 0;
}

int secretdriver_plan(const char *driver, const struct strv *options, struct secret *out,
		      struct err *err)
{
	if (!driver || str_eq(driver, "file")) {
		if (options->count)
			return err_set(err, -EINVAL,
				       "--driver-opts: the driver 'file' has no options");
		return 0;
	}
	if (!str_eq(driver, "shell")) {
		err_set(err, -EOPNOTSUPP, "no secret driver '%s'", driver);
		return err_hint(err, "drivers are file and shell, which asks other programs");
	}
	int r = plan_shell(options, err);
	if (r < 0)
		return r;
	out->driver = str_dup(driver);
	for (size_t i = 0; i < options->count; i++)
		strv_env_set(&out->driver_options, options->items[i]);
	return 0;
}

/* ---- commands --------------------------------------------------------------------------------- */

struct run {
	const char *command;
	int in;
	char *out; /* what it printed, or NULL when that is not wanted */
	size_t size;
};

static int start(struct engine *engine, const struct secret *secret, const struct run *run,
		 int output, int *out_pidfd, struct err *err)
{
	AUTO(strv) struct strv env = { 0 };
	AUTO(mem) char *id = str_fmt("SECRET_ID=%s", secret->id);
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)run->command, NULL };
	const struct spawn_fd fds[] = { { run->in, 0 }, { output, 1 }, { STDERR_FILENO, 2 } };

	strv_extend(&env, &engine->host->env);
	strv_env_set(&env, id);
	const struct spawn spawn = {
		.path = "/bin/sh",
		.argv = argv,
		.envp = env.items,
		.fds = fds,
		.fd_count = array_len(fds),
		.die_with_parent = true,
	};
	pid_t pid = spawn_start(&spawn, out_pidfd, err);
	return pid < 0 ? pid : 0;
}

/* Reads what it prints to the end, and its status. */
static int run_command(struct engine *engine, const struct secret *secret, const char *name,
		       struct run *run, struct err *err)
{
	AUTO(fd) int pidfd = -1;
	int ends[2];

	run->command = strv_env_get(&secret->driver_options, name);
	if (!run->command)
		return err_set(err, -EBADMSG, "the secret '%s' has no command '%s'", secret->name,
			       name);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	int r = start(engine, secret, run, to, &pidfd, err);
	if (r < 0)
		return r;
	fd_close(take_fd(to));
	r = fd_read_all(from, SECRET_BYTES_MAX, &run->out, &run->size);
	fd_close(take_fd(from));
	int status = proc_wait(pidfd);
	if (r < 0)
		return err_set(err, -EIO, "the secret '%s': '%s' prints too much", secret->name,
			       name);
	if (status != 0)
		return err_set(err, -EIO, "the secret '%s': its command '%s' ended with %d",
			       secret->name, name, status);
	return 0;
}

static void auto_run(struct run *run)
{
	fd_close(run->in);
	if (run->out)
		explicit_bzero(run->out, run->size);
	free(run->out);
}

static int hand_over(struct engine *engine, const struct secret *secret, const void *data,
		     size_t size, struct err *err)
{
	AUTO(run) struct run run = { .in = fd_memory("secret", data, size) };

	if (run.in < 0)
		return err_sys(err, run.in, "cannot hand the secret '%s' over", secret->name);
	return run_command(engine, secret, "store", &run, err);
}

static int forget(struct engine *engine, const struct secret *secret, struct err *err)
{
	AUTO(run) struct run run = { .in = -1 };

	return secret->driver ? run_command(engine, secret, "delete", &run, err) : 0;
}

int secretdriver_create(struct engine *engine, const struct secret *secret, const void *data,
			size_t size, bool replace, char **out_id, struct err *err)
{
	AUTO(secret) struct secret *made = NULL;
	AUTO(secret) struct secret *old = NULL;
	AUTO(mem) char *id = NULL;

	/* What is replaced is kept until the new one is there. */
	if (replace)
		(void)!secret_load(engine->store, secret->name, &old, NULL);
	int r = secret_create(engine->store, secret, data, size, replace, &id, err);
	if (r == 0 && secret->driver) {
		r = secret_load(engine->store, secret->name, &made, err);
		if (r == 0)
			r = hand_over(engine, made, data, size, err);
		if (r < 0)
			(void)!secret_remove(engine->store, secret->name, NULL);
	}
	if (r == 0 && old)
		(void)!forget(engine, old, NULL); /* nobody knows it any more */
	if (r == 0 || r == -EEXIST)
		*out_id = take_ptr(id);
	return r;
}

int secretdriver_fetch(struct engine *engine, const struct secret *secret, char **out,
		       size_t *out_size, struct err *err)
{
	AUTO(run) struct run run = { .in = -1 };

	if (!secret->driver)
		return secret_data(secret, out, out_size, err);
	int r = run_command(engine, secret, "lookup", &run, err);
	if (r < 0)
		return r;
	*out_size = run.size;
	*out = take_ptr(run.out);
	return 0;
}

int secretdriver_remove(struct engine *engine, const struct secret *secret, struct err *err)
{
	int r = forget(engine, secret, err);

	return r < 0 ? r : secret_remove(engine->store, secret->name, err);
}
