/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * example - one container and the facts about it, for the tests of specs and plans
 */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "kern/caps.h"
#include "spec/make.h"

struct example {
	struct container_config config;
	struct user user;
	struct id_range ranges[2]; /* the caller's own id, and one range of sub-ids */
	struct idmap outer;
	struct spec_facts facts;
};

static inline void example_init(struct example *e)
{
	*e = (struct example){ 0 };
	e->config.id = str_fmt("%064d", 7);
	strv_add(&e->config.command, "sh");
	strv_add(&e->config.env, "PATH=/bin");
	e->user.home = str_dup("/root");
	e->ranges[0] = (struct id_range){ .inside = 0, .outside = 1000, .count = 1 };
	e->ranges[1] = (struct id_range){ .inside = 1, .outside = 100000, .count = 65536 };
	e->outer = (struct idmap){ .items = e->ranges, .count = array_len(e->ranges) };
	e->facts = (struct spec_facts){
		.identity = IDENTITY_RANGES,
		.ids = 65537,
		.gids = 65537,
		.uid_map = &e->outer,
		.gid_map = &e->outer,
		.host_uid = 1000,
		.host_gid = 1000,
		.user = &e->user,
		.caps = caps_all(),
		.state_dir = "/state",
		.volumes_dir = "/volumes",
		.hosts = true,
		.resolv = true,
		.hostname = true,
	};
}

static inline void example_clear(struct example *e)
{
	free(e->config.id);
	free(e->config.user);
	free(e->config.workdir);
	free(e->config.userns_mode);
	free(e->config.network_mode);
	free(e->config.pid_mode);
	free(e->config.ipc_mode);
	strv_clear(&e->config.command);
	strv_clear(&e->config.env);
	strv_clear(&e->config.cap_add);
	strv_clear(&e->config.cap_drop);
	strv_clear(&e->config.mask);
	strv_clear(&e->config.unmask);
	strv_clear(&e->config.ulimits);
	strv_clear(&e->config.sysctls);
	strv_clear(&e->config.devices);
	for (size_t i = 0; i < e->config.mounts.count; i++) {
		free(e->config.mounts.items[i].type);
		free(e->config.mounts.items[i].source);
		free(e->config.mounts.items[i].target);
		strv_clear(&e->config.mounts.items[i].options);
	}
	free(e->config.mounts.items);
	user_clear(&e->user);
}

static inline void example_mount(struct example *e, const char *type, const char *source,
				 const char *target, const char *options)
{
	struct mount_config *m = vec_push(&e->config.mounts);

	m->type = str_dup(type);
	m->source = str_dup(source);
	m->target = str_dup(target);
	if (*options)
		strv_split(&m->options, options, ',');
}

/* Compares with tests/data/<name>; CUBBY_ACCEPT=1 writes what is now there. */
static inline bool example_is(const char *name, const char *text)
{
	const char *src = getenv("CUBBY_SRC");
	AUTO(mem) char *path = str_fmt("%s/tests/data/%s", src ? src : ".", name);
	AUTO(mem) char *want = NULL;

	if (getenv("CUBBY_ACCEPT"))
		return file_write(AT_FDCWD, path, 0644, text, strlen(text)) == 0;
	if (file_read(AT_FDCWD, path, 1 << 20, &want, NULL) == 0 && str_eq(want, text))
		return true;
	fprintf(stderr, "--- %s is not:\n%s", path, text);
	return false;
}
