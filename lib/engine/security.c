/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security - what a container may do: capabilities, filters, limits, kernel settings
 *
 * An unprivileged user cannot set labels of SELinux or AppArmor; asking to switch them off is what
 * scripts do, and is so anyway, so "label=disable" and "apparmor=unconfined" are taken.
 */
#include "engine/security.h"

#include <errno.h>

#include "base/str.h"
#include "kern/caps.h"

static int take_paths(struct strv *out, const char *list)
{
	strv_split(out, list, ':');
	return 0;
}

static int take_no_new_privs(struct container_config *c, const char *value, struct err *err)
{
	if (!value || str_eq(value, "true")) {
		c->no_new_privs = true;
		return 0;
	}
	if (str_eq(value, "false")) {
		c->no_new_privs = false;
		return 0;
	}
	return err_set(err, -EINVAL, "--security-opt: no-new-privileges is true or false, not '%s'",
		       value);
}

static int take_seccomp(struct container_config *c, const char *value, struct err *err)
{
	if (str_empty(value))
		return err_set(err, -EINVAL, "--security-opt: seccomp= names a file or unconfined");
	str_set(&c->seccomp, str_eq(value, "default") ? NULL : value);
	return 0;
}

/* Those of the kernel's proc file system, and what is so anyway. */
static int take_proc_options(struct container_config *c, const char *list, struct err *err)
{
	static const char *const values[] = { "hidepid=", "gid=", "subset=" };
	static const char *const usual[] = { "nosuid", "nodev", "noexec", "rw" };
	AUTO(strv) struct strv words = { 0 };

	strv_split(&words, list, ',');
	for (size_t i = 0; i < words.count; i++) {
		bool known = str_eq(words.items[i], "ro");
		for (size_t k = 0; k < array_len(values); k++)
			known |= str_starts(words.items[i], values[k]) != NULL;
		for (size_t k = 0; k < array_len(usual); k++)
			known |= str_eq(words.items[i], usual[k]);
		if (!known)
			return err_set(err, -EINVAL, "--security-opt: proc-opts has no option '%s'",
				       words.items[i]);
		strv_add(&c->proc_options, words.items[i]);
	}
	return 0;
}

static int refuse_label(const char *what, struct err *err)
{
	err_set(err, -EOPNOTSUPP, "--security-opt: %s labels cannot be set by a user", what);
	return err_hint(err, "use label=disable or apparmor=unconfined, or leave it out");
}

/* "key=value", with docker's older "key:value" too. */
static int take_option(struct container_config *c, const char *text, struct err *err)
{
	AUTO(mem) char *key = str_dup(text);
	size_t n = strcspn(key, "=:");
	const char *value = key[n] ? key + n + 1 : NULL;

	key[n] = 0;
	if (str_eq(key, "no-new-privileges"))
		return take_no_new_privs(c, value, err);
	if (str_eq(key, "seccomp"))
		return take_seccomp(c, value, err);
	if (str_eq(key, "mask") && value)
		return take_paths(&c->mask, value);
	if (str_eq(key, "unmask") && value)
		return take_paths(&c->unmask, value);
	if (str_eq(key, "proc-opts") && value)
		return take_proc_options(c, value, err);
	if (str_eq(key, "label"))
		return str_eq(value, "disable") ? 0 : refuse_label("SELinux", err);
	if (str_eq(key, "apparmor"))
		return str_eq(value, "unconfined") ? 0 : refuse_label("AppArmor", err);
	if (str_eq(key, "systempaths") && str_eq(value, "unconfined")) {
		strv_add(&c->unmask, "ALL");
		return 0;
	}
	err_set(err, -EINVAL, "--security-opt: '%s' is not understood", text);
	return err_hint(err,
			"options are no-new-privileges, seccomp=, mask=, unmask=, "
			"proc-opts=, label=disable, apparmor=unconfined, systempaths=unconfined");
}

/* "all", or a name with or without CAP_, in any case: stored as CAP_NAME. */
static int take_capabilities(const char *flag, const struct strv *from, struct strv *to,
			     struct err *err)
{
	for (size_t i = 0; i < from->count; i++) {
		AUTO(strv) struct strv names = { 0 };
		strv_split(&names, from->items[i], ',');
		for (size_t k = 0; k < names.count; k++) {
			int number;
			if (!strcasecmp(names.items[k], "all")) {
				strv_add(to, "ALL");
				continue;
			}
			number = caps_parse(names.items[k]);
			if (number < 0)
				return err_set(err, -EINVAL, "--%s: there is no capability '%s'",
					       flag, names.items[k]);
			strv_add(to, caps_name(number));
		}
	}
	return 0;
}

static const char *const limit_names[] = { "as",     "core",   "cpu",	     "data",
					   "fsize",  "locks",  "memlock",    "msgqueue",
					   "nice",   "nofile", "nproc",	     "rss",
					   "rtprio", "rttime", "sigpending", "stack" };

static int check_limit(const char *text, struct err *err)
{
	AUTO(mem) char *name = str_dup(text);
	char *soft = str_cut(name, '=');
	char *hard = soft ? str_cut(soft, ':') : NULL;
	bool known = false;
	int64_t a = 0, b = 0;

	if (str_eq(text, "host"))
		return 0;
	for (size_t i = 0; i < array_len(limit_names); i++)
		known |= str_eq(name, limit_names[i]);
	if (!soft || !known)
		return err_set(err, -EINVAL,
			       "--ulimit: '%s' is no NAME=SOFT[:HARD] of a known limit", text);
	if (str_i64(soft, -1, INT64_MAX, &a) < 0 || (hard && str_i64(hard, -1, INT64_MAX, &b) < 0))
		return err_set(err, -EINVAL, "--ulimit: '%s': values are numbers, -1 for no limit",
			       text);
	if (hard && b >= 0 && (a < 0 || a > b))
		return err_set(err, -EINVAL, "--ulimit: '%s': the soft limit is above the hard one",
			       text);
	return 0;
}

/* "host" stands for all of them. */
static void set_limit(struct strv *limits, const char *text)
{
	const size_t n = strcspn(text, "=") + 1;

	if (str_eq(text, "host"))
		strv_clear(limits);
	for (size_t i = limits->count; i > 0; i--)
		if (strncmp(limits->items[i - 1], text, n) == 0)
			strv_remove(limits, i - 1);
	strv_add(limits, text);
}

int security_limits(const struct strv *ulimits, struct container_config *config, struct err *err)
{
	for (size_t i = 0; i < ulimits->count; i++) {
		int r = check_limit(ulimits->items[i], err);
		if (r < 0)
			return r;
		set_limit(&config->ulimits, ulimits->items[i]);
	}
	return 0;
}

static int take_limits(const struct create_args *args, struct container_config *c, struct err *err)
{
	int r = security_limits(&args->ulimits, c, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < args->sysctls.count; i++) {
		const char *text = args->sysctls.items[i];
		if (strcspn(text, "=") == 0 || !strchr(text, '='))
			return err_set(err, -EINVAL, "--sysctl: '%s' is no NAME=VALUE", text);
		strv_env_set(&c->sysctls, text);
	}
	return 0;
}

int security_plan(const struct create_args *args, struct container_config *config, struct err *err)
{
	config->privileged = args->privileged;
	int r = take_capabilities("cap-add", &args->cap_add, &config->cap_add, err);
	if (r == 0)
		r = take_capabilities("cap-drop", &args->cap_drop, &config->cap_drop, err);
	for (size_t i = 0; i < args->security_opts.count && r == 0; i++)
		r = take_option(config, args->security_opts.items[i], err);
	return r == 0 ? take_limits(args, config, err) : r;
}
