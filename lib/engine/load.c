/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load - images from files: docker's archives, OCI layouts in a folder or a tar, skopeo's "dir:"
 *
 * What docker 25 and later write is both, archive and layout: the OCI side is then taken, because it has the
 * manifests as they were, unless the user says "docker-archive:".
 */
#include "engine/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "engine/durable.h"
#include "engine/fetch.h"
#include "engine/load_archive.h"
#include "engine/newimage.h"
#include "engine/single.h"
#include "engine/trust.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

static void auto_load_archive(struct load_archive *a)
{
	load_members_free(a);
	platform_clear(&a->platform);
	trust_clear(&a->trust);
	layer_helper_close(a->helper);
	if (a->temp)
		unpacker_discard(a->unpacker, a->temp);
	temp_free(a->temp);
	unpacker_free(a->unpacker);
	fd_close(a->dir);
}

/* --- one image ----------------------------------------------------------------------- */

struct taking {
	struct load_archive *archive;
	const struct load_image *image;
	struct unpack *unpack;
	struct fetched single; /* instead of .unpack */
	int *locks;	       /* LOCK_BLOB, one for each layer, or -1 */
};

static void auto_taking(struct taking *t)
{
	for (size_t i = 0; t->locks && i < t->image->manifest->layers.count; i++)
		fd_close(t->locks[i]);
	free(t->locks);
	unpack_free(t->unpack);
	fetched_clear(&t->single);
}

static const struct strv *keys_of(const struct taking *t)
{
	return t->unpack ? unpack_keys(t->unpack) : &t->single.keys;
}

/* An image before this one may have made the file a blob already. */
static int open_layer(void *data, size_t at, struct err *err)
{
	const struct taking *t = data;
	const struct layer_member *member = t->image->layers[at];
	const struct store *store = t->archive->engine->store;

	if (blob_state(store, member->digest, NULL) == BLOB_DURABLE)
		return blob_open(store, member->digest, err);
	return load_open(t->archive, member, err);
}

static int keep_blob(const struct taking *t, size_t at, struct err *err)
{
	const struct store *store = t->archive->engine->store;
	const struct layer_member *member = t->image->layers[at];
	struct blob_tmp tmp = { .fd = -1, .lock = -1 };

	if (blob_state(store, member->digest, NULL) == BLOB_DURABLE)
		return 0;
	AUTO(fd) int fd = load_open(t->archive, member, err);
	if (fd < 0)
		return fd;
	tmp.fd = fd;
	tmp.rel = str_fmt("%s/%s", t->archive->temp->rel, member->file);
	int r = blob_tmp_commit(store, &tmp, member->digest, true, err);
	free(tmp.rel);
	return r;
}

static int compare_digests(const void *a, const void *b)
{
	return strcmp((*(const struct layer_member *const *)a)->digest,
		      (*(const struct layer_member *const *)b)->digest);
}

/* The locks keep the blobs until the index refers to them. */
static int keep_blobs(struct taking *t, struct err *err)
{
	size_t count = t->image->manifest->layers.count;
	AUTO(mem) const struct layer_member **sorted = mem_alloc(count + 1, sizeof *sorted);
	int r = 0;

	t->locks = mem_alloc(count + 1, sizeof *t->locks);
	for (size_t i = 0; i < count; i++) {
		t->locks[i] = -1;
		sorted[i] = t->image->layers[i];
	}
	qsort(sorted, count, sizeof *sorted, compare_digests);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (i == 0 || !str_eq(sorted[i]->digest, sorted[i - 1]->digest))
			r = lock_take(t->archive->engine->store, LOCK_BLOB, sorted[i]->digest,
				      LOCK_EXCLUSIVE, &t->locks[i], err);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = keep_blob(t, i, err);
	return r;
}

/* A manifest is stored as it came, or made when docker's archive has none. */
static int keep_manifest(const struct taking *t, struct layer_digest *out, const char **out_type,
			 struct err *err)
{
	struct engine *engine = t->archive->engine;
	const struct load_image *image = t->image;

	*out_type = image->manifest->media_type;
	if (!image->manifest_text) {
		const struct layer_digest config = { .digest = image->config->digest,
						     .size = image->config->size };
		*out_type = MEDIA_OCI_MANIFEST;
		return newimage_manifest(engine, t->archive->helper, &config,
					 &image->manifest->layers, out, err);
	}
	int r = blob_put(engine->store, image->manifest_digest, image->manifest_text,
			 image->manifest_size, true, err);
	if (r < 0)
		return r;
	out->digest = str_dup(image->manifest_digest);
	out->size = (int64_t)image->manifest_size;
	return 0;
}

static int enter(const struct taking *t, struct err *err)
{
	const struct load_image *image = t->image;
	const struct store *store = t->archive->engine->store;
	AUTO(layer_digest) struct layer_digest manifest = { 0 };
	const char *type;

	int r = blob_put(store, image->config->digest, image->config_text, image->config_size, true,
			 err);
	if (r == 0)
		r = keep_manifest(t, &manifest, &type, err);
	if (r < 0)
		return r;
	struct image entry = {
		.digest = manifest.digest,
		.media_type = (char *)type,
		.manifest_size = manifest.size,
		.layers = *keys_of(t),
	};
	if (image->repo_digests)
		entry.repo_digests = *image->repo_digests;
	if (!image->names->count)
		r = image_add(store, &entry, true, err);
	for (size_t i = 0; r == 0 && i < image->names->count; i++) {
		entry.name = image->names->items[i];
		r = image_add(store, &entry, true, err);
	}
	if (r < 0)
		return r;
	strv_add(&t->archive->out->digests, manifest.digest);
	if (image->names->count)
		strv_extend(&t->archive->out->names, image->names);
	else
		strv_add(&t->archive->out->names, image->config->digest);
	event_named(store, EVENT_IMAGE, EVENT_LOAD, digest_hex(image->config->digest),
		    image->names->count ? image->names->items[0] : NULL);
	return 0;
}

static int check_platform(const struct load_archive *archive, const struct image_config *config,
			  struct err *err)
{
	if (!archive->request->platform || platform_rank(&config->platform, &archive->platform))
		return 0;
	AUTO(mem) char *have = platform_print(&config->platform);
	AUTO(mem) char *want = platform_print(&archive->platform);
	return err_set(err, -ENOENT, "the image is for %s, not for %s", have, want);
}

static int take_layers(struct taking *t, const struct image_config *config, struct err *err)
{
	int r = unpack_begin(t->archive->unpacker, t->image->manifest, config, &t->unpack, err);

	if (r == 0)
		r = unpack_missing_layers(t->unpack, open_layer, t, err);
	/* The blobs are what must not be lost: of them the layers can be unpacked again. */
	if (r == 0)
		r = unpack_commit(t->unpack, false, err);
	return r < 0 ? r : keep_blobs(t, err);
}

/* Made of the blobs, which are kept first; what says that it is on disk comes last. */
static int take_single(struct taking *t, const struct image_config *config, struct err *err)
{
	struct engine *engine = t->archive->engine;
	const struct load_image *image = t->image;
	const struct fetch_request request = { .manifest = image->manifest, .config = config };
	const struct single_source source = {
		.config = image->config->digest,
		.name = image->names->count ? image->names->items[0] : NULL,
		.digest = image->manifest_text ? image->manifest_digest : NULL,
	};

	int r = keep_blobs(t, err);
	if (r == 0)
		r = blob_put(engine->store, image->config->digest, image->config_text,
			     image->config_size, true, err);
	if (r == 0)
		r = single_fetch(engine, &request, &source, &t->single, err);
	if (r == 0 && syncfs(engine->store->dir) < 0)
		r = err_sys(err, -errno, "cannot write the image to disk");
	return r < 0 ? r : layer_mark_durable(engine->store, t->single.keys.items[0], err);
}

int load_take(struct load_archive *archive, const struct load_image *image, struct err *err)
{
	AUTO(taking) struct taking t = { .archive = archive, .image = image };
	AUTO(image_config) struct image_config *config = NULL;

	int r = image_config_parse(image->config_text, image->config_size, &config, err);
	if (r == 0)
		r = image_config_check(config, image->manifest, err);
	if (r == 0)
		r = check_platform(archive, config, err);
	if (r == 0)
		r = archive->request->single_file ? take_single(&t, config, err)
						  : take_layers(&t, config, err);
	if (r == 0)
		r = enter(&t, err);
	if (r == 0 && t.unpack)
		durable_later(archive->engine, &(const struct strv){ 0 }, unpack_keys(t.unpack));
	return r;
}

/* --- the archive ------------------------------------------------------------------------ */

static int open_place(struct load_archive *a, struct err *err)
{
	int r = store_check_writable(a->engine->store, err);

	if (r == 0)
		r = unpacker_new(a->engine, &a->unpacker, err);
	if (r == 0)
		r = unpacker_helper(a->unpacker, &a->helper, err);
	if (r == 0)
		r = temp_dir(a->engine->store, 0700, &a->temp, err);
	if (r < 0)
		return r;
	a->dir = open(a->temp->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return a->dir < 0 ? err_sys(err, -errno, "cannot open '%s'", a->temp->path) : 0;
}

static int open_members(struct load_archive *a, struct err *err)
{
	const struct transport *only = a->request->only;
	struct stat st;

	if (fstat(a->request->from, &st) < 0)
		return err_sys(err, -errno, "cannot look at the archive");
	bool folder = S_ISDIR(st.st_mode);
	if (only && folder != (only->kind == TRANSPORT_OCI || only->kind == TRANSPORT_DIR)) {
		err_set(err, folder ? -EISDIR : -ENOTDIR, "'%s' is %s folder", only->path,
			folder ? "a" : "no");
		return err_hint(err,
				folder ? "a layout in a folder is oci:%s"
				       : "a layout in a tar is oci-archive:%s",
				only->path);
	}
	if (!folder)
		return layer_unarchive(a->helper, a->request->from, a->dir, &a->members, err);
	a->folder = a->request->from;
	return 0;
}

static int choose_platform(struct load_archive *a, struct err *err)
{
	AUTO(platform) struct platform host = { 0 };

	platform_host(a->engine->host->machine, &host);
	if (a->request->platform)
		return platform_parse(a->request->platform, &host, &a->platform, err);
	platform_copy(&a->platform, &host);
	return 0;
}

static int refuse_other(const struct load_archive *a, struct err *err)
{
	if (load_has(a, "repositories"))
		return err_set(err, -EBADMSG,
			       "the archive was made by a docker older than 1.10, whose "
			       "images have no configuration");
	return err_set(err, -EBADMSG,
		       "%s holds no images: it has neither manifest.json nor "
		       "index.json",
		       a->folder >= 0 ? "the folder" : "the archive");
}

/* docker's manifest.json is a list, that of "dir:" a manifest. */
static bool is_list(struct load_archive *a)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	return load_read(a, "manifest.json", NULL, &text, &size, NULL) == 0 &&
	       *str_trim(text) == '[';
}

/* What policy.json says of such a file. */
static int ask_policy(struct load_archive *a, enum transport_kind kind, struct err *err)
{
	const struct load_request *request = a->request;
	AUTO(mem) char *opened = str_fmt("/proc/self/fd/%d", request->from);
	const struct transport found = { .kind = kind, .path = opened };

	int r = trust_load(a->engine->host, request->policy, &a->trust, err);
	if (r == 0)
		r = trust_file(&a->trust, request->only ? request->only : &found, &a->scope, err);
	return min_of(r, 0);
}

static int take_docker(struct load_archive *a, bool list, struct err *err)
{
	int r = ask_policy(a, list ? TRANSPORT_DOCKER_ARCHIVE : TRANSPORT_DIR, err);

	if (r < 0)
		return r;
	return list ? load_docker(a, err) : load_dir(a, err);
}

static int take_oci(struct load_archive *a, struct err *err)
{
	int r = ask_policy(a, a->folder >= 0 ? TRANSPORT_OCI : TRANSPORT_OCI_ARCHIVE, err);

	return r < 0 ? r : load_oci(a, err);
}

static int take_all(struct load_archive *a, struct err *err)
{
	const struct transport *only = a->request->only;
	enum transport_kind kind = only ? only->kind : TRANSPORT_NONE;
	bool docker = kind == TRANSPORT_DOCKER_ARCHIVE || kind == TRANSPORT_DIR;

	if (!docker && load_has(a, "oci-layout") && load_has(a, "index.json"))
		return take_oci(a, err);
	if (kind == TRANSPORT_OCI || kind == TRANSPORT_OCI_ARCHIVE)
		return err_set(err, -EBADMSG, "'%s' is no OCI layout: it has no index.json",
			       only->path);
	if (!load_has(a, "manifest.json"))
		return refuse_other(a, err);
	return take_docker(a, is_list(a) && kind != TRANSPORT_DIR, err);
}

int images_load_from(struct engine *engine, const struct load_request *request, struct loaded *out,
		     struct err *err)
{
	AUTO(load_archive)
	struct load_archive a = {
		.engine = engine, .request = request, .dir = -1, .folder = -1, .out = out
	};

	int r = choose_platform(&a, err);
	if (r == 0)
		r = open_place(&a, err);
	if (r == 0)
		r = open_members(&a, err);
	return r < 0 ? r : take_all(&a, err);
}

int images_load_file(struct engine *engine, const struct transport *from,
		     const struct load_request *how, struct loaded *out, struct err *err)
{
	struct load_request request = *how;
	AUTO(fd) int fd = open(from->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, -errno, "cannot open '%s'", from->path);
	request.from = fd;
	request.only = from;
	return images_load_from(engine, &request, out, err);
}

void loaded_clear(struct loaded *loaded)
{
	strv_clear(&loaded->names);
	strv_clear(&loaded->digests);
}
