/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit_config - the config of an image made from a container; pure
 */
#include "engine/commit_config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "kern/signame.h"
#include "oci/change.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, compare);
}

static void replace(struct strv *to, const struct strv *from)
{
	strv_clear(to);
	strv_extend(to, from);
}

/* What create put in by itself. */
static bool is_own(const char *assignment)
{
	static const char *const proxies[] = { "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
					       "all_proxy" };
	size_t n = strcspn(assignment, "=");

	for (size_t i = 0; i < array_len(proxies); i++)
		if (strlen(proxies[i]) == n && strncasecmp(assignment, proxies[i], n) == 0)
			return true;
	return str_starts(assignment, "container=") || str_eq(assignment, "TERM=xterm");
}

static void take_env(struct image_process *p, const struct container_config *container)
{
	struct strv env = { 0 };

	for (size_t i = 0; i < container->env.count; i++) {
		const char *assignment = container->env.items[i];
		if (!is_own(assignment) || strv_find(&p->env, assignment) >= 0)
			strv_add(&env, assignment);
	}
	strv_clear(&p->env);
	p->env = env;
}

static void take_volumes(struct image_process *p, const struct container_config *container)
{
	for (size_t i = 0; i < container->mounts.count; i++) {
		const struct mount_config *m = &container->mounts.items[i];
		if (str_eq(m->type, "volume") && strv_find(&p->volumes, m->target) < 0)
			strv_add(&p->volumes, m->target);
	}
	sort(&p->volumes);
}

static bool same(const struct strv *a, const struct strv *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = str_eq(a->items[i], b->items[i]);
	return equal;
}

/* A check that was asked for with the container; the image's own stays as it was written. */
static void take_health(struct image_process *p, const struct health_config *health)
{
	struct image_healthcheck *to = &p->healthcheck;

	if (same(&to->test, &health->test))
		return;
	replace(&to->test, &health->test);
	if (!to->test.count)
		strv_add(&to->test, "NONE");
	to->interval = health->interval;
	to->timeout = health->timeout;
	to->start_period = health->start_period;
	to->start_interval = health->start_interval;
	to->retries = health->retries;
}

static void take_over(struct image_process *p, const struct container_config *container,
		      bool volumes)
{
	replace(&p->entrypoint, &container->entrypoint);
	replace(&p->cmd, &container->command);
	replace(&p->exposed_ports, &container->expose);
	sort(&p->exposed_ports);
	replace(&p->labels, &container->labels);
	sort(&p->labels);
	take_env(p, container);
	str_set(&p->user, container->user);
	str_set(&p->workdir, container->workdir);
	take_health(p, &container->health);
	int signal = 0;
	if (p->stop_signal && signame_parse(p->stop_signal, &signal, NULL) < 0)
		signal = 0;
	if (container->stop_signal && container->stop_signal != (signal ? signal : SIGTERM)) {
		AUTO(mem) char *name = signame_print(container->stop_signal);
		str_set(&p->stop_signal, name);
	}
	if (volumes)
		take_volumes(p, container);
}

/* Members that are there replace those of the container. */
static int merge_config(struct image_process *p, const char *text, struct err *err)
{
	AUTO(image_config) struct image_config *given = NULL;
	AUTO(mem)
	char *whole = str_fmt("{\"architecture\":\"any\",\"os\":\"linux\",\"config\":%s,"
			      "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
			      text);

	int r = image_config_parse(whole, strlen(whole), &given, err);
	if (r < 0)
		return err_wrap(err, "--config");
	const struct image_process *g = &given->config;
	const struct {
		struct strv *to;
		const struct strv *from;
	} lists[] = {
		{ &p->entrypoint, &g->entrypoint },
		{ &p->cmd, &g->cmd },
		{ &p->exposed_ports, &g->exposed_ports },
		{ &p->volumes, &g->volumes },
		{ &p->shell, &g->shell },
		{ &p->on_build, &g->on_build },
	};
	for (size_t i = 0; i < array_len(lists); i++)
		if (lists[i].from->count)
			replace(lists[i].to, lists[i].from);
	for (size_t i = 0; i < g->env.count; i++)
		strv_env_set(&p->env, g->env.items[i]);
	for (size_t i = 0; i < g->labels.count; i++)
		strv_env_set(&p->labels, g->labels.items[i]);
	sort(&p->labels);
	if (g->user)
		str_set(&p->user, g->user);
	if (g->workdir)
		str_set(&p->workdir, g->workdir);
	if (g->stop_signal)
		str_set(&p->stop_signal, g->stop_signal);
	return 0;
}

int commit_config(struct image_config *image, const struct container_config *container,
		  const struct commit_changes *changes, const char *created, struct err *err)
{
	int r = 0;

	take_over(&image->config, container, changes->volumes);
	if (changes->config)
		r = merge_config(&image->config, changes->config, err);
	for (size_t i = 0; r == 0 && changes->changes && i < changes->changes->count; i++)
		r = change_apply(&image->config, changes->changes->items[i], err);
	if (r < 0)
		return r;
	str_set(&image->created, created);
	if (changes->author)
		str_set(&image->author, changes->author);
	*vec_push(&image->history) = (struct image_history){
		.created = str_dup(created),
		.created_by = str_join(&container->command, " "),
		.author = str_dup(changes->author),
		.comment = str_dup(changes->message),
	};
	return 0;
}
