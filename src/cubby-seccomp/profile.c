/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * profile - a seccomp profile in docker's and podman's JSON, reduced to what counts here
 *
 * Source: docker's "Seccomp security profiles for Docker", and the "seccomp" section of OCI's
 * runtime-spec (config-linux).
 */
#include "cubby-seccomp/profile.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/json.h"
#include "kern/caps.h"

enum { ERRNO_MAX = 4095, VERSION_PARTS = 2 };

/* Machines by the names that "includes" uses, which are Go's. */
static const struct {
	uint32_t arch;
	const char *name;
} machines[] = {
	{ SCMP_ARCH_X86_64, "amd64" },	  { SCMP_ARCH_X86, "x86" },
	{ SCMP_ARCH_X32, "x32" },	  { SCMP_ARCH_AARCH64, "arm64" },
	{ SCMP_ARCH_ARM, "arm" },	  { SCMP_ARCH_PPC64LE, "ppc64le" },
	{ SCMP_ARCH_S390X, "s390x" },	  { SCMP_ARCH_S390, "s390" },
	{ SCMP_ARCH_RISCV64, "riscv64" },
};

static const struct {
	const char *name;
	enum scmp_compare op;
} compares[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static int parse_action(const char *name, int64_t code, uint32_t *out, struct err *err)
{
	const struct {
		const char *name;
		uint32_t action;
		bool takes_code;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG, false },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP, false },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, false },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false },
		{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(code < 0 ? EPERM : code), true },
		{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(code < 0 ? EPERM : code), true },
	};

	for (size_t i = 0; name && i < array_len(actions); i++) {
		if (!str_eq(actions[i].name, name))
			continue;
		if (code >= 0 && !actions[i].takes_code)
			return err_set(err, -EBADMSG, "'%s' takes no errnoRet", name);
		*out = actions[i].action;
		return 0;
	}
	return err_set(err, -EINVAL, "there is no action '%s'", str_or(name, ""));
}

static int read_code(const cJSON *object, const char *key, int64_t *out, struct err *err)
{
	int r = json_i64(object, key, out);

	if (r == -ENOENT) {
		*out = -1;
		return 0;
	}
	if (r < 0 || *out < 0 || *out > ERRNO_MAX)
		return err_set(err, -EBADMSG, "'%s' is no errno", key);
	return 0;
}

static const char *machine_name(uint32_t arch)
{
	for (size_t i = 0; i < array_len(machines); i++)
		if (machines[i].arch == arch)
			return machines[i].name;
	return "";
}

static bool has_cap(const char *name, uint64_t caps)
{
	int number = caps_parse(name);

	return number >= 0 && (caps & CAP_BIT(number));
}

/* "4.8": whether the running kernel is at least that. */
static bool has_kernel(const char *wanted)
{
	struct utsname u;
	int want[VERSION_PARTS] = { 0 }, have[VERSION_PARTS] = { 0 };

	if (uname(&u) < 0 || sscanf(wanted, "%d.%d", &want[0], &want[1]) < 1 ||
	    sscanf(u.release, "%d.%d", &have[0], &have[1]) < 1)
		return false;
	return have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
}

struct condition {
	struct strv arches;
	struct strv caps;
	const char *kernel;
};

static void auto_condition(struct condition *c)
{
	strv_clear(&c->arches);
	strv_clear(&c->caps);
}

static int read_condition(const cJSON *rule, const char *key, struct condition *out,
			  struct err *err)
{
	const cJSON *o = json_get(rule, key);

	if (json_strv(o, "arches", &out->arches) < 0 || json_strv(o, "caps", &out->caps) < 0)
		return err_set(err, -EBADMSG, "'%s' of a rule is damaged", key);
	out->kernel = json_text(o, "minKernel");
	return 0;
}

static bool has_all_caps(const struct strv *names, uint64_t caps)
{
	for (size_t i = 0; i < names->count; i++)
		if (!has_cap(names->items[i], caps))
			return false;
	return true;
}

static bool has_any_cap(const struct strv *names, uint64_t caps)
{
	for (size_t i = 0; i < names->count; i++)
		if (has_cap(names->items[i], caps))
			return true;
	return false;
}

/* 1: the rule holds here; 0: it does not. */
static int holds(const cJSON *rule, uint64_t caps, struct err *err)
{
	AUTO(condition) struct condition in = { 0 };
	AUTO(condition) struct condition out = { 0 };
	const char *machine = machine_name(seccomp_arch_native());
	int r = read_condition(rule, "includes", &in, err);

	if (r == 0)
		r = read_condition(rule, "excludes", &out, err);
	if (r < 0)
		return r;
	if (in.arches.count && strv_find(&in.arches, machine) < 0)
		return 0;
	if (!has_all_caps(&in.caps, caps) || (in.kernel && !has_kernel(in.kernel)))
		return 0;
	if (strv_find(&out.arches, machine) >= 0 || has_any_cap(&out.caps, caps))
		return 0;
	return !(out.kernel && has_kernel(out.kernel));
}

/* A document's numbers are doubles; masks and flags fit, and what does not is refused. */
static int read_u64(const cJSON *object, const char *key, uint64_t *out)
{
	int64_t n = 0;
	int r = json_i64(object, key, &n);

	if (r == -ENOENT) {
		*out = 0;
		return 0;
	}
	if (r == 0)
		*out = (uint64_t)n;
	return r;
}

static int read_arg(const cJSON *arg, struct profile_arg *out)
{
	const char *op = json_text(arg, "op");
	uint64_t index = 0;

	if (read_u64(arg, "index", &index) < 0 || index >= PROFILE_ARGS ||
	    read_u64(arg, "value", &out->value) < 0 ||
	    read_u64(arg, "valueTwo", &out->value_two) < 0)
		return -EBADMSG;
	out->index = (unsigned int)index;
	for (size_t i = 0; op && i < array_len(compares); i++) {
		if (!str_eq(compares[i].name, op))
			continue;
		out->op = compares[i].op;
		return 0;
	}
	return -EBADMSG;
}

static int read_args(const cJSON *rule, struct profile_rule *out, struct err *err)
{
	const cJSON *arg;

	cJSON_ArrayForEach(arg, json_get(rule, "args"))
	{
		if (out->arg_count == PROFILE_ARGS || read_arg(arg, &out->args[out->arg_count]) < 0)
			return err_set(err, -EBADMSG, "an argument of a rule is damaged");
		out->arg_count++;
	}
	return 0;
}

static int read_rule(const cJSON *rule, uint64_t caps, struct profile *out, struct err *err)
{
	const char *single = json_text(rule, "name"); /* docker's older form */
	int64_t code;
	int r = holds(rule, caps, err);

	if (r <= 0)
		return r;
	struct profile_rule *to = vec_push(out);
	if (json_strv(rule, "names", &to->names) < 0)
		return err_set(err, -EBADMSG, "the names of a rule are damaged");
	if (single)
		strv_add(&to->names, single);
	r = read_code(rule, "errnoRet", &code, err);
	if (r == 0)
		r = parse_action(json_text(rule, "action"), code, &to->action, err);
	return r < 0 ? r : read_args(rule, to, err);
}

static int add_arch(const char *name, struct profile *out, struct err *err)
{
	const char *rest = str_starts(name, "SCMP_ARCH_");
	AUTO(mem) char *lower = str_dup(rest ? rest : name);

	for (char *p = lower; *p; p++)
		*p |= *p >= 'A' && *p <= 'Z' ? 0x20 : 0;
	uint32_t arch = seccomp_arch_resolve_name(lower);
	if (!arch || out->arch_count == PROFILE_ARCHES)
		return err_set(err, -EINVAL, "there is no architecture '%s'", name);
	if (arch != seccomp_arch_native())
		out->arches[out->arch_count++] = arch;
	return 0;
}

static int add_arches(const struct strv *names, struct profile *out, struct err *err)
{
	for (size_t i = 0; i < names->count; i++) {
		int r = add_arch(names->items[i], out, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "archMap" lists for each machine the ones that run on it as well; "architectures" all at once. */
static int read_arches(const cJSON *o, struct profile *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	const cJSON *entry;

	if (json_strv(o, "architectures", &names) < 0)
		return err_set(err, -EBADMSG, "'architectures' is damaged");
	cJSON_ArrayForEach(entry, json_get(o, "archMap"))
	{
		AUTO(strv) struct strv subs = { 0 };
		const char *own =
			str_starts(str_or(json_text(entry, "architecture"), ""), "SCMP_ARCH_");
		AUTO(mem) char *lower = str_dup(own ? own : "");
		for (char *p = lower; *p; p++)
			*p |= *p >= 'A' && *p <= 'Z' ? 0x20 : 0;
		if (seccomp_arch_resolve_name(lower) != seccomp_arch_native())
			continue;
		if (json_strv(entry, "subArchitectures", &subs) < 0)
			return err_set(err, -EBADMSG, "'archMap' is damaged");
		strv_extend(&names, &subs);
	}
	return add_arches(&names, out, err);
}

/* A filter is loaded by the one thread there is, so TSYNC changes nothing; the others would. */
static int check_flags(const cJSON *o, struct err *err)
{
	AUTO(strv) struct strv flags = { 0 };

	if (json_strv(o, "flags", &flags) < 0)
		return err_set(err, -EBADMSG, "'flags' is no list of texts");
	for (size_t i = 0; i < flags.count; i++)
		if (!str_eq(flags.items[i], "SECCOMP_FILTER_FLAG_TSYNC"))
			return err_set(err, -EOPNOTSUPP, "the flag '%s' is not available",
				       flags.items[i]);
	return 0;
}

int profile_parse(const char *text, size_t size, uint64_t caps, struct profile *out,
		  struct err *err)
{
	AUTO(profile) struct profile profile = { 0 };
	AUTO(json) cJSON *o = NULL;
	const cJSON *rule;
	int64_t code;
	int r = json_parse(text, size, &o, err);

	if (r == 0)
		r = read_code(o, "defaultErrnoRet", &code, err);
	if (r == 0)
		r = parse_action(json_text(o, "defaultAction"), code, &profile.default_action, err);
	if (r == 0)
		r = read_arches(o, &profile, err);
	if (r == 0)
		r = check_flags(o, err);
	if (r < 0)
		return r;
	cJSON_ArrayForEach(rule, json_get(o, "syscalls"))
	{
		r = read_rule(rule, caps, &profile, err);
		if (r < 0)
			return r;
	}
	*out = profile;
	profile = (struct profile){ 0 };
	return 0;
}

void profile_clear(struct profile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
		strv_clear(&profile->items[i].names);
	free(profile->items);
	*profile = (struct profile){ 0 };
}
