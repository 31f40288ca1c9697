/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * values - what the instructions of a Dockerfile say, as plain structs
 *
 * build/instruction.h fills them and tells which fields hold something for which kind.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "build/kind.h"
#include "build/runmount.h"

struct instruction_pair {
	char *name;
	char *value; /* NULL only for an ARG without a default */
};

struct instruction_pairs {
	struct instruction_pair *items;
	size_t count;
};

struct instruction_command {
	struct strv args; /* the list, or one text: a line for the shell */
	bool shell;	  /* args.items[0] is for the shell */
};

enum instruction_network { NETWORK_DEFAULT, NETWORK_NONE, NETWORK_HOST };

struct instruction_run {
	struct runmounts mounts;
	enum instruction_network network;
	bool insecure; /* --security=insecure */
	char *script; /* NULL, or a heredoc that begins with "#!": to be run as a file, command is empty */
};

/* Nanoseconds and a count; 0 means the usual. */
struct instruction_health {
	bool none; /* no check, whatever the base says; command is empty */
	int64_t interval, timeout, start_period, start_interval;
	int retries;
};

struct instruction_from {
	char *base;	/* a stage, an image or "scratch" */
	char *name;	/* of this stage in lower case, or NULL */
	char *platform; /* or NULL */
};

/* A file that stands in the Dockerfile itself. */
struct instruction_file {
	char *name;
	char *content;
};

struct instruction_files {
	struct instruction_file *items;
	size_t count;
};

struct instruction_copy {
	char *from;	/* a stage, a context or an image; NULL: the context */
	char *chown;	/* or NULL */
	char *chmod;	/* octal or symbolic, checked; or NULL */
	char *checksum; /* ADD; or NULL */
	bool link, parents;
	bool keep_git_dir;	  /* ADD */
	bool unpack, unpack_said; /* ADD: what --unpack says, and whether it was said */
	struct strv excludes;
	struct strv sources; /* paths, globs, addresses */
	struct instruction_files files;
	char *destination;
};

struct instruction {
	enum kind kind;
	int line;
	bool legacy; /* ENV, LABEL: "NAME value" */
	struct instruction_pairs pairs;
	struct strv words;
	char *text;
	struct instruction_command command;
	struct instruction_run run;
	struct instruction_health health;
	struct instruction_from from;
	struct instruction_copy copy;
};
