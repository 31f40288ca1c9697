/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compact - a filter program rewritten as a search among ranges of call numbers
 *
 * The kernel translates a filter twice whenever one is loaded, so a container's start pays for each of
 * its instructions. A profile names calls one by one, and neighbours mostly get the same answer: as
 * ranges it is a fifth as long, and a call needs fewer comparisons too.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

#include "base/macros.h"

/**
 * compact_filter() - rewrite a program; each call gets the answer that it got
 * @in:		a program as libseccomp writes it: forward jumps, and loads of the call's number, of the
 *		architecture and of arguments
 * @count:	its instructions
 * @out:	to be freed; set on success only
 * @out_count:	instructions
 *
 * Return: 0; -ENOTSUP for a program of another shape, which stays usable as it is.
 */
must_check int compact_filter(const struct sock_filter *in, size_t count, struct sock_filter **out,
			      size_t *out_count);
