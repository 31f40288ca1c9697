/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - a runtime spec becomes a list of small steps
 *
 * Making the list is pure and needs no rights: all thinking about mount options, order and targets is
 * tested as text. Carrying it out is run/apply. The steps run in the container's own namespaces,
 * before its root is the process's root; every target is looked up inside the container's root.
 */
#pragma once

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "run/op.h"

struct plan {
	struct plan_op *items;
	size_t count;
};

/**
 * plan_make() - the steps that a spec asks for
 * @spec:	decided
 * @out:	to be released with plan_clear; set on success only
 * @err:	names the option that is not known
 *
 * Return: 0 or -EINVAL.
 */
must_check int plan_make(const struct runtime_spec *spec, struct plan *out, struct err *err);

/**
 * plan_print() - the text of a plan
 * @plan:	printed
 *
 * Return: one step a line, to be freed.
 */
must_check char *plan_print(const struct plan *plan);

/**
 * plan_clear() - release a plan
 * @plan:	empty afterwards
 */
void plan_clear(struct plan *plan);

static inline void auto_plan(struct plan *plan)
{
	plan_clear(plan);
}
