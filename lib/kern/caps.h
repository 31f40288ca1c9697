/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps - sets of capabilities: names, and giving them to the calling process
 *
 * A set is a bit for each capability, by its number. Which capabilities a container has is not
 * decided here.
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

struct cap_sets {
	uint64_t bounding;
	uint64_t permitted;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t ambient;
};

#define CAP_BIT(number) (UINT64_C(1) << (number))

/**
 * caps_parse() - the number of a capability
 * @name:	"CAP_NET_RAW", "NET_RAW" or "net_raw"
 *
 * Return: its number, or -EINVAL for an unknown one.
 */
must_check int caps_parse(const char *name);

/**
 * caps_name() - the name of a capability
 * @number:	its number
 *
 * Return: "CAP_NET_RAW" and so on, static; NULL when it is not known.
 */
const char *caps_name(int number);

/**
 * caps_all() - every capability that has a name here
 *
 * Return: the set.
 */
uint64_t caps_all(void);

/**
 * caps_list() - the names of a set
 * @set:	the set
 * @out:	names are added, lowest number first
 */
void caps_list(uint64_t set, struct strv *out);

/**
 * caps_current() - the permitted set of the calling process
 * @out:	set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int caps_current(uint64_t *out);

/**
 * caps_bound() - take everything else out of the bounding set
 * @keep:	what stays
 *
 * Needs CAP_SETPCAP when something is to be taken out.
 *
 * Return: 0 or a negative errno.
 */
must_check int caps_bound(uint64_t keep);

/**
 * caps_set() - the permitted, effective and inheritable set of the calling process
 * @sets:	bounding and ambient are not looked at
 *
 * Return: 0; -EPERM when something is added that is not permitted.
 */
must_check int caps_set(const struct cap_sets *sets);

/**
 * caps_raise() - the ambient set of the calling process
 * @ambient:	exactly what it shall be; must be permitted and inheritable
 *
 * Return: 0 or a negative errno.
 */
must_check int caps_raise(uint64_t ambient);
