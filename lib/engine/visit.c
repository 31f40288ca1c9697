/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * visit - a program of the user on the networks that containers are on
 */
#include "engine/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "base/file.h"
#include "net/netns.h"
#include "net/resolv.h"
#include "store/network.h"
#include "store/record.h"

#define RESOLV_PATH "/etc/resolv.conf"

enum { SHORT_ID = 12, FOLDER_MODE = 0755, FILE_MODE = 0644 };

/* ---- beginning ---- */

static int add_held(struct engine *engine, struct container_config *config, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	int r = network_record_list(engine->store, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		AUTO(network_record) struct network_record *network = NULL;
		/* One that was removed since, or is damaged, is held by nobody. */
		if (network_record_load(engine->store, names.items[i], &network, NULL) < 0 ||
		    !holder_is_there(engine, network))
			continue;
		vec_push(&config->endpoints)->network = str_dup(network->name);
	}
	if (r == 0 && !config->endpoints.count) {
		(void)err_set(err, -ENOENT,
			      "no container runs on a network that 'network create' made");
		return err_hint(err,
				"each network is there while containers are on it; a container on "
				"one: cubby run -d --network NETWORK IMAGE");
	}
	return r;
}

/* Containers' names are asked for where they are known. */
static int write_resolv(struct visit *visit, struct err *err)
{
	const struct member *resolver = members_resolver(&visit->members);
	const struct bridge_lease *lease = resolver ? &resolver->holding.lease : NULL;
	AUTO(resolv) struct resolv host = { 0 };

	if (!lease || (!lease->dns && !lease->dns6))
		return 0;
	resolv_load(AT_FDCWD, &host);
	const struct resolv_config config = {
		.host = &host,
		.server = lease->dns ? lease->dns : lease->dns6,
	};
	AUTO(mem) char *text = resolv_build(&config);
	int r = temp_dir(visit->engine->store, FOLDER_MODE, &visit->temp, err);
	if (r < 0)
		return r;
	AUTO(mem) char *path = str_fmt("%s/resolv.conf", visit->temp->path);
	r = file_replace(AT_FDCWD, path, FILE_MODE, text, strlen(text), false);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

int visit_begin(struct engine *engine, struct visit *out, struct err *err)
{
	AUTO(mem) char *id = record_new_id();
	AUTO(mem) char *name = str_ndup(id, SHORT_ID);
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	const struct members_who who = { .engine = engine, .config = config, .name = name };
	static const struct attachments never = { 0 };

	out->engine = engine;
	config->id = take_ptr(id);
	int r = add_held(engine, config, err);
	if (r == 0)
		r = members_join(&who, &never, &out->members, err);
	return r < 0 ? r : write_resolv(out, err);
}

/* ---- inside ---- */

/* A host without the file has nothing that it could be put over. */
static int show_resolv(const struct visit *visit, struct err *err)
{
	AUTO(mem) char *target = realpath(RESOLV_PATH, NULL);

	if (!visit->temp || !target)
		return 0;
	AUTO(mem) char *path = str_fmt("%s/resolv.conf", visit->temp->path);
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
	    mount(path, target, NULL, MS_BIND, NULL) < 0)
		return err_sys(err, -errno, "cannot show another '%s'", target);
	return 0;
}

int visit_enter(const struct visit *visit, struct err *err)
{
	const struct members *members = &visit->members;
	const struct rate unlimited = { 0 };
	AUTO(fd) int netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (netns < 0)
		return err_sys(err, -errno, "cannot open the network namespace");
	int r = netns_bare(-1, err);
	for (size_t i = 0; r == 0 && i < members->count; i++)
		r = member_plug(members->items[i], netns,
				members_routes(members, members->items[i], false), &unlimited, err);
	return r < 0 ? r : show_resolv(visit, err);
}

void visit_end(struct visit *visit)
{
	members_clear(&visit->members);
	if (visit->temp)
		(void)!temp_remove(visit->engine->store, visit->temp); /* else the next sweep */
	temp_free(visit->temp);
	*visit = (struct visit){ 0 };
}
