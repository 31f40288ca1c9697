/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setting - limits as the files of a control group (version 2)
 */
#include "cgroup/setting.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
	WEIGHT_MOST = 10000,
	SHARES_LEAST = 2,
	SHARES_MOST = 262144,
	BLKIO_LEAST = 10,
	BLKIO_MOST = 1000,
};

/* What a file says in a group that nobody has limited; NULL: as the group above. The kernel takes no empty list
 * for a group with processes. */
static const struct {
	const char *file, *value;
} defaults[] = {
	{ "memory.max", "max" },
	{ "memory.swap.max", "max" },
	{ "memory.low", "0" },
	{ "cpu.max", "max 100000" },
	{ "cpu.weight", "100" },
	{ "cpuset.cpus", NULL },
	{ "cpuset.mems", NULL },
	{ "pids.max", "max" },
	{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "100" },
};

static struct setting *add(struct settings *out, enum controller controller, const char *file,
			   char *value)
{
	struct setting *s = vec_push(out);

	*s = (struct setting){ .controller = controller, .file = str_dup(file), .value = value };
	return s;
}

static void add_number(struct settings *out, enum controller controller, const char *file,
		       int64_t value)
{
	if (value)
		(void)add(out, controller, file, str_fmt("%" PRId64, value));
}

static void add_memory(const struct resources *r, struct settings *out)
{
	const int64_t both = resources_swap(r);

	add_number(out, CONTROLLER_MEMORY, "memory.max", r->memory);
	add_number(out, CONTROLLER_MEMORY, "memory.low", r->memory_reservation);
	if (!r->memory)
		return;
	struct setting *swap =
		add(out, CONTROLLER_MEMORY, "memory.swap.max",
		    both < 0 ? str_dup("max") : str_fmt("%" PRId64, both - r->memory));
	swap->optional = r->memory_swap == 0;
}

static void add_cpu(const struct resources *r, struct settings *out)
{
	const int64_t period = r->cpu_period ? r->cpu_period : RESOURCES_PERIOD;
	const int64_t quota = r->nano_cpus ? r->nano_cpus / (RESOURCES_CPU / RESOURCES_PERIOD)
					   : r->cpu_quota;

	if (quota > 0)
		(void)add(out, CONTROLLER_CPU, "cpu.max",
			  str_fmt("%" PRId64 " %" PRId64, quota, period));
	if (r->cpu_shares)
		add_number(out, CONTROLLER_CPU, "cpu.weight",
			   1 + (r->cpu_shares - SHARES_LEAST) * (WEIGHT_MOST - 1) /
					   (SHARES_MOST - SHARES_LEAST));
	if (r->cpus)
		(void)add(out, CONTROLLER_CPUSET, "cpuset.cpus", str_dup(r->cpus));
	if (r->mems)
		(void)add(out, CONTROLLER_CPUSET, "cpuset.mems", str_dup(r->mems));
}

static int64_t io_weight(int64_t blkio)
{
	return 1 + (blkio - BLKIO_LEAST) * (WEIGHT_MOST - 1) / (BLKIO_MOST - BLKIO_LEAST);
}

static void add_weight(struct settings *out, const char *key, int64_t blkio)
{
	struct setting *s =
		add(out, CONTROLLER_IO, "io.weight", str_fmt("%" PRId64, io_weight(blkio)));

	s->key = str_dup(key);
	s->first = str_dup("io.bfq.weight");
	s->first_value = str_fmt("%" PRId64, blkio);
}

static void add_rates(struct settings *out, const struct device_limits *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		struct setting *s = add(out, CONTROLLER_IO, "io.max",
					str_fmt("%s=%" PRId64, name, list->items[i].value));
		s->key = str_dup(list->items[i].node);
	}
}

static void add_io(const struct resources *r, struct settings *out)
{
	if (r->blkio_weight)
		add_weight(out, "default", r->blkio_weight);
	for (size_t i = 0; i < r->weights.count; i++)
		add_weight(out, r->weights.items[i].node, r->weights.items[i].value);
	add_rates(out, &r->read_bps, "rbps");
	add_rates(out, &r->write_bps, "wbps");
	add_rates(out, &r->read_iops, "riops");
	add_rates(out, &r->write_iops, "wiops");
}

static enum controller controller_of(const char *file)
{
	AUTO(mem) char *name = str_dup(file);

	(void)str_cut(name, '.');
	for (int i = 0; controller_names[i]; i++)
		if (str_eq(controller_names[i], name))
			return (enum controller)i;
	return CONTROLLER_OTHER;
}

void settings_plan(const struct resources *r, struct settings *out)
{
	add_memory(r, out);
	add_cpu(r, out);
	add_number(out, CONTROLLER_PIDS, "pids.max", r->pids);
	add_io(r, out);
	for (size_t i = 0; i < r->conf.count; i++) {
		AUTO(mem) char *file = str_dup(r->conf.items[i]);
		const char *value = str_cut(file, '=');
		(void)add(out, controller_of(file), file, str_dup(str_or(value, "")));
	}
}

static bool is_set(const struct settings *list, const struct setting *wanted)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].file, wanted->file) &&
		    str_eq(str_or(list->items[i].key, ""), str_or(wanted->key, "")))
			return true;
	return false;
}

/* Return: whether there is one; *out as in the table. */
static bool default_of(const char *file, const char **out)
{
	for (size_t i = 0; i < array_len(defaults); i++)
		if (str_eq(defaults[i].file, file)) {
			*out = defaults[i].value;
			return true;
		}
	return false;
}

void settings_change(const struct resources *old, const struct resources *r, struct settings *out)
{
	AUTO(settings) struct settings before = { 0 };

	settings_plan(old, &before);
	settings_plan(r, out);
	for (size_t i = 0; i < before.count; i++) {
		const struct setting *was = &before.items[i];
		const char *value = NULL;
		if (!default_of(was->file, &value) || is_set(out, was))
			continue;
		struct setting *s =
			add(out, was->controller, was->file, str_dup(str_or(value, "")));
		s->as_parent = !value;
		s->key = str_dup(was->key);
		s->optional = was->optional;
	}
}

char *settings_print(const struct settings *list)
{
	AUTO(strv) struct strv lines = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct setting *s = &list->items[i];
		strv_addf(&lines, "%s: %s%s%s", s->file, str_or(s->key, ""), s->key ? " " : "",
			  s->as_parent ? "as above" : s->value);
	}
	return str_join(&lines, "\n");
}

void settings_clear(struct settings *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].file);
		free(list->items[i].key);
		free(list->items[i].value);
		free(list->items[i].first);
		free(list->items[i].first_value);
	}
	free(list->items);
	*list = (struct settings){ 0 };
}
