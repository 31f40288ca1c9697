/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry_opts - the options of commands that ask registries
 *
 * A command includes the tables that it has. What --creds leaves out is asked for by creds.h.
 */
#pragma once

#include "cli/command.h"
#include "engine/registry.h"

struct registry_args {
	enum tri tls_verify;
	bool insecure;
	const char *authfile;
	const char *creds;
	const char *cert_dir;
};

struct retry_args {
	int retries; /* -1 by default: not said */
	int64_t delay;
};

extern const struct opt registry_opts[]; /* of struct registry_args */
extern const struct opt insecure_opts[]; /* likewise: docker's word, of lists alone */
extern const struct opt retry_opts[];	 /* of struct retry_args */

/**
 * registry_access() - what they say
 * @args:	filled from registry_opts
 * @retry:	filled from retry_opts, or NULL
 *
 * Return: the texts belong to @args.
 */
struct registry_access registry_access(const struct registry_args *args,
				       const struct retry_args *retry);
