/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fallback - limits that a process is held to by the kernel without a control group
 *
 *	processes	RLIMIT_NPROC, which counts per user of a user namespace (Linux 5.14): the container has one
 *			of its own, so that nobody else's processes count
 *	processors	the process is bound to as many as it may use the time of
 *
 * Both are inherited by whatever the process starts. A program may bind itself anew; it cannot raise the other.
 */
#pragma once

#include "oci/runtime_spec.h"
#include "spec/facts.h"

/**
 * fallback_measure() - find the facts that these limits need
 * @fallbacks:	bits of enum fallback
 * @out:	fallbacks, cpus and processes are set
 */
void fallback_measure(unsigned int fallbacks, struct spec_facts *out);

/**
 * fallback_make() - the limits of a process, and its oom_score_adj
 * @facts:	measured
 * @spec:	changed
 * @err:	which processors are not there
 *
 * Return: 0 or -EINVAL.
 */
must_check int fallback_make(const struct spec_facts *facts, struct runtime_spec *spec,
			     struct err *err);

/**
 * fallback_cpus() - the processors that limits leave
 * @resources:	the limits
 * @allowed:	that the caller may run on
 * @seed:	spreads containers over them
 * @out:	set on success only
 * @err:	which are not there
 *
 * Return: 0 or -EINVAL.
 */
must_check int fallback_cpus(const struct resources *resources, const cpu_set_t *allowed,
			     unsigned int seed, cpu_set_t *out, struct err *err);

/**
 * fallback_seed() - where a container's processors begin
 * @id:	of the container, or NULL
 *
 * Return: the same number for the same container.
 */
must_check unsigned int fallback_seed(const char *id);
