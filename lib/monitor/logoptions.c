/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logoptions - what --log-driver and --log-opt ask for
 */
#include "monitor/logoptions.h"

#include <errno.h>
#include <regex.h>

#include "base/macros.h"

enum { MAX_FILES = 1000 };

/* Which drivers take an option. */
enum {
	FOR_FILES = 1u << LOG_JSON_FILE | 1u << LOG_K8S_FILE,
	FOR_ATTRS = 1u << LOG_JSON_FILE | 1u << LOG_JOURNALD,
};

static const struct {
	const char *name, *instead;
} foreign_drivers[] = {
	{ "local", "json-file, which is rotated as local's files are" },
	{ "syslog", "journald, which hands on to syslog, or json-file, read by a forwarder" },
	{ "fluentd", "json-file, read by a forwarder" },
	{ "gelf", "json-file, read by a forwarder" },
	{ "awslogs", "json-file, read by a forwarder" },
	{ "gcplogs", "json-file, read by a forwarder" },
	{ "splunk", "json-file, read by a forwarder" },
	{ "etwlogs", "json-file, read by a forwarder" },
	{ "logentries", "json-file, read by a forwarder" },
	{ "passthrough-tty", "passthrough" },
};

static int parse_driver(const char *name, enum log_driver *out, struct err *err)
{
	for (int i = 0; log_driver_names[i]; i++)
		if (str_eq(name, log_driver_names[i])) {
			*out = (enum log_driver)i;
			return 0;
		}
	for (size_t i = 0; i < array_len(foreign_drivers); i++)
		if (str_eq(name, foreign_drivers[i].name)) {
			(void)err_set(err, -EINVAL, "there is no log driver '%s' here", name);
			return err_hint(err, "use %s", foreign_drivers[i].instead);
		}
	return err_set(
		err, -EINVAL,
		"unknown log driver '%s': there are json-file, k8s-file, journald, none, passthrough",
		name);
}

static int take_size(struct log_options *o, const char *value, struct err *err)
{
	uint64_t n;

	if (str_eq(value, "-1")) {
		o->max_size = 0;
		return 0;
	}
	if (str_size(value, &n) < 0 || n == 0 || n > INT64_MAX)
		return err_set(err, -EINVAL, "log option max-size: '%s' is no size", value);
	o->max_size = (int64_t)n;
	return 0;
}

static int take_files(struct log_options *o, const char *value, struct err *err)
{
	uint64_t n;

	if (str_u64(value, MAX_FILES, &n) < 0 || n == 0)
		return err_set(err, -EINVAL, "log option max-file: '%s' is not 1 to %d", value,
			       MAX_FILES);
	o->max_file = (int)n;
	return 0;
}

static int take_path(struct log_options *o, const char *value, struct err *err)
{
	if (*value != '/' || str_ends(value, "/"))
		return err_set(err, -EINVAL, "log option path: '%s' is no absolute path of a file",
			       value);
	o->path = value;
	return 0;
}

static int take_tag(struct log_options *o, const char *value, unused_arg struct err *err)
{
	o->tag = value;
	return 0;
}

static int take_labels(struct log_options *o, const char *value, unused_arg struct err *err)
{
	o->labels = value;
	return 0;
}

static int take_env(struct log_options *o, const char *value, unused_arg struct err *err)
{
	o->env = value;
	return 0;
}

static int check_regex(const char *option, const char *expression, struct err *err)
{
	regex_t regex;

	if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB) != 0)
		return err_set(err, -EINVAL, "log option %s: '%s' is no regular expression", option,
			       expression);
	regfree(&regex);
	return 0;
}

static int take_labels_regex(struct log_options *o, const char *value, struct err *err)
{
	o->labels_regex = value;
	return check_regex("labels-regex", value, err);
}

static int take_env_regex(struct log_options *o, const char *value, struct err *err)
{
	o->env_regex = value;
	return check_regex("env-regex", value, err);
}

/* The writer waits for the disk, as docker's does without being asked. */
static int take_mode(unused_arg struct log_options *o, const char *value, struct err *err)
{
	if (str_eq(value, "blocking"))
		return 0;
	return err_set(err, -EINVAL, "log option mode: '%s' is not there, only blocking", value);
}

static int take_compress(unused_arg struct log_options *o, const char *value, struct err *err)
{
	if (str_eq(value, "false"))
		return 0;
	return err_set(err, -EINVAL,
		       "log option compress: old files are not compressed; lower max-size instead");
}

static const struct {
	const char *key;
	unsigned int drivers; /* 0: all */
	int (*take)(struct log_options *o, const char *value, struct err *err);
} known[] = {
	{ "max-size", FOR_FILES, take_size },
	{ "max-file", FOR_FILES, take_files },
	{ "path", FOR_FILES, take_path },
	{ "tag", FOR_ATTRS, take_tag },
	{ "labels", FOR_ATTRS, take_labels },
	{ "env", FOR_ATTRS, take_env },
	{ "labels-regex", FOR_ATTRS, take_labels_regex },
	{ "env-regex", FOR_ATTRS, take_env_regex },
	{ "mode", 0, take_mode },
	{ "compress", FOR_FILES, take_compress },
};

static int parse_option(const char *text, struct log_options *o, struct err *err)
{
	for (size_t i = 0; i < array_len(known); i++) {
		const char *value = str_starts(text, known[i].key);
		if (!value || *value != '=')
			continue;
		if (known[i].drivers && !(known[i].drivers & 1u << o->driver))
			return err_set(err, -EINVAL, "the log driver %s has no option '%s'",
				       log_driver_names[o->driver], known[i].key);
		return known[i].take(o, value + 1, err);
	}
	(void)err_set(err, -EINVAL, "unknown log option '%s'", text);
	return err_hint(err, "options are max-size=SIZE, max-file=N, path=FILE, tag=TEXT, labels=, "
			     "env=, labels-regex=, env-regex=");
}

int log_options_parse(const char *driver, const struct strv *options, struct log_options *out,
		      struct err *err)
{
	struct log_options o = { .driver = LOG_JSON_FILE, .max_size = -1 };

	int r = driver ? parse_driver(driver, &o.driver, err) : 0;
	for (size_t i = 0; r == 0 && i < options->count; i++)
		r = parse_option(options->items[i], &o, err);
	if (r < 0)
		return r;
	if (o.max_size == 0 && o.max_file > 1)
		return err_set(err, -EINVAL, "log option max-file needs a max-size");
	if (!o.max_file)
		o.max_file = o.max_size < 0 ? LOG_DEFAULT_FILES : 1;
	if (o.max_size < 0)
		o.max_size = LOG_DEFAULT_SIZE;
	*out = o;
	return 0;
}
