/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copy - files into and out of containers: `cp`
 */
#include "engine/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"
#include "engine/place.h"
#include "engine/roots.h"
#include "kern/tree.h"
#include "layer/client.h"
#include "store/event.h"

/* One end, opened. */
struct side {
	const struct copy_end *end;
	struct root_hold *hold; /* of a container */
	struct root_view view;
	int root;
};

struct copy {
	struct engine *engine;
	const struct copy_options *options;
	struct side from, to;
	struct root_hold *holds[2]; /* owned; the second is NULL when both ends are one container */
};

static void auto_copy(struct copy *c)
{
	root_release(c->holds[0]);
	root_release(c->holds[1]);
}

static bool is_stream(const struct side *s)
{
	return !s->end->path;
}

static int failed(const struct side *s, const char *what, int code, struct err *err)
{
	if (!s->hold)
		return err_sys(err, code, "cannot %s '%s'", what, s->end->path);
	return err_sys(err, code, "cannot %s '%s' in container '%s'", what, s->end->path,
		       root_config(s->hold)->name);
}

/* ---- owners -------------------------------------------------------------------------------- */

/* Whether an id is one that a file may have here. */
static bool is_ours(const struct idmap *map, uint32_t id)
{
	uint32_t outside;

	return idmap_outside(map, id, &outside) == 0;
}

/* An id of a file at one end, as the other end knows it; false when it knows none. */
static bool translate(const struct copy *c, const struct runtime_maps *from,
		      const struct runtime_maps *to, const struct idmap *own, uint32_t *id)
{
	uint32_t n = *id;
	int r = 0;

	if (c->from.hold)
		r = root_inner_id(from, n, &n);
	else if (c->options->owners == COPY_OWNER_NUMBER)
		r = idmap_outside(own, n, &n);
	if (r == 0 && c->to.hold)
		r = root_outer_id(to, n, &n);
	if (r < 0 || !is_ours(own, n))
		return false;
	*id = n;
	return true;
}

static bool keep_owner(const struct copy *c, struct stat *st)
{
	const struct identity_plan *own = &c->engine->identity;
	uint32_t uid = st->st_uid, gid = st->st_gid;

	if (!translate(c, &c->from.view.uids, &c->to.view.uids, &own->uids, &uid) ||
	    !translate(c, &c->from.view.gids, &c->to.view.gids, &own->gids, &gid))
		return false;
	st->st_uid = uid;
	st->st_gid = gid;
	return true;
}

/* Whose everything becomes; false where there is no such id. */
static bool one_owner(const struct copy *c, uint32_t *uid, uint32_t *gid)
{
	const struct identity_plan *own = &c->engine->identity;
	const struct root_view *view = &c->to.view;
	bool user = c->options->owners == COPY_OWNER_USER;

	*uid = *gid = 0;
	if (!c->to.hold)
		return true;
	return root_outer_id(&view->uids, user ? view->uid : 0, uid) == 0 &&
	       root_outer_id(&view->gids, user ? view->gid : 0, gid) == 0 &&
	       is_ours(&own->uids, *uid) && is_ours(&own->gids, *gid);
}

static bool keeps(const struct copy *c)
{
	return c->options->owners == COPY_OWNER_SAME || c->options->owners == COPY_OWNER_NUMBER;
}

/* Return: whether an owner is to be set. */
static bool owner_of(const void *data, struct stat *st)
{
	const struct copy *c = data;
	uint32_t uid, gid;

	if (keeps(c))
		return keep_owner(c, st);
	if (!one_owner(c, &uid, &gid))
		return false;
	st->st_uid = uid;
	st->st_gid = gid;
	return true;
}

/* ---- from place to place ------------------------------------------------------------------- */

/* A folder must not be copied into itself. */
static int check_inside(const struct place *from, int to)
{
	AUTO(fd) int at = fd_dup(to);
	dev_t dev = 0;
	ino_t ino = 0;
	struct stat st;

	while (at >= 0 && fstat(at, &st) == 0 && (st.st_dev != dev || st.st_ino != ino)) {
		if (st.st_dev == from->st.st_dev && st.st_ino == from->st.st_ino)
			return -EINVAL;
		dev = st.st_dev;
		ino = st.st_ino;
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		fd_close(at);
		at = up;
	}
	return 0;
}

static int copy_contents(const struct place *from, const struct place *to, struct tree_order *order)
{
	AUTO(fd) int in = place_open(from);
	AUTO(fd) int out = in < 0 ? in : place_open(to);

	return out < 0 ? out : tree_copy_below(in, out, order);
}

static int copy_into(const struct place *from, const struct place *to, struct tree_order *order)
{
	AUTO(fd) int out = place_open(to);

	return out < 0 ? out : tree_copy_entry(from->dir, from->name, out, from->as, order);
}

static int refuse_kinds(const struct copy *c, const struct place *from, const struct place *to,
			struct err *err)
{
	bool folder = from->kind == PLACE_FOLDER;

	if (to->kind == PLACE_MISSING && to->slash && !folder)
		return err_set(err, -ENOENT, "the folder '%s' does not exist", c->to.end->path);
	if (to->kind == PLACE_FILE && folder && !c->options->replace)
		return err_set(err, -ENOTDIR, "cannot copy a folder over '%s', which is none",
			       c->to.end->path);
	return 0;
}

static int put(const struct place *from, const struct place *to, struct tree_order *order)
{
	bool folder = from->kind == PLACE_FOLDER;
	int r = 0;

	if (folder) {
		AUTO(fd) int into = to->kind == PLACE_FOLDER ? place_open(to) : fd_dup(to->dir);
		r = into < 0 ? into : check_inside(from, into);
	}
	if (r < 0)
		return r;
	if (to->kind != PLACE_FOLDER)
		return tree_copy_entry(from->dir, from->name, to->dir, to->name, order);
	if (folder && from->contents)
		return copy_contents(from, to, order);
	return copy_into(from, to, order);
}

static int told(const struct copy *c, const struct tree_order *order, int code, struct err *err)
{
	const char *where = str_or(order->where, c->to.end->path);

	if (code == -EINVAL)
		return err_set(err, code, "cannot copy '%s' into itself", c->from.end->path);
	if (code == -ELOOP && !order->where)
		return err_set(err, code, "cannot copy '%s': it became a link meanwhile",
			       c->from.end->path);
	if (code != -EISDIR && code != -ENOTDIR)
		return err_sys(err, code, "cannot copy '%s'", where);
	(void)err_set(err, code,
		      code == -EISDIR ? "cannot replace the folder '%s' by something else"
				      : "cannot replace '%s' by a folder",
		      where);
	return err_hint(err, "--overwrite replaces it");
}

static int copy_files(const struct copy *c, struct err *err)
{
	struct tree_order order = {
		.flags = TREE_MOUNTS | (c->options->replace ? TREE_REPLACE : TREE_STRICT),
		.owner = owner_of,
		.owner_data = c,
	};
	AUTO(place) struct place from = { .dir = -1 };
	AUTO(place) struct place to = { .dir = -1 };

	/* A link that the container puts in its place since would be one of the host's. */
	if (c->options->follow)
		order.flags |= TREE_NO_LINK;
	int r = place_source(c->from.root, c->from.end->path, c->options->follow, &from);
	if (r < 0)
		return failed(&c->from, "copy", r, err);
	r = place_target(c->to.root, c->to.end->path, &to);
	if (r < 0)
		return failed(&c->to, "copy to", r, err);
	r = refuse_kinds(c, &from, &to, err);
	if (r < 0)
		return r;
	r = put(&from, &to, &order);
	if (r < 0)
		r = told(c, &order, r, err);
	free(order.where);
	return r;
}

/* ---- archives ------------------------------------------------------------------------------ */

static int open_helper(const struct copy *c, struct layer_helper **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(c->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	return layer_helper_open(&host, out, err);
}

static int pack(const struct copy *c, struct err *err)
{
	AUTO(mem) char *uids = root_maps_text(&c->from.view.uids);
	AUTO(mem) char *gids = root_maps_text(&c->from.view.gids);
	const struct layer_owners owners = { .uids = uids, .gids = gids };
	AUTO(place) struct place from = { .dir = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };

	int r = place_source(c->from.root, c->from.end->path, c->options->follow, &from);
	if (r < 0)
		return failed(&c->from, "copy", r, err);
	const struct layer_pack req = {
		.dir = from.dir,
		.out = STDOUT_FILENO,
		.kind = LAYER_PACK_FILES,
		.name = from.name,
		.as = from.contents ? "" : from.as,
		.owners = &owners,
	};
	r = open_helper(c, &helper, err);
	return r < 0 ? r : layer_pack(helper, &req, &digest, err);
}

/* Where a folder is in the root, links resolved: the archive's names are put below it. */
static int path_of(int root, const struct place *place, char **out)
{
	AUTO(fd) int fd = openat(place->dir, place->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(mem) char *top_link = str_fmt("/proc/self/fd/%d", root);
	AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", fd);
	char top[PATH_MAX], path[PATH_MAX];

	ssize_t n = fd < 0 ? -1 : readlink(link, path, sizeof path - 1);
	ssize_t m = n < 0 ? -1 : readlink(top_link, top, sizeof top - 1);
	if (m < 0)
		return -errno;
	path[n] = top[m] = 0;
	const char *below = str_eq(top, "/") ? path : str_starts(path, top);
	*out = str_dup(below ? below + strspn(below, "/") : "");
	return 0;
}

static int unpack_to(const struct copy *c, const char *below, struct err *err)
{
	bool one_id = c->engine->identity.kind == IDENTITY_ONE_ID;
	bool own = c->options->owners == COPY_OWNER_USER;
	AUTO(mem) char *uids = root_maps_text(&c->to.view.uids);
	AUTO(mem) char *gids = root_maps_text(&c->to.view.gids);
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	uint32_t uid = 0, gid = 0;

	(void)one_owner(c, &uid, &gid); /* else it stays the caller's */
	const struct layer_owners owners = { .uid = uid, .gid = gid, .uids = uids, .gids = gids };
	const struct layer_apply req = {
		.blob = STDIN_FILENO,
		.more = -1,
		.diff = c->to.root,
		.journal = -1,
		.flags = LAYER_PLAIN | (one_id ? LAYER_ONE_ID : 0) | (own ? LAYER_OWNER : 0) |
			 (c->options->replace ? LAYER_REPLACE : 0),
		.below = below,
		.owners = &owners,
	};
	int r = open_helper(c, &helper, err);
	if (r == 0)
		r = layer_apply_start(helper, &req, err);
	return r < 0 ? r : layer_apply_finish(helper, &applied, err);
}

static int unpack(const struct copy *c, struct err *err)
{
	AUTO(place) struct place to = { .dir = -1 };
	AUTO(mem) char *below = NULL;

	int r = place_target(c->to.root, c->to.end->path, &to);
	if (r == 0 && to.kind == PLACE_MISSING)
		r = -ENOENT;
	if (r == 0 && to.kind == PLACE_FILE)
		r = -ENOTDIR;
	if (r == 0)
		r = path_of(c->to.root, &to, &below);
	if (r < 0)
		return failed(&c->to, "copy to", r, err);
	return unpack_to(c, below, err);
}

/* ---- both ends ----------------------------------------------------------------------------- */

static int open_side(struct side *s, struct err *err)
{
	if (is_stream(s))
		return 0;
	if (!s->hold) {
		s->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return s->root < 0 ? err_sys(err, -errno, "cannot open '/'") : 0;
	}
	int r = root_open(s->hold, ROOT_MOUNTS, &s->view, err);
	s->root = s->view.fd;
	return r;
}

static int copy_child(void *data, struct err *err)
{
	struct copy *c = data;
	int r = open_side(&c->from, err);

	if (r == 0 && c->to.hold && c->to.hold == c->from.hold) {
		c->to.view = c->from.view;
		c->to.root = c->from.root;
	} else if (r == 0) {
		r = open_side(&c->to, err);
	}
	if (r < 0)
		return r;
	if (is_stream(&c->to))
		return pack(c, err);
	return is_stream(&c->from) ? unpack(c, err) : copy_files(c, err);
}

static int hold_sides(struct copy *c, struct err *err)
{
	struct side *sides[2] = { &c->from, &c->to };

	/* Locks of two containers are waited for in the order of their names. */
	if (c->from.end->container && c->to.end->container &&
	    strcmp(c->from.end->container, c->to.end->container) > 0) {
		sides[0] = &c->to;
		sides[1] = &c->from;
	}
	for (int i = 0; i < 2; i++) {
		const char *id = sides[i]->end->container;
		if (!id)
			continue;
		if (i == 1 && str_eq(id, sides[0]->end->container)) {
			sides[1]->hold = sides[0]->hold;
			continue;
		}
		int r = root_hold(c->engine, id, &c->holds[i], err);
		if (r < 0)
			return r;
		sides[i]->hold = c->holds[i];
	}
	return 0;
}

static void tell(struct engine *engine, const struct root_hold *hold, enum event_action action)
{
	if (!hold)
		return;
	const struct event_about about = event_of_config(root_config(hold));
	event_write(engine->store, EVENT_CONTAINER, action, &about, NULL);
}

int container_copy(struct engine *engine, const struct copy_end *from, const struct copy_end *to,
		   const struct copy_options *options, struct err *err)
{
	AUTO(copy)
	struct copy c = {
		.engine = engine,
		.options = options,
		.from = { .end = from, .root = -1 },
		.to = { .end = to, .root = -1 },
	};

	if (!engine_identity(engine, err)) /* the child shall find it chosen */
		return err ? err->code : -EIO;
	int r = hold_sides(&c, err);
	if (r == 0)
		r = outer_run(engine, ROOT_NAMESPACES, copy_child, &c, err);
	if (r == 0) {
		tell(engine, c.from.hold, EVENT_ARCHIVE_PATH);
		tell(engine, c.to.hold, EVENT_EXTRACT_TO_DIR);
	}
	return r;
}
