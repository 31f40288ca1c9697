/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtimeflag - what --runtime-flag may say
 */
#include "engine/runtimeflag.h"

#include <errno.h>

#define TAKEN                                                                                      \
	"debug, log=FILE, log-format=text|json, log-level=error|warning|debug, "                   \
	"cgroup-manager=systemd|cgroupfs, systemd-cgroup and rootless are taken"

/* Of a word "name" or "name=value"; value NULL: none was given. Return: whether the value is one. */
typedef bool (*flag_call)(struct runtime_flags *flags, const char *value);

static bool truth(const char *value, bool *out)
{
	*out = !value || str_eq(value, "true") || str_eq(value, "1");
	return *out || str_eq(value, "false") || str_eq(value, "0");
}

static bool take_debug(struct runtime_flags *flags, const char *value)
{
	return truth(value, &flags->debug);
}

static bool take_level(struct runtime_flags *flags, const char *value)
{
	if (!value)
		return false;
	flags->debug = str_eq(value, "debug");
	return flags->debug || str_eq(value, "error") || str_eq(value, "warning");
}

/* crun's own way to name a file; it knows journald: and syslog: as well. */
static bool take_log(struct runtime_flags *flags, const char *value)
{
	const char *file = value ? str_starts(value, "file:") : NULL;

	str_set(&flags->log, file ? file : value);
	return value && !str_starts(value, "journald:") && !str_starts(value, "syslog:") &&
	       !str_empty(flags->log);
}

static bool take_format(struct runtime_flags *flags, const char *value)
{
	if (!value)
		return false;
	flags->format = str_eq(value, "json") ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
	return str_eq(value, "json") || str_eq(value, "text");
}

static bool take_manager(struct runtime_flags *flags, const char *value)
{
	static const char *const managers[] = { "systemd", "cgroupfs" };

	for (size_t i = 0; value && i < array_len(managers); i++) {
		if (str_eq(value, managers[i])) {
			flags->cgroup_manager = managers[i];
			return true;
		}
	}
	return false;
}

static bool take_systemd(struct runtime_flags *flags, const char *value)
{
	bool wanted;

	if (!truth(value, &wanted))
		return false;
	flags->cgroup_manager = wanted ? "systemd" : "cgroupfs";
	return true;
}

static bool take_rootless(unused_arg struct runtime_flags *flags, const char *value)
{
	bool wanted;

	return value && (str_eq(value, "auto") || (truth(value, &wanted) && wanted));
}

static const struct {
	const char *name;
	flag_call call;
	const char *rule; /* what its value may be; where there is no call, why it is not there */
} flags_known[] = {
	{ "debug", take_debug, "takes true or false" },
	{ "log", take_log, "takes the name of a file" },
	{ "log-format", take_format, "takes text or json" },
	{ "log-level", take_level, "takes error, warning or debug" },
	{ "cgroup-manager", take_manager, "takes systemd or cgroupfs" },
	{ "systemd-cgroup", take_systemd, "takes true or false" },
	{ "rootless", take_rootless, "takes true or auto: nothing else is there" },
	{ "root", NULL, "what runs is kept in the folder of the program's own --root" },
	{ "no-pivot", NULL,
	  "the root is always entered by pivot_root, which nothing inside can undo" },
	{ "criu", NULL, "containers are not written to disk while they run" },
};

static int take_word(const char *word, struct runtime_flags *flags, struct err *err)
{
	AUTO(mem) char *name = str_dup(word);
	const char *value = str_cut(name, '=');

	for (size_t i = 0; i < array_len(flags_known); i++) {
		if (!str_eq(name, flags_known[i].name))
			continue;
		if (!flags_known[i].call)
			return err_set(err, -EOPNOTSUPP, "--runtime-flag: '%s' is not there: %s",
				       name, flags_known[i].rule);
		if (!flags_known[i].call(flags, value))
			return err_set(err, -EINVAL, "--runtime-flag '%s': '%s' %s", word, name,
				       flags_known[i].rule);
		return 0;
	}
	if (name[0] == '-') {
		err_set(err, -EINVAL, "--runtime-flag: '%s' begins with a dash", word);
		return err_hint(err, "leave the dashes out: --runtime-flag %s",
				word + strspn(word, "-"));
	}
	err_set(err, -EINVAL, "--runtime-flag: there is no flag '%s'", word);
	return err_hint(err, "%s", TAKEN);
}

int runtime_flags_parse(const struct strv *words, const char *manager, struct runtime_flags *out,
			struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		int r = take_word(words->items[i], out, err);
		if (r < 0)
			return r;
	}
	if (out->cgroup_manager && manager && !str_eq(out->cgroup_manager, manager))
		return err_set(err, -EINVAL,
			       "--runtime-flag asks for control groups of %s, --cgroup-manager of "
			       "%s",
			       out->cgroup_manager, manager);
	return 0;
}

int runtime_flags_apply(const struct runtime_flags *flags, struct err *err)
{
	if (flags->debug)
		log_enable(true);
	return flags->log ? log_file_open(flags->log, flags->format, err) : 0;
}

void runtime_flags_clear(struct runtime_flags *flags)
{
	free(flags->log);
	*flags = (struct runtime_flags){ 0 };
}
