/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main - the program: its own options, the command, the exit status
 *
 * Called as docker or podman (through a link), that tool's way counts where the two differ. Facts
 * about the host and the store are made ready only for commands that need them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/app.h"
#include "cli/help.h"
#include "cli/invoke.h"
#include "cli/parse.h"
#include "cmd/globals.h"
#include "cmd/list.h"
#include "config.h"
#include "ready.h"

enum { EXIT_USAGE = 125, EXIT_OUTPUT = 1 };

/* What is opened later must not land on 0, 1 or 2 and be taken for the terminal. */
static void fill_stdio(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
				   (fd ? O_WRONLY : O_RDONLY) | O_CLOEXEC); /* nothing helps */
}

static void take_name(struct app *app, const char *path)
{
	static const struct {
		const char *name;
		enum flavour flavour;
	} names[] = { { "docker", FLAVOUR_DOCKER }, { "podman", FLAVOUR_PODMAN } };
	const char *slash = strrchr(str_or(path, ""), '/');
	const char *name = slash ? slash + 1 : str_or(path, "");

	app->name = PACKAGE_NAME;
	for (size_t i = 0; i < array_len(names); i++) {
		if (str_eq(name, names[i].name)) {
			app->name = names[i].name;
			app->flavour = names[i].flavour;
		}
	}
}

static int make_ready(struct app *app, const struct command *command, struct err *err)
{
	const struct globals *globals = &app->globals;

	/* A --debug of the command's own has done it already. */
	if (globals->debug || globals->log_level == LOG_DEBUG || globals->log_level == LOG_TRACE)
		log_enable(true);
	return app_ready(app, command->needs, err);
}

static void print_version(const struct app *app)
{
	if (app_docker(app))
		fprintf(app->out, "Docker version %s, build %s\n", PACKAGE_VERSION, PACKAGE_NAME);
	else
		fprintf(app->out, "%s version %s\n", app->name, PACKAGE_VERSION);
}

/* The options in front of the command, then the command. Return: the exit status. */
static int run(struct app *app, char **argv, struct err *err)
{
	struct program_args args = { 0 };
	const struct opt_set program = { .table = program_opts, .args = &args };
	const struct opt_set globals = { .table = globals_opts, .args = &app->globals };
	AUTO(strv) struct strv words = { 0 };
	size_t used;
	int r = opt_parse(&program, NULL, OPT_STOP_AT_WORD, argv, &words, err);

	app->globals = args.globals; /* lists too: they are released with the program's */
	if (r < 0) {
		err_hint(err, "see '%s --help'", app->name);
		return EXIT_USAGE;
	}
	if (r == OPT_PARSED && args.version) {
		print_version(app);
		return 0;
	}
	if (r == OPT_HELP || !words.count) {
		help_program(app, program_opts, app->out);
		return 0;
	}
	const struct command_entry *entry = command_find(app->commands, words.items, &used, err);
	if (!entry) {
		if (!err->hint)
			err_hint(err, "see '%s --help'", app->name);
		return EXIT_USAGE;
	}
	return command_run(app, entry, &globals, words.items + used, make_ready, err);
}

/* A caller's umask may take rights from the owner, but we have to read what we have written. */
static void own_umask(void)
{
	enum { OWNER = 0700 };

	(void)umask(umask(OWNER) & ~(mode_t)OWNER);
}

/* A failure is told when it is the only one. Some commands have written already: then errno is not known. */
static int end_output(struct app *app, int status)
{
	AUTO(err) struct err err = { 0 };
	const int r = fflush(app->out) != 0 ? -errno : ferror(app->out) ? -EIO : 0;

	if (r == 0 || status != 0)
		return status;
	err_sys(&err, r, "cannot write the output");
	app_error(app, &err);
	return EXIT_OUTPUT;
}

int main(int unused_arg argc, char **argv)
{
	AUTO(err) struct err err = { 0 };

	fill_stdio();
	own_umask();
	/* A caller may have children ignored, which execve keeps: ours could not be waited for. */
	(void)signal(SIGCHLD, SIG_DFL); /* cannot fail for this signal */
	struct app app = { .commands = &command_list, .out = stdout, .err = stderr };
	take_name(&app, argv[0]);
	int status = run(&app, argv[0] ? argv + 1 : argv, &err);
	if (err.code)
		app_error(&app, &err);
	status = end_output(&app, status);
	app_release(&app);
	opt_release(globals_opts, &app.globals);
	return status;
}
