/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pastaargs - the words that pasta is started with (--network pasta[:OPTION,...])
 *
 * Pure. What stands behind the colon are pasta's own options, with commas for spaces, as podman has them; its
 * --map-gw, which pasta does not know, leaves --no-map-gw out. Only options that are known here are taken:
 * another program, another user, files that pasta would write and its going to the background are none of a
 * container's business.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "net/ports.h"

/* Addresses that mean the host, for pastas which can be told; podman's. */
#define PASTA_DNS "169.254.1.1"
#define PASTA_HOST "169.254.1.2"

/* What is not asked for. */
struct pastaargs {
	const struct strv *options; /* as pastaargs_check() made them */
	const struct ports *ports;  /* with host ports */
	bool maps_guest;	    /* this pasta has --map-guest-addr */
	const char *netns;	    /* path of the container's network namespace */
	const char *ready;	    /* path that it writes its pid to when it serves */
};

/**
 * pastaargs_check() - read the options of the user
 * @text:	what stands behind the colon; NULL for nothing
 * @out:	grows by an option or a value each; unchanged on failure
 * @err:	names the option that is not taken, and why
 *
 * Return: 0 or -EINVAL.
 */
must_check int pastaargs_check(const char *text, struct strv *out, struct err *err);

/**
 * pastaargs_build() - all words
 * @args:	what is known
 * @out:	grows; the program's name is the first
 */
void pastaargs_build(const struct pastaargs *args, struct strv *out);

/**
 * pastaargs_value() - what an option was given
 * @options:	as pastaargs_check() made them
 * @name:	of the option, "--dns-forward"
 *
 * Return: its first value, which belongs to @options; NULL when it was not given.
 */
const char *pastaargs_value(const struct strv *options, const char *name);

/**
 * pastaargs_has() - whether an option was given
 * @options:	as pastaargs_check() made them
 * @name:	of the option, "--ipv6-only"
 *
 * Return: the answer.
 */
bool pastaargs_has(const struct strv *options, const char *name);
