/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * platform - for which machine an image is made, and how well it suits another
 *
 * Architectures are named as Go names them (amd64, arm64, arm with variants v5 to v8). Names of
 * uname(2) and common other spellings (x86_64, aarch64, armhf) are taken and changed to those.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/macros.h"
#include "base/str.h"

struct platform {
	char *os;
	char *architecture;
	char *variant;		 /* or NULL */
	char *os_version;	 /* or NULL; never matched, as .os_features */
	struct strv os_features; /* what the system must have */
};

/**
 * platform_parse() - read "os/arch", "os/arch/variant", or "arch" alone as --platform takes it
 * @text:	the text; "os" alone stands for the host's architecture
 * @host:	fills in what is not said
 * @out:	zeroed by the caller, who owns it (platform_clear); set on success only
 * @err:	says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int platform_parse(const char *text, const struct platform *host, struct platform *out,
			      struct err *err);

/**
 * platform_host() - the platform of a machine
 * @machine:	what uname(2) says
 * @out:	zeroed by the caller, who owns it (platform_clear)
 */
void platform_host(const char *machine, struct platform *out);

/**
 * platform_normalise() - change other spellings to Go's and drop the variants that say nothing
 * @platform:	changed: x86_64 becomes amd64, arm64/v8 becomes arm64, arm becomes arm/v7
 */
void platform_normalise(struct platform *platform);

/**
 * platform_print() - text of a platform
 * @platform:	printed
 *
 * Return: "linux/amd64" or "linux/arm/v7", to be freed; never NULL.
 */
must_check char *platform_print(const struct platform *platform);

/**
 * platform_rank() - how well something made for one platform runs on another
 * @have:	what it is made for
 * @want:	what is asked for
 *
 * An older variant runs on a newer one (arm v6 on v7, amd64 v1 on v3), never the other way round,
 * and 32-bit arm does not stand in for arm64.
 *
 * Return: 0 when it does not run at all; otherwise larger is better.
 */
int platform_rank(const struct platform *have, const struct platform *want);

/**
 * platform_copy() - a copy
 * @to:		zeroed or an owned platform, which is released
 * @from:	copied
 */
void platform_copy(struct platform *to, const struct platform *from);

/**
 * platform_clear() - release the texts
 * @platform:	zeroed afterwards
 */
void platform_clear(struct platform *platform);

static inline void auto_platform(struct platform *platform)
{
	platform_clear(platform);
}
