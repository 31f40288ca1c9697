/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmaps - a container's own maps of ids: --uidmap, --gidmap, --subuidname, --subgidname, --userns auto
 */
#include "engine/idmaps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/at.h"
#include "spec/idtext.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/record.h"

enum { FILE_MAX = 4 << 20, AUTO_LEAST = 1024, NOBODY = 65534, ID_FIELD = 2 };

/* ---- what was asked for ----------------------------------------------------------------------- */

static int apply_texts(const struct strv *texts, char kind, const struct idmap *outer,
		       struct idmap *map, bool *any, struct err *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		int r = idtext_apply(texts->items[i], kind, outer, map, err);
		if (r < 0)
			return r;
		*any |= r > 0;
	}
	return 0;
}

static bool extends(const struct strv *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		if (idtext_extends(texts->items[i]))
			return true;
	return false;
}

/* --subuidname: the ranges of a name, one after the other from 0 on, as far as they are ours. */
static int of_name(const char *name, const char *file, const struct idmap *outer, struct idmap *map,
		   struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(idmap) struct idmap ranges = { 0 };
	uint32_t next = 0;

	int r = file_read(AT_FDCWD, file, FILE_MAX, &text, NULL);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", file);
	if (idmap_subids(text, name, UINT32_MAX, &ranges) == 0)
		return err_set(err, -ENOENT, "'%s' has no ids in %s", name, file);
	for (size_t i = 0; i < ranges.count; i++) {
		AUTO(mem)
		char *one =
			str_fmt("%u:@%u:%u", next, ranges.items[i].outside, ranges.items[i].count);
		r = idtext_apply(one, 'u', outer, map, err);
		if (r < 0)
			return err_wrap(err, "the ids of '%s' in %s", name, file);
		next += ranges.items[i].count;
	}
	return 0;
}

struct wanted {
	const struct strv *texts, *others; /* of this kind, of the other one */
	const char *name, *other_name;
	const char *file;
	char kind;
};

static int plan_kind(const struct wanted *w, const struct idmap *outer, char **out, struct err *err)
{
	AUTO(idmap) struct idmap map = { 0 };
	const char *name = w->name ? w->name : w->texts->count ? NULL : w->other_name;
	bool any = name;
	int r = 0;

	if (extends(w->texts) || extends(w->others))
		r = idmap_add(&map, 0, 0, idmap_size(outer));
	if (r == 0 && name)
		r = of_name(name, w->file, outer, &map, err);
	if (r == 0)
		r = apply_texts(w->texts, w->kind, outer, &map, &any, err);
	/* What is said of one kind alone holds for the other, too. */
	if (r == 0 && (!any || extends(w->others)))
		r = apply_texts(w->others, w->kind, outer, &map, &any, err);
	if (r < 0)
		return r;
	if (!any && map.count == 0)
		r = idmap_add(&map, 0, 0, idmap_size(outer));
	if (r < 0)
		return err_sys(err, r, "cannot map ids");
	*out = idmap_print(&map);
	return 0;
}

static int check_together(const struct create_args *a, struct err *err)
{
	bool texts = a->uid_maps.count || a->gid_maps.count, names = a->subuid || a->subgid;

	if (texts && names)
		return err_set(err, -EINVAL,
			       "--subuidname and --subgidname cannot be given with "
			       "--uidmap and --gidmap");
	if (!str_empty(a->userns) && !str_eq(a->userns, "private"))
		return err_set(err, -EINVAL, "--userns %s cannot be given with maps of one's own",
			       a->userns);
	return 0;
}

int idmaps_plan(struct engine *engine, const struct create_args *a, struct container_config *config,
		struct err *err)
{
	if (!a->uid_maps.count && !a->gid_maps.count && !a->subuid && !a->subgid)
		return 0;
	const struct identity_plan *identity = engine_identity(engine, err);
	if (!identity)
		return -EIO;
	const struct wanted users = { &a->uid_maps, &a->gid_maps,  a->subuid,
				      a->subgid,    "/etc/subuid", 'u' };
	const struct wanted groups = { &a->gid_maps, &a->uid_maps,  a->subgid,
				       a->subuid,    "/etc/subgid", 'g' };
	/* Of a build's steps, which have other names for them, the options have been looked at. */
	int r = config->build ? 0 : check_together(a, err);
	if (r == 0)
		r = plan_kind(&users, &identity->uids, &config->uid_map, err);
	if (r == 0)
		r = plan_kind(&groups, &identity->gids, &config->gid_map, err);
	if (r == 0)
		str_set(&config->userns_mode, "private");
	return r;
}

/* ---- auto ------------------------------------------------------------------------------------- */

static bool is_auto(const struct container_config *config)
{
	const char *rest = config->userns_mode ? str_starts(config->userns_mode, "auto") : NULL;

	return rest && (!*rest || *rest == ':');
}

/* The highest id of passwd or group but nobody's; a damaged line counts as absent. */
static uint32_t highest_id(const char *text)
{
	AUTO(strv) struct strv lines = { 0 };
	uint32_t highest = 0;

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		AUTO(strv) struct strv fields = { 0 };
		uint64_t id;
		strv_split(&fields, lines.items[i], ':');
		if (fields.count > ID_FIELD &&
		    str_u64(fields.items[ID_FIELD], UINT32_MAX - 1, &id) == 0 && id != NOBODY)
			highest = max_of(highest, (uint32_t)id);
	}
	return highest;
}

/* The uppermost layer that has the file decides, as in the container. */
static uint32_t highest_in(struct engine *engine, const struct container_config *config,
			   const char *file)
{
	for (size_t i = config->layers.count; i > 0; i--) {
		AUTO(layer) struct layer *layer = NULL;
		AUTO(mem) char *text = NULL;
		if (layer_find(engine->store, config->layers.items[i - 1], NULL, &layer) < 0)
			continue;
		AUTO(fd) int root = open(layer->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		AUTO(fd)
		int fd = root < 0
				 ? root
				 : at_open_in_root(root, file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
		if (fd >= 0 && fd_read_all(fd, FILE_MAX, &text, NULL) == 0)
			return highest_id(text);
	}
	return 0;
}

static uint32_t enough_ids(struct engine *engine, const struct container_config *config)
{
	AUTO(mem) char *user = str_dup(str_or(config->user, ""));
	uint32_t size = max_of(highest_in(engine, config, "etc/passwd"),
			       highest_in(engine, config, "etc/group"));
	const char *group = str_cut(user, ':');
	uint64_t id;

	if (str_u64(user, UINT32_MAX - 2, &id) == 0)
		size = max_of(size, (uint32_t)id);
	if (group && str_u64(group, UINT32_MAX - 2, &id) == 0)
		size = max_of(size, (uint32_t)id);
	return max_of(size + 1, (uint32_t)AUTO_LEAST);
}

struct auto_mode {
	uint64_t size; /* 0: as many as the image needs */
	struct strv uids, gids;
};

static void auto_auto_mode(struct auto_mode *mode)
{
	strv_clear(&mode->uids);
	strv_clear(&mode->gids);
}

static int parse_auto(const char *text, struct auto_mode *out, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };
	const char *rest = str_starts(text, "auto");

	if (*rest)
		strv_split(&parts, rest + 1, ',');
	for (size_t i = 0; i < parts.count; i++) {
		const char *size = str_starts(parts.items[i], "size=");
		const char *uids = str_starts(parts.items[i], "uidmapping=");
		const char *gids = str_starts(parts.items[i], "gidmapping=");
		if (size && str_u64(size, UINT32_MAX / 2, &out->size) == 0 && out->size)
			continue;
		if (!uids && !gids)
			return err_set(err, -EINVAL,
				       "--userns auto: '%s' is not one of size=N, uidmapping=, "
				       "gidmapping=",
				       parts.items[i]);
		AUTO(mem) char *more = str_fmt("+%s", uids ? uids : gids);
		strv_add(uids ? &out->uids : &out->gids, more);
	}
	return 0;
}

struct taken {
	struct id_range *items;
	size_t count;
};

static void auto_taken(struct taken *taken)
{
	free(taken->items);
}

static int add_taken(const char *text, struct taken *out)
{
	AUTO(idmap) struct idmap map = { 0 };
	int r = text ? idmap_parse(text, &map) : 0;

	for (size_t i = 0; r == 0 && i < map.count; i++)
		*vec_push(out) = map.items[i];
	return r;
}

static int find_taken(struct engine *engine, struct taken *out, struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };
	int r = record_list(engine->store, &ids, err);

	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		AUTO(container_config) struct container_config *config = NULL;
		if (record_config_load(engine->store, ids.items[i], &config, NULL) < 0 ||
		    !is_auto(config))
			continue;
		/* A damaged one can never start: its ids are free. */
		(void)!add_taken(config->uid_map, out);
		(void)!add_taken(config->gid_map, out);
	}
	return r;
}

static int by_outside(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return x->outside < y->outside ? -1 : x->outside > y->outside;
}

/* The lowest gap; 0 is the user and stays out. */
static int find_gap(struct taken *taken, uint64_t size, uint64_t ids, uint32_t *out)
{
	uint64_t next = 1;

	if (taken->count)
		qsort(taken->items, taken->count, sizeof *taken->items, by_outside);
	for (size_t i = 0; i < taken->count; i++) {
		if (taken->items[i].outside >= next + size)
			break;
		next = max_of(next, (uint64_t)taken->items[i].outside + taken->items[i].count);
	}
	if (next + size > ids)
		return -ENOSPC;
	*out = (uint32_t)next;
	return 0;
}

static int print_auto(uint32_t start, uint32_t size, const struct strv *more, char kind,
		      const struct idmap *outer, char **out, struct err *err)
{
	AUTO(idmap) struct idmap map = { 0 };
	bool any = false;
	int r = idmap_add(&map, 0, start, size);

	if (r < 0)
		return err_sys(err, r, "cannot map ids");
	r = apply_texts(more, kind, outer, &map, &any, err);
	if (r == 0)
		*out = idmap_print(&map);
	return r;
}

static int too_few(uint64_t size, uint64_t ids, struct err *err)
{
	err_set(err, -ENOSPC, "--userns auto: no %llu ids in a row are free of %llu",
		(unsigned long long)size, (unsigned long long)ids);
	return err_hint(err, "ask for fewer with auto:size=N, remove containers, or have root "
			     "grant more sub-ids");
}

static int claim(struct engine *engine, struct container_config *config,
		 const struct identity_plan *identity, const struct auto_mode *mode,
		 struct err *err)
{
	AUTO(taken) struct taken taken = { 0 };
	uint64_t size = mode->size ? mode->size : enough_ids(engine, config);
	uint64_t ids = min_of(idmap_size(&identity->uids), idmap_size(&identity->gids));
	uint32_t start = 0;

	int r = find_taken(engine, &taken, err);
	if (r < 0)
		return r;
	if (find_gap(&taken, size, ids, &start) < 0)
		return too_few(size, ids, err);
	r = print_auto(start, (uint32_t)size, &mode->uids, 'u', &identity->uids, &config->uid_map,
		       err);
	if (r == 0)
		r = print_auto(start, (uint32_t)size, &mode->gids, 'g', &identity->gids,
			       &config->gid_map, err);
	return r;
}

int idmaps_auto(struct engine *engine, const char *mode, char **out_uids, char **out_gids,
		struct err *err)
{
	AUTO(auto_mode) struct auto_mode parsed = { 0 };
	AUTO(mem) char *uids = NULL;
	const struct identity_plan *identity = engine_identity(engine, err);

	int r = identity ? parse_auto(mode, &parsed, err) : -EIO;
	if (r < 0)
		return r;
	const uint64_t size = parsed.size ? parsed.size : AUTO_LEAST;
	const uint64_t ids = min_of(idmap_size(&identity->uids), idmap_size(&identity->gids));
	if (size >= ids)
		return too_few(size, ids, err);
	r = print_auto(1, (uint32_t)size, &parsed.uids, 'u', &identity->uids, &uids, err);
	if (r == 0)
		r = print_auto(1, (uint32_t)size, &parsed.gids, 'g', &identity->gids, out_gids,
			       err);
	if (r == 0)
		*out_uids = take_ptr(uids);
	return r;
}

int idmaps_claim(struct engine *engine, struct container_config *config, int *out_lock,
		 struct err *err)
{
	AUTO(auto_mode) struct auto_mode mode = { 0 };
	AUTO(fd) int lock = -1;

	if (!is_auto(config))
		return 0;
	const struct identity_plan *identity = engine_identity(engine, err);
	int r = identity ? parse_auto(config->userns_mode, &mode, err) : -EIO;
	if (r == 0)
		r = lock_take(engine->store, LOCK_IDS, "", LOCK_EXCLUSIVE, &lock, err);
	str_set(&config->uid_map, NULL); /* those of the one it is a copy of */
	str_set(&config->gid_map, NULL);
	if (r == 0)
		r = claim(engine, config, identity, &mode, err);
	if (r == 0)
		*out_lock = take_fd(lock);
	return r;
}

static bool is_identity(const char *text)
{
	AUTO(idmap) struct idmap map = { 0 };

	return text && idmap_parse(text, &map) == 0 && !idmap_shifts(&map);
}

bool idmaps_shifts(const struct container_config *config)
{
	if (str_empty(config->userns_mode) || str_eq(config->userns_mode, "host"))
		return false;
	return !is_identity(config->uid_map) || !is_identity(config->gid_map);
}
