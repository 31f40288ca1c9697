/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtimeflag - what --runtime-flag may say
 *
 * podman and buildah hand such words to the runtime that they start. Ours is part of the program; the words that
 * runc and crun have in common with it do here what they do there, the others are refused.
 *
 * Source: runc(8), crun(1), "global options".
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#define RUNTIME_FLAG_HELP                                                                          \
	"flag of runc or crun: debug, log=FILE, log-format=text|json, "                            \
	"log-level=error|warning|debug, cgroup-manager=systemd|cgroupfs, systemd-cgroup, rootless"

struct runtime_flags {
	bool debug;
	char *log; /* file that messages are added to, or NULL */
	enum log_format format;
	const char *cgroup_manager; /* "systemd", "cgroupfs", or NULL; static */
};

/**
 * runtime_flags_parse() - what the words ask for
 * @words:	NAME or NAME=VALUE, without dashes; later ones outweigh earlier ones
 * @manager:	--cgroup-manager, or NULL
 * @out:	zeroed before; released with runtime_flags_clear() in any case
 * @err:	names the word, and those that are taken
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for what runc or crun have and this has not.
 */
must_check int runtime_flags_parse(const struct strv *words, const char *manager,
				   struct runtime_flags *out, struct err *err);

/**
 * runtime_flags_apply() - let the messages of this program be what the words ask for
 * @flags:	parsed
 * @err:	that the log cannot be written
 *
 * Return: 0 or what open(2) said.
 */
must_check int runtime_flags_apply(const struct runtime_flags *flags, struct err *err);

/**
 * runtime_flags_clear() - release what it owns
 * @flags:	empty afterwards
 */
void runtime_flags_clear(struct runtime_flags *flags);

static inline void auto_runtime_flags(struct runtime_flags *flags)
{
	runtime_flags_clear(flags);
}
