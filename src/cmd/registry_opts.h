/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry_opts - the options of commands that ask registries about lists of images
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

extern const struct opt registry_opts[];

/**
 * registry_access() - what they say
 * @args:	filled from registry_opts
 *
 * Return: the texts belong to @args.
 */
struct registry_access registry_access(const struct registry_args *args);
