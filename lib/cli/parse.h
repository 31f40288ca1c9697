/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse - words of a command line, read through option tables
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "cli/opt.h"

/* What opt_parse() met besides plain flags and words. */
enum opt_result {
	OPT_PARSED,
	OPT_HELP, /* --help, or -h where the table has no h of its own */
};

enum opt_flags {
	OPT_STOP_AT_WORD = 1 << 0, /* flags end at the first word that is none */
	OPT_ALL_WORDS = 1 << 1,	   /* there are no flags: every word is an argument */
};

/* A table and the struct that it fills. */
struct opt_set {
	const struct opt *table; /* NULL: no options */
	void *args;
};

/**
 * opt_parse() - split words into flags, which fill the structs, and arguments
 * @own:	the command's own options
 * @outer:	options of the program, of which only long names count here; may be NULL
 * @flags:	enum opt_flags
 * @argv:	words behind the command's name, NULL at the end; borrowed by the texts
 * @out:	arguments are added, copies; @own.args is to be released (opt_release) in any case
 * @err:	names the flag
 *
 * Return: enum opt_result; -EINVAL for an unknown or refused flag, a missing or a wrong value.
 */
must_check int opt_parse(const struct opt_set *own, const struct opt_set *outer, unsigned int flags,
			 char **argv, struct strv *out, struct err *err);
