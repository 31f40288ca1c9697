/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_opts - the options that run and create share
 */
#pragma once

#include "cli/app.h"
#include "cli/opt.h"
#include "engine/create.h"

struct run_args {
	struct create_args create;
	enum tri tls_verify;
	enum tri http_proxy;
	enum tri passwd;
	enum tri read_only_tmpfs;
	const char *arch;
	const char *os;
	const char *variant;
	char *platform; /* joined of those three; released by run_args_clear() */

	/* of run alone */
	bool detach;
	enum tri sig_proxy;
	bool remove_image;
	int preserve_fds;
	struct strv preserve_fd;
};

extern const struct opt create_opts[];

/* What is not zero by default. */
#define RUN_DEFAULTS                                                                               \
	{                                                                                          \
		.create = {                                                                        \
			.stop_timeout = -1,                                                        \
			.tls_verify = -1,                                                          \
			.retries = -1,                                                             \
			.health = HEALTH_ARGS_NONE                                                 \
		}                                                                                  \
	}

/**
 * run_args_finish() - fill in what follows from the other options and from how we are called
 * @app:	flavour, and the words of the command line
 * @args:	as parsed
 * @words:	image and command
 * @err:	names the option that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int run_args_finish(struct app *app, struct run_args *args, const struct strv *words,
			       struct err *err);

/**
 * run_args_clear() - release what the options allocated besides their lists
 * @args:	a struct run_args
 */
void run_args_clear(void *args);
