/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * app - what the program hands to a command, and how it tells errors
 *
 * Errors are told in one place and one form, on stderr:
 *
 *	Error: no container named 'web'
 *	hint: list all containers with: cubby ps -a
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

struct host;
struct engine;
struct command_list;

/* Whose habits count where docker and podman differ: the name the program is called by decides. */
enum flavour {
	FLAVOUR_CUBBY, /* podman's way where they differ */
	FLAVOUR_DOCKER,
	FLAVOUR_PODMAN,
};

/* Messages are sentences of errors and warnings, which are always told, or debug lines. */
enum log_level {
	LOG_WARN,
	LOG_TRACE,
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARNING,
	LOG_ERROR,
	LOG_FATAL,
	LOG_PANIC,
};

/* Options in front of the command; texts are borrowed from argv, NULL when not given. */
struct globals {
	const char *root;	    /* folder of the store */
	const char *storage_driver; /* overlay, fuse-overlayfs, copy */
	const char *events_backend; /* file */
	const char *cgroup_manager; /* "systemd", "cgroupfs" */
	const char *runtime;	    /* cubby, or a name that stands for it */
	struct strv runtime_flags;  /* words for it */
	struct strv storage_opts;
	struct strv stores; /* folders of stores that are only read from */
	struct strv cdi_folders;
	struct strv hook_folders;
	enum log_level log_level;
	bool debug;
};

struct app {
	const char *name; /* as called: cubby, docker, podman */
	enum flavour flavour;
	struct globals globals;
	const struct command_list *commands;
	struct host *host;     /* facts, measured before run() is called */
	struct engine *engine; /* opened before run() when the command needs the store */
	FILE *out;	       /* what was asked for */
	FILE *err;	       /* everything else */
};

/* The exit status of a failure; both ways in one line. */
struct exit_rule {
	int code; /* negative errno; 0 ends the table and stands for every other code */
	uint8_t docker;
	uint8_t podman;
};

/**
 * app_error() - tell the user what failed
 * @app:	where to
 * @err:	an error that is set; empty afterwards
 *
 * For commands that go on with their next argument; an error that run() returns is told by the
 * program.
 */
void app_error(struct app *app, struct err *err);

/**
 * app_warn() - tell the user what is not as they may think
 * @app:	where to
 * @fmt:	one lower-case sentence
 */
void app_warn(struct app *app, const char *fmt, ...) printf_like(2, 3);

/**
 * app_docker() - whether docker's way is asked for
 * @app:	the program
 *
 * Return: true when it was called as docker.
 */
static inline bool app_docker(const struct app *app)
{
	return app->flavour == FLAVOUR_DOCKER;
}

/**
 * app_colours() - whether what is printed may be coloured
 * @app:	with the facts about the host
 *
 * Return: true when it goes to a terminal that knows colours, and NO_COLOR is not set.
 */
must_check bool app_colours(const struct app *app);

/**
 * exit_status() - the exit status of a failure
 * @rules:	the command's own, or NULL for the usual ones: 125, or docker's 1
 * @flavour:	whose way
 * @code:	negative errno
 *
 * Return: 1 to 255.
 */
must_check int exit_status(const struct exit_rule *rules, enum flavour flavour, int code);
