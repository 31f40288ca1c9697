/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resourceargs - limits of resources as typed, and what they mean
 *
 * Ranges are the kernel's (control groups, version 2) where it has some, else docker's, whose numbers are
 * those of version 1.
 */
#include "engine/resourceargs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/mem.h"

enum {
	MEMORY_LEAST = 6 << 20, /* what a first process needs to be started at all */
	PERIOD_LEAST = 1000,
	PERIOD_MOST = 1000000,
	QUOTA_LEAST = 1000,
	SHARES_LEAST = 2,
	SHARES_MOST = 262144,
	WEIGHT_LEAST = 10,
	WEIGHT_MOST = 1000,
	PIDS_MOST = 4 << 20, /* the kernel's own limit, PID_MAX_LIMIT */
	SCORE_MOST = 1000,
	LIST_MOST = 8191, /* highest number of a processor or node */
	DIGITS_NANO = 9,
	CPUS_MOST = 1000000,
};

bool resource_args_given(const struct resource_args *a)
{
	const char *const texts[] = {
		a->memory,
		a->memory_swap,
		a->memory_reservation,
		a->memory_swappiness,
		a->cpus,
		a->cpu_quota,
		a->cpu_period,
		a->cpu_shares,
		a->cpuset_cpus,
		a->cpuset_mems,
		a->pids,
		a->blkio_weight,
		a->oom_score,
	};

	for (size_t i = 0; i < array_len(texts); i++)
		if (texts[i])
			return true;
	return a->weights.count || a->read_bps.count || a->write_bps.count || a->read_iops.count ||
	       a->write_iops.count || a->conf.count;
}

/* ---- numbers ---- */

static int number(const char *flag, const char *text, int64_t least, int64_t most, const char *rule,
		  int64_t *out, struct err *err)
{
	if (!text)
		return 0;
	int r = str_i64(text, least, most, out);
	return r < 0 ? err_set(err, r, "--%s: '%s' is not %s", flag, text, rule) : 0;
}

/* As number(), where 0 and -1 take the limit away. */
static int number_or_none(const char *flag, const char *text, int64_t least, int64_t most,
			  const char *rule, int64_t *out, struct err *err)
{
	if (text && (str_eq(text, "0") || str_eq(text, "-1"))) {
		*out = 0;
		return 0;
	}
	return number(flag, text, least, most, rule, out, err);
}

static int size(const char *flag, const char *text, int64_t least, const char *rule, int64_t *out,
		struct err *err)
{
	uint64_t bytes = 0;

	if (!text)
		return 0;
	int r = str_size(text, &bytes);
	if (r == 0 && (bytes > INT64_MAX || (int64_t)bytes < least))
		r = -ERANGE;
	if (r < 0)
		return err_set(err, r, "--%s: '%s' is not %s", flag, text, rule);
	*out = (int64_t)bytes;
	return 0;
}

/* ---- memory ---- */

/* 0 and -1 take the limit away. */
static int size_or_none(const char *flag, const char *text, int64_t least, const char *rule,
			int64_t *out, struct err *err)
{
	if (!str_eq(text, "0") && !str_eq(text, "-1"))
		return size(flag, text, least, rule, out, err);
	*out = 0;
	return 0;
}

static int set_memory(const struct resource_args *a, struct resources *out, struct err *err)
{
	int r = size_or_none("memory", a->memory, MEMORY_LEAST,
			     "a size of at least 6m (b, k, m, g, t), or -1 for no limit",
			     &out->memory, err);

	if (r == 0 && !out->memory && a->memory)
		out->memory_swap = 0; /* it was of both */
	if (r == 0)
		r = size_or_none("memory-reservation", a->memory_reservation, 1,
				 "a size (b, k, m, g, t), or -1 for none", &out->memory_reservation,
				 err);
	if (r < 0 || !str_eq(a->memory_swap, "-1"))
		return r < 0 ? r
			     : size_or_none("memory-swap", a->memory_swap, 1,
					    "a size (b, k, m, g, t) of memory and swap together, "
					    "or -1 for no limit",
					    &out->memory_swap, err);
	out->memory_swap = RESOURCES_SWAP_NONE;
	return 0;
}

static int check_memory(const struct resources *r, struct err *err)
{
	if (r->memory_swap && !r->memory) {
		err_set(err, -EINVAL, "--memory-swap needs --memory");
		return err_hint(err, "it is memory and swap together");
	}
	if (r->memory_swap > 0 && r->memory_swap < r->memory) {
		err_set(err, -EINVAL,
			"--memory-swap: %" PRId64
			" bytes of memory and swap are less than the %" PRId64 " of --memory",
			r->memory_swap, r->memory);
		return err_hint(err, "it is memory and swap together; give both at once");
	}
	if (r->memory && r->memory_reservation > r->memory)
		return err_set(err, -EINVAL,
			       "--memory-reservation: %" PRId64 " bytes are more than the %" PRId64
			       " of --memory",
			       r->memory_reservation, r->memory);
	return 0;
}

/* There is no such setting of a group; of the whole machine it is vm.swappiness. */
static int check_swappiness(const char *text, struct err *err)
{
	int64_t value = 0;
	int r = number("memory-swappiness", text, -1, 100, "a number from 0 to 100", &value, err);

	if (r < 0 || !text || value == -1)
		return r;
	err_set(err, -EOPNOTSUPP, "--memory-swappiness: control groups of version 2 have none");
	return err_hint(err, "--memory-swap says how much swap may be used");
}

/* ---- processors ---- */

static int parse_cpus(const char *text, int64_t *out, struct err *err)
{
	AUTO(mem) char *whole = str_dup(text);
	const char *fraction = str_cut(whole, '.');
	const size_t digits = fraction ? strlen(fraction) : 0;
	uint64_t cpus = 0, part = 0;
	int r = str_u64(whole, CPUS_MOST, &cpus);

	if (r == 0 && fraction)
		r = digits > DIGITS_NANO ? -EINVAL : str_u64(fraction, UINT64_MAX, &part);
	for (size_t i = digits; r == 0 && i < DIGITS_NANO; i++)
		part *= 10;
	int64_t nano = r == 0 ? (int64_t)cpus * RESOURCES_CPU + (int64_t)part : 0;
	if (r == 0 && nano < RESOURCES_CPU / 100)
		r = -ERANGE;
	if (r < 0)
		return err_set(err, r,
			       "--cpus: '%s' is not a number of processors of at least 0.01 (1.5)",
			       text);
	*out = nano;
	return 0;
}

/* The first of them, on success. Return: what follows it, or NULL. */
static const char *list_number(const char *text, uint64_t *out)
{
	const size_t n = strspn(text, "0123456789");
	AUTO(mem) char *digits = str_ndup(text, n);

	return str_u64(digits, LIST_MOST, out) < 0 ? NULL : text + n;
}

static int check_list(const char *flag, const char *text, struct err *err)
{
	const char *at = text;
	uint64_t from = 0, to = 0;

	while (at && *at) {
		at = list_number(at, &from);
		to = from;
		if (at && *at == '-')
			at = list_number(at + 1, &to);
		if (!at || to < from || (*at && *at != ',') || (*at == ',' && !at[1]))
			break;
		if (!*at)
			return 0;
		at++;
	}
	return err_set(err, -EINVAL, "--%s: '%s' is not a list of numbers and ranges (0-3,5)", flag,
		       text);
}

static int set_list(const char *flag, const char *text, char **out, struct err *err)
{
	if (!text)
		return 0;
	int r = *text ? check_list(flag, text, err) : 0;
	if (r == 0)
		str_set(out, *text ? text : NULL);
	return r;
}

static int set_cpus(const struct resource_args *a, struct resources *out, struct err *err)
{
	if (a->cpus && (a->cpu_quota || a->cpu_period)) {
		err_set(err, -EINVAL, "--cpus cannot be given with --cpu-quota or --cpu-period");
		return err_hint(err, "--cpus is the quota divided by the period");
	}
	if (a->cpus)
		out->cpu_quota = out->cpu_period = 0;
	if (a->cpu_quota || a->cpu_period)
		out->nano_cpus = 0;
	int r = a->cpus ? parse_cpus(a->cpus, &out->nano_cpus, err) : 0;
	if (r == 0)
		r = number_or_none("cpu-quota", a->cpu_quota, QUOTA_LEAST, INT64_MAX / 1000,
				   "at least 1000 microseconds, or -1 for no limit",
				   &out->cpu_quota, err);
	if (r == 0)
		r = number_or_none("cpu-period", a->cpu_period, PERIOD_LEAST, PERIOD_MOST,
				   "from 1000 to 1000000 microseconds", &out->cpu_period, err);
	if (r == 0)
		r = number_or_none("cpu-shares", a->cpu_shares, SHARES_LEAST, SHARES_MOST,
				   "a weight from 2 to 262144 (1024 is usual)", &out->cpu_shares,
				   err);
	if (r == 0)
		r = set_list("cpuset-cpus", a->cpuset_cpus, &out->cpus, err);
	return r == 0 ? set_list("cpuset-mems", a->cpuset_mems, &out->mems, err) : r;
}

/* ---- disks ---- */

/* How the value behind a device is read. */
struct rate {
	const char *flag;
	const char *value; /* the word for it */
	const char *rule;
	int64_t least, most;
	bool bytes;
};

static int parse_value(const struct rate *rate, const char *text, int64_t *out)
{
	uint64_t bytes = 0;

	if (!rate->bytes)
		return str_i64(text, rate->least, rate->most, out);
	int r = str_size(text, &bytes);
	if (r == 0 && (bytes > INT64_MAX || (int64_t)bytes < rate->least))
		r = -ERANGE;
	if (r == 0)
		*out = (int64_t)bytes;
	return r;
}

static int parse_device(const struct rate *rate, const char *text, struct device_limit *out,
			struct err *err)
{
	AUTO(mem) char *path = str_dup(text);
	char *colon = strrchr(path, ':');
	struct stat st;
	int64_t value = 0;

	if (*path != '/' || !colon)
		return err_set(err, -EINVAL, "--%s: '%s' is not DEVICE:%s (/dev/sda:%s)",
			       rate->flag, text, rate->value, rate->bytes ? "1m" : "100");
	*colon = 0;
	int r = parse_value(rate, colon + 1, &value);
	if (r < 0)
		return err_set(err, r, "--%s: '%s' is not %s", rate->flag, colon + 1, rate->rule);
	if (stat(path, &st) < 0)
		return err_sys(err, -errno, "--%s: cannot find the device '%s'", rate->flag, path);
	if (!S_ISBLK(st.st_mode))
		return err_set(err, -ENOTBLK, "--%s: '%s' is no block device", rate->flag, path);
	*out = (struct device_limit){ .path = take_ptr(path),
				      .node = str_fmt("%u:%u", major(st.st_rdev),
						      minor(st.st_rdev)),
				      .value = value };
	return 0;
}

static void put_device(struct device_limits *list, const struct device_limit *one)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!str_eq(list->items[i].node, one->node))
			continue;
		free(list->items[i].path);
		free(list->items[i].node);
		list->items[i] = *one;
		return;
	}
	*vec_push(list) = *one;
}

static int set_devices(const struct rate *rate, const struct strv *texts, struct device_limits *out,
		       struct err *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		struct device_limit one;
		int r = parse_device(rate, texts->items[i], &one, err);
		if (r < 0)
			return r;
		put_device(out, &one);
	}
	return 0;
}

static int set_disks(const struct resource_args *a, struct resources *out, struct err *err)
{
	static const char bytes[] = "a size of at least 1 byte a second (b, k, m, g)";
	static const char count[] = "a number of at least 1 operation a second";
	static const char weight[] = "a weight from 10 to 1000";
	const struct {
		struct rate rate;
		const struct strv *texts;
		struct device_limits *out;
	} kinds[] = {
		{ { "blkio-weight-device", "WEIGHT", weight, WEIGHT_LEAST, WEIGHT_MOST, false },
		  &a->weights,
		  &out->weights },
		{ { "device-read-bps", "BYTES", bytes, 1, 0, true }, &a->read_bps, &out->read_bps },
		{ { "device-write-bps", "BYTES", bytes, 1, 0, true },
		  &a->write_bps,
		  &out->write_bps },
		{ { "device-read-iops", "NUMBER", count, 1, UINT32_MAX, false },
		  &a->read_iops,
		  &out->read_iops },
		{ { "device-write-iops", "NUMBER", count, 1, UINT32_MAX, false },
		  &a->write_iops,
		  &out->write_iops },
	};
	int64_t common = out->blkio_weight;
	int r = number_or_none("blkio-weight", a->blkio_weight, WEIGHT_LEAST, WEIGHT_MOST, weight,
			       &common, err);

	out->blkio_weight = (int)common;
	for (size_t i = 0; r == 0 && i < array_len(kinds); i++)
		r = set_devices(&kinds[i].rate, kinds[i].texts, kinds[i].out, err);
	return r;
}

/* ---- the rest ---- */

/* Names of the kernel's settings: memory.high, pids.max; not what makes and ends groups. */
static int set_conf(const struct strv *texts, struct strv *out, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";

	for (size_t i = 0; i < texts->count; i++) {
		const char *text = texts->items[i];
		const size_t n = strcspn(text, "=");
		if (text[n] != '=' || strspn(text, letters) != n || n == 0 || *text == '.' ||
		    !memchr(text, '.', n) || str_starts(text, "cgroup."))
			return err_set(err, -EINVAL,
				       "--cgroup-conf: '%s' is not FILE=VALUE of a controller "
				       "(memory.high=1073741824)",
				       text);
		strv_env_set(out, text);
	}
	return 0;
}

static int set_score(const char *text, struct resources *out, struct err *err)
{
	int64_t score = 0;
	int r = number("oom-score-adj", text, -SCORE_MOST, SCORE_MOST,
		       "a number from -1000 to 1000", &score, err);

	if (r < 0 || !text)
		return r;
	out->scores = true;
	out->oom_score = (int)score;
	return 0;
}

int resource_args_set(const struct resource_args *args, struct resources *out, struct err *err)
{
	int r = set_memory(args, out, err);

	if (r == 0)
		r = check_memory(out, err);
	if (r == 0)
		r = check_swappiness(args->memory_swappiness, err);
	if (r == 0)
		r = set_cpus(args, out, err);
	if (r == 0)
		r = number_or_none("pids-limit", args->pids, 1, PIDS_MOST,
				   "a number of processes from 1 to 4194304, or -1 for no limit",
				   &out->pids, err);
	if (r == 0)
		r = set_disks(args, out, err);
	if (r == 0)
		r = set_conf(&args->conf, &out->conf, err);
	return r == 0 ? set_score(args->oom_score, out, err) : r;
}
