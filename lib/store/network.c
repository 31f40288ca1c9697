/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the networks that the user made: networks/NAME.json
 */
#include "store/network.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "store/event.h"
#include "store/record.h"
#include "store/temp.h"

#define S(kind, f) J_##kind(#f, struct network_subnet, f)
static const struct jfield subnet_fields[] = {
	S(TEXT, subnet), S(TEXT, gateway), S(TEXT, first), S(TEXT, last), S(TEXT, range), J_END,
};
#undef S

#define R(kind, f) J_##kind(#f, struct network_route, f)
static const struct jfield route_fields[] = { R(TEXT, to), R(TEXT, via), R(INT, metric), J_END };
#undef R

#define N(kind, f) J_##kind(#f, struct network_record, f)
const struct jfield network_record_fields[] = {
	N(TEXT, id),
	N(TEXT, name),
	N(TEXT, driver),
	N(I64, created),
	N(STRV, labels),
	N(STRV, options),
	N(TEXT, ipam_driver),
	N(STRV, reserved),
	J_LIST("subnets", struct network_record, subnets, subnet_fields),
	J_LIST("routes", struct network_record, routes, route_fields),
	N(BOOL, ipv6),
	N(BOOL, internal),
	N(BOOL, no_dns),
	N(STRV, dns),
	N(TEXT, interface),
	J_END,
};
#undef N

static const char suffix[] = ".json";

/* ---- names ---- */

/* What --network takes without any network being made (4). */
static const char *const taken_names[] = {
	"bridge", "container", "default", "host",	 "none",  "ns",
	"pasta",  "podman",    "private", "slirp4netns", "slirp",
};

int network_record_check_name(const char *name, struct err *err)
{
	bool good = isascii(*name) && isalnum((unsigned char)*name) &&
		    strlen(name) <= NETWORK_NAME_MAX;

	for (const char *c = name; *c && good; c++)
		good = isascii(*c) && (isalnum((unsigned char)*c) || strchr("_.-", *c));
	if (!good)
		return err_set(err, -EINVAL,
			       "invalid network name '%s': names begin with a letter or digit, "
			       "followed by letters, digits, '_', '.' and '-', at most %d in all",
			       name, NETWORK_NAME_MAX);
	for (size_t i = 0; i < array_len(taken_names); i++)
		if (str_eq(name, taken_names[i]))
			return err_set(err, -EINVAL,
				       "invalid network name '%s': it is there without being made",
				       name);
	return 0;
}

static char *path_of(const char *name)
{
	return str_fmt("networks/%s%s", name, suffix);
}

static int no_network(const char *text, struct err *err)
{
	err_set(err, -ENOENT, "no network named '%s'", text);
	(void)err_hint(err, "list all networks with: cubby network ls");
	return -ENOENT;
}

/* ---- making ---- */

static char *print(const struct network_record *record)
{
	AUTO(json) cJSON *json = jfield_save(network_record_fields, record);

	return json_print(json, 0);
}

/* A copy by the table: what can be stored is all there is. */
static struct network_record *copy(const struct network_record *record)
{
	AUTO(json) cJSON *json = jfield_save(network_record_fields, record);
	struct network_record *made = mem_new(struct network_record);

	bug_unless(jfield_load(network_record_fields, json, made, NULL) == 0);
	return made;
}

/* Written aside first and given its name in one step, which fails when the name is taken (1). */
static int place(const struct store *store, const struct network_record *record, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(mem) char *rel = path_of(record->name);
	AUTO(mem) char *text = print(record);

	int r = temp_claim(store, &temp, err);
	if (r < 0)
		return r;
	r = file_write(store->dir, temp->rel, 0600, text, strlen(text));
	if (r < 0)
		err_sys(err, r, "cannot keep the network '%s'", record->name);
	else
		r = temp_commit(store, temp, rel, err);
	if (r < 0)
		(void)!temp_remove(store, temp); /* the first failure is the one to tell */
	return r;
}

static void tell(const struct store *store, const struct network_record *record,
		 enum event_action action)
{
	AUTO(mem) char *driver = str_fmt("type=%s", str_or(record->driver, ""));
	const char *const details[] = { driver, NULL };
	const struct event_about about = { .id = record->id, .name = record->name };

	event_write(store, EVENT_NETWORK, action, &about, details);
}

int network_record_create(const struct store *store, const struct network_record *record,
			  struct network_record **out, struct err *err)
{
	AUTO(network_record) struct network_record *made = copy(record);

	int r = network_record_check_name(record->name, err);
	if (r == 0)
		r = store_check_writable(store, err);
	if (r < 0)
		return r;
	free(made->id);
	made->id = record_new_id();
	made->created = clock_now();
	r = place(store, made, err);
	if (r == -EEXIST) {
		if (err)
			err_clear(err);
		return err_set(err, -EEXIST, "a network named '%s' is there already", record->name);
	}
	if (r < 0)
		return r;
	tell(store, made, EVENT_CREATE);
	if (out)
		*out = take_ptr(made);
	return 0;
}

/* ---- finding ---- */

static bool whole(const struct network_record *record)
{
	bool good = record->id && str_hex(record->id, NETWORK_ID_HEX) && record->driver;

	for (size_t i = 0; i < record->subnets.count; i++)
		good = good && record->subnets.items[i].subnet;
	for (size_t i = 0; i < record->routes.count; i++)
		good = good && record->routes.items[i].to && record->routes.items[i].via;
	return good;
}

int network_record_load(const struct store *store, const char *name, struct network_record **out,
			struct err *err)
{
	AUTO(mem) char *rel = path_of(name);
	AUTO(json) cJSON *json = NULL;
	AUTO(network_record) struct network_record *record = mem_new(struct network_record);

	if (network_record_check_name(name, NULL) < 0)
		return no_network(name, err);
	int r = json_load(store->dir, rel, &json, NULL);
	if (r == -ENOENT)
		return no_network(name, err);
	if (r == 0)
		r = jfield_load(network_record_fields, json, record, NULL);
	if (r == -EBADMSG || (r == 0 && !whole(record))) {
		err_set(err, -EBADMSG, "the record of the network '%s' is damaged", name);
		(void)err_hint(err, "remove it with: cubby network rm %s", name);
		return -EBADMSG;
	}
	if (r < 0)
		return err_sys(err, r, "cannot read about the network '%s'", name);
	str_set(&record->name, name);
	*out = take_ptr(record);
	return 0;
}

static int find_by_id(const struct store *store, const char *text, char **out_name, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	const char *found = NULL;
	int r = network_record_list(store, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		AUTO(network_record) struct network_record *record = NULL;
		if (network_record_load(store, names.items[i], &record, NULL) < 0 ||
		    !str_starts(record->id, text))
			continue;
		if (found)
			return err_set(err, -ENOTUNIQ,
				       "'%s' is the beginning of several networks' ids", text);
		found = names.items[i];
	}
	if (r < 0)
		return r;
	if (!found)
		return no_network(text, err);
	*out_name = str_dup(found);
	return 0;
}

int network_record_resolve(const struct store *store, const char *text, char **out_name,
			   struct err *err)
{
	AUTO(mem) char *rel = path_of(text);

	if (network_record_check_name(text, NULL) < 0)
		return no_network(text, err);
	if (faccessat(store->dir, rel, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		*out_name = str_dup(text);
		return 0;
	}
	if (strlen(text) > NETWORK_ID_HEX || !str_hex(text, 0))
		return no_network(text, err);
	return find_by_id(store, text, out_name, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(const char *file, struct strv *out)
{
	if (!str_ends(file, suffix))
		return;
	AUTO(mem) char *name = str_ndup(file, strlen(file) - strlen(suffix));
	if (network_record_check_name(name, NULL) == 0)
		strv_add(out, name);
}

int network_record_list(const struct store *store, struct strv *out, struct err *err)
{
	size_t before = out->count;
	int fd = openat(store->dir, "networks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return r == -ENOENT ? 0 : err_sys(err, r, "cannot read '%s/networks'", store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		add_name(e->d_name, out);
	closedir(dir);
	if (out->count > before)
		qsort(out->items + before, out->count - before, sizeof *out->items, by_name);
	return 0;
}

/* ---- changing ---- */

int network_record_save(const struct store *store, const struct network_record *record,
			struct err *err)
{
	AUTO(mem) char *rel = path_of(record->name);
	AUTO(mem) char *text = print(record);
	int r = store_check_writable(store, err);

	if (r < 0)
		return r;
	r = file_replace(store->dir, rel, 0600, text, strlen(text), false);
	if (r < 0)
		return err_sys(err, r, "cannot keep the network '%s'", record->name);
	tell(store, record, EVENT_UPDATE);
	return 0;
}

int network_record_remove(const struct store *store, const char *name, struct err *err)
{
	AUTO(mem) char *rel = path_of(name);
	AUTO(network_record) struct network_record *gone = NULL;
	const struct network_record damaged = { .name = (char *)name };

	if (network_record_check_name(name, NULL) < 0)
		return no_network(name, err);
	(void)!network_record_load(store, name, &gone, NULL); /* a damaged one has a name alone */
	if (unlinkat(store->dir, rel, 0) == 0) {
		tell(store, gone ? gone : &damaged, EVENT_REMOVE);
		return 0;
	}
	if (errno == ENOENT)
		return no_network(name, err);
	return err_sys(err, -errno, "cannot remove the network '%s'", name);
}

void network_record_free(struct network_record *record)
{
	if (!record)
		return;
	jfield_clear(network_record_fields, record);
	free(record);
}
