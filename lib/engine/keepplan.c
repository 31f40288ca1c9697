/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keepplan - from what the user asked for to how a container is kept, watched and known
 */
#include "engine/keepplan.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "engine/envfile.h"
#include "monitor/logattrs.h"
#include "monitor/logoptions.h"
#include "monitor/restart.h"

static int plan_labels(const struct keep_args *p, struct container_config *c, struct err *err)
{
	struct strv *labels = &c->labels;
	int r = 0;

	for (size_t i = 0; i < p->image->labels.count; i++)
		strv_env_set(labels, p->image->labels.items[i]);
	for (size_t i = 0; i < p->args->label_files.count && r == 0; i++)
		r = envfile_labels(p->args->label_files.items[i], labels, err);
	for (size_t i = 0; i < p->args->labels.count && r == 0; i++) {
		const char *text = p->args->labels.items[i];
		if (!*text || *text == '=')
			return err_set(err, -EINVAL, "--label: '%s' has no key", text);
		AUTO(mem) char *label = strchr(text, '=') ? str_dup(text) : str_fmt("%s=", text);
		strv_env_set(labels, label);
	}
	return r;
}

static int plan_health(const struct keep_args *p, struct container_config *c, struct err *err)
{
	return health_plan(&p->args->health, &p->image->healthcheck, &p->image->shell, &c->health,
			   err);
}

static int plan_sdnotify(const struct keep_args *p, struct container_config *c, struct err *err)
{
	const char *mode = str_or(p->args->sdnotify, p->docker ? "ignore" : "container");

	if (str_eq(mode, "healthy") && !health_checked(&c->health))
		return err_set(err, -EINVAL, "--sdnotify healthy needs a health check");
	if (str_eq(mode, "ignore"))
		return 0;
	if (!str_eq(mode, "conmon") && !str_eq(mode, "container") && !str_eq(mode, "healthy"))
		return err_set(err, -EINVAL,
			       "--sdnotify: '%s' is not one of conmon, container, healthy, ignore",
			       mode);
	c->sdnotify = str_dup(mode);
	return 0;
}

static int plan_restart(const struct keep_args *p, struct container_config *c, struct err *err)
{
	const struct create_args *a = p->args;
	struct restart restart;

	int r = restart_parse(a->restart, &restart, err);
	if (r < 0 || restart.policy == RESTART_NO)
		return r;
	if (a->remove) {
		err_set(err, -EINVAL, "--rm cannot be given with --restart %s", a->restart);
		return err_hint(err, "a container that is removed cannot be started again");
	}
	c->restart = str_dup(a->restart);
	return 0;
}

/* Says at once what the monitor would say at the start; a relative path is of the caller's folder. */
static int plan_log(const struct keep_args *p, struct container_config *c, struct err *err)
{
	struct log_options options;
	AUTO(strv) struct strv attrs = { 0 };

	c->log_driver = str_dup(str_or(p->args->log_driver, "json-file"));
	for (size_t i = 0; i < p->args->log_options.count; i++) {
		const char *option = p->args->log_options.items[i];
		const char *path = str_starts(option, "path=");
		if (path && *path != '/' && *path && p->cwd)
			strv_addf(&c->log_options, "path=%s/%s", p->cwd, path);
		else
			strv_add(&c->log_options, option);
	}
	int r = log_options_parse(c->log_driver, &c->log_options, &options, err);
	return r == 0 ? log_attrs(&options, c, &attrs, err) : r;
}

/* Who writes it stands elsewhere. */
static int make_absolute(const struct keep_args *p, const char *flag, const char *path, char **out,
			 struct err *err)
{
	if (!path)
		return 0;
	if (*path != '/' && !p->cwd)
		return err_set(err, -EINVAL, "--%s: the working folder cannot be read", flag);
	*out = *path == '/' ? str_dup(path) : str_fmt("%s/%s", p->cwd, path);
	return 0;
}

static int plan_annotations(const struct keep_args *p, struct container_config *c, struct err *err)
{
	const struct strv *asked = &p->args->annotations;

	for (size_t i = 0; i < asked->count; i++) {
		if (*asked->items[i] == '=' || !strchr(asked->items[i], '='))
			return err_set(err, -EINVAL, "--annotation: '%s' is no KEY=VALUE",
				       asked->items[i]);
		strv_env_set(&c->annotations, asked->items[i]);
	}
	return 0;
}

static int plan_id_files(const struct keep_args *p, struct container_config *c, struct err *err)
{
	const struct create_args *a = p->args;

	c->cidfile = str_dup(a->cidfile);
	int r = make_absolute(p, "pidfile", a->pidfile, &c->pidfile, err);
	if (r < 0)
		return r;
	return make_absolute(p, "conmon-pidfile", a->monitor_pidfile, &c->monitor_pidfile, err);
}

int keep_plan(const struct keep_args *p, struct container_config *c, struct err *err)
{
	static int (*const parts[])(const struct keep_args *, struct container_config *,
				    struct err *) = {
		plan_annotations, plan_id_files, plan_labels,	plan_log,
		plan_restart,	  plan_health,	 plan_sdnotify,
	};
	const struct create_args *a = p->args;
	int r = 0;

	c->remove = a->remove;
	strv_extend(&c->create_command, &a->command_line);
	strv_extend(&c->attach, &a->attach);
	for (size_t i = 0; i < a->requires.count; i++)
		strv_split(&c->requires, a->requires.items[i], ',');
	for (size_t i = 0; i < array_len(parts) && r == 0; i++)
		r = parts[i](p, c, err);
	return r;
}
