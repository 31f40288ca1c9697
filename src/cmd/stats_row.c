/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stats_row - what a container uses, as a row of stats
 */
#include "cmd/stats_row.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"

enum { ID_SHORT = 12, PERCENT = 100, KIB = 1024 };

#define COLUMNS(id, net, block)                                                                    \
	{ "ID", id }, { "Name", "NAME" }, { "CPUPerc", "CPU %" },                                  \
		{ "MemUsage", "MEM USAGE / LIMIT" }, { "MemPerc", "MEM %" }, { "NetIO", net },     \
		{ "BlockIO", block }, { "PIDs", "PIDS" }, { "CPUTime", "CPU TIME" },               \
		{ "AvgCPU", "AVG CPU %" }, { "Container", "CONTAINER" }, { "PIDS", "PIDS" },       \
		{ "MemUsageBytes", "MEM USAGE / LIMIT" }, { "ContainerID", "CONTAINER ID" },       \
		{ "CPU", "CPU %" }, { "CPUNano", "CPU NANO" },                                     \
		{ "CPUSystemNano", "CPU SYSTEM NANO" }, { "MemLimit", "MEM LIMIT" },               \
		{ "NetInput", "NET INPUT" }, { "NetOutput", "NET OUTPUT" },                        \
		{ "BlockInput", "BLOCK INPUT" }, { "BlockOutput", "BLOCK OUTPUT" },                \
		{ "UpTime", "UP TIME" }, { "Up", "UP TIME" },                                      \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

static const struct column docker_columns[] = { COLUMNS("CONTAINER ID", "NET I/O", "BLOCK I/O") };
static const struct column podman_columns[] = { COLUMNS("ID", "NET IO", "BLOCK IO") };

#define REST "{{.CPUPerc}}\\t{{.MemUsage}}\\t{{.MemPerc}}\\t{{.NetIO}}\\t{{.BlockIO}}\\t{{.PIDs}}"

static const struct template_schema schema = { 0 };

const struct table_spec stats_table_docker = {
	.columns = docker_columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.Name}}\\t" REST,
};

const struct table_spec stats_table_podman = {
	.columns = podman_columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.Name}}\\t" REST "\\t{{.CPUTime}}\\t{{.AvgCPU}}",
};

/* Powers of 1024 and four digits, as docker shows memory. */
static char *binary(int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= KIB && unit + 1 < array_len(units); unit++)
		value /= KIB;
	return str_fmt("%.4g%s", value, units[unit]);
}

/* Powers of 1000 and four digits, as podman shows sizes. */
static char *decimal(int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1000 && unit + 1 < array_len(units); unit++)
		value /= 1000;
	return str_fmt("%.4g%s", value, units[unit]);
}

static char *pair(int64_t one, int64_t other, bool docker)
{
	AUTO(mem) char *a = docker ? str_decimal(one, "") : decimal(one);
	AUTO(mem) char *b = docker ? str_decimal(other, "") : decimal(other);

	return str_fmt("%s / %s", a, b);
}

static char *memory_text(const struct usage *u, bool docker)
{
	AUTO(mem) char *a = docker ? binary(u->memory) : decimal(u->memory);
	AUTO(mem) char *b = docker ? binary(u->limit) : decimal(u->limit);

	return str_fmt("%s / %s", a, b);
}

static int64_t age(const struct stats_sample *s)
{
	return s->now.runs && s->state->started
		       ? max_of(clock_now() - s->state->started, INT64_C(1))
		       : 0;
}

static double average(const struct stats_sample *s)
{
	int64_t old = age(s);

	return old ? PERCENT * (double)s->now.cpu / (double)old : 0;
}

/* Since the sample before; processes that ended unseen in between can only lower it. */
static double present(const struct stats_sample *s)
{
	int64_t span = s->now.time - s->before.time;

	if (!s->before.runs || !s->now.runs || span <= 0)
		return average(s);
	return PERCENT * (double)max_of(s->now.cpu - s->before.cpu, INT64_C(0)) / (double)span;
}

static double memory_share(const struct usage *u)
{
	return u->limit > 0 ? PERCENT * (double)u->memory / (double)u->limit : 0;
}

static char *percent(double value)
{
	return str_fmt("%.2f%%", value);
}

/* As Go prints a duration: 1h2m3.5s, 25.3ms. */
static char *span_text(int64_t ns)
{
	int64_t seconds = ns / CLOCK_SECOND;

	if (ns == 0)
		return str_dup("0s");
	if (ns < CLOCK_SECOND)
		return str_fmt("%gms", (double)ns / 1e6);
	double rest = (double)(ns % (60 * CLOCK_SECOND)) / 1e9;
	if (seconds < 60)
		return str_fmt("%.9gs", rest);
	if (seconds < 3600)
		return str_fmt("%" PRId64 "m%.9gs", seconds / 60, rest);
	return str_fmt("%" PRId64 "h%" PRId64 "m%.9gs", seconds / 3600, seconds / 60 % 60, rest);
}

static void take(cJSON *row, const char *key, char *text)
{
	AUTO(mem) char *owned = text;

	cJSON_AddStringToObject(row, key, owned);
}

static void take_number(cJSON *row, const char *key, int64_t number)
{
	AUTO(mem) char *digits = str_fmt("%" PRId64, number);

	cJSON_AddRawToObject(row, key, digits);
}

static void put_texts(cJSON *row, const struct stats_sample *s, bool docker, bool whole)
{
	const struct usage *u = &s->now;
	size_t width = whole ? CONTAINER_ID_HEX : ID_SHORT;
	AUTO(mem) char *id = str_ndup(s->state->id, width);

	take(row, "BlockIO", pair(u->block_in, u->block_out, docker));
	take(row, "CPUPerc", percent(present(s)));
	cJSON_AddStringToObject(row, "Container", str_or(s->typed, id));
	cJSON_AddStringToObject(row, "ID", id);
	take(row, "MemPerc", percent(memory_share(u)));
	take(row, "MemUsage", memory_text(u, docker));
	cJSON_AddStringToObject(row, "Name", s->state->name);
	take(row, "NetIO", pair(u->net_in, u->net_out, docker));
	take(row, "PIDs", str_fmt("%" PRId64, u->pids));
}

cJSON *stats_row(const struct stats_sample *s, bool docker, bool whole)
{
	const struct usage *u = &s->now;
	cJSON *row = cJSON_CreateObject();

	/* docker's json lists these alone. */
	put_texts(row, s, docker, whole);
	take(row, "PIDS()", str_fmt("%" PRId64, u->pids));
	take(row, "CPUTime()", span_text(u->cpu));
	take(row, "AvgCPU()", percent(average(s)));
	take(row, "MemUsageBytes()", memory_text(u, true));
	cJSON_AddStringToObject(row, "ContainerID()", s->state->id);
	cJSON_AddNumberToObject(row, "CPU()", present(s));
	take_number(row, "CPUNano()", u->cpu);
	take_number(row, "CPUSystemNano()", u->cpu_system);
	take_number(row, "MemLimit()", u->limit);
	take_number(row, "NetInput()", u->net_in);
	take_number(row, "NetOutput()", u->net_out);
	take_number(row, "BlockInput()", u->block_in);
	take_number(row, "BlockOutput()", u->block_out);
	take(row, "UpTime()", span_text(age(s)));
	take(row, "Up()", span_text(age(s)));
	return row;
}

static void add_waiting(cJSON *o, const char *key, const struct pressure_line *line)
{
	cJSON *one = cJSON_AddObjectToObject(o, key);

	cJSON_AddNumberToObject(one, "avg10", line->avg10);
	cJSON_AddNumberToObject(one, "avg60", line->avg60);
	cJSON_AddNumberToObject(one, "avg300", line->avg300);
	take_number(one, "total", line->total);
}

/* Only where the kernel measures it for the container. */
static void add_pressure(cJSON *row, const struct usage *u)
{
	const struct {
		const char *key;
		const struct pressure *pressure;
	} kinds[] = {
		{ "cpu", &u->cpu_pressure },
		{ "memory", &u->memory_pressure },
		{ "io", &u->io_pressure },
	};
	cJSON *all = NULL;

	for (size_t i = 0; i < array_len(kinds); i++) {
		if (!kinds[i].pressure->known)
			continue;
		if (!all)
			all = cJSON_AddObjectToObject(row, "pressure");
		cJSON *one = cJSON_AddObjectToObject(all, kinds[i].key);
		add_waiting(one, "some", &kinds[i].pressure->some);
		add_waiting(one, "full", &kinds[i].pressure->full);
	}
}

cJSON *stats_object(const struct stats_sample *s)
{
	const struct usage *u = &s->now;
	cJSON *row = cJSON_CreateObject();

	take(row, "id", str_ndup(s->state->id, ID_SHORT));
	cJSON_AddStringToObject(row, "name", s->state->name);
	take(row, "cpu_time", span_text(u->cpu));
	take(row, "cpu_percent", percent(present(s)));
	take(row, "avg_cpu", percent(average(s)));
	take(row, "mem_usage", memory_text(u, false));
	take(row, "mem_percent", percent(memory_share(u)));
	take(row, "net_io", pair(u->net_in, u->net_out, false));
	take(row, "block_io", pair(u->block_in, u->block_out, false));
	take(row, "pids", str_fmt("%" PRId64, u->pids));
	add_pressure(row, u);
	return row;
}
