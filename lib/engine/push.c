/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push - from an image in the store to a name in a registry
 */
#include "engine/push.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/push_plan.h"
#include "engine/push_send.h"
#include "engine/restore.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "oci/transport.h"
#include "remote/client.h"
#include "remote/protocol.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/sent.h"

struct push {
	struct engine *engine;
	const struct push_options *options;
	struct reference to;
	char *repository; /* registry/path */
	struct loop *loop;
	struct remote *remote;
	struct sent known; /* when it began */
	struct sent news;

	/* the manifest on its way */
	struct push_plan *plan;

	/* the job being waited for */
	char **answer;
	struct err *err;
};

/* ---- asking the registry ---------------------------------------------------------------------- */

static void on_answer(void *data, const struct remote_answer *answer, struct err *err)
{
	struct push *p = data;
	int r = answer ? 0 : err_move(p->err, err);

	if (answer)
		str_set(p->answer, answer->digest);
	loop_stop(p->loop, r);
}

static int wait_answer(struct push *p, int r, char **out, struct err *err)
{
	if (r < 0)
		return r;
	p->answer = out;
	p->err = err;
	return loop_run(p->loop);
}

static struct remote_target target(const struct push *p)
{
	return (struct remote_target){ .domain = p->to.domain, .path = p->to.path };
}

/* What the name leads to now; NULL when nothing does. Also finds out how the registry is reached. */
static int look(struct push *p, char **out, struct err *err)
{
	const struct remote_target to = target(p);
	const char *tag = str_or(p->to.tag, "latest");

	int r = remote_look(p->remote, &to, tag, on_answer, p, err);
	r = wait_answer(p, r, out, err);
	if (r != -ENOENT)
		return r;
	err_clear(err);
	return 0;
}

static int put(struct push *p, const char *name, const char *text, size_t size,
	       const char *media_type, char **out_digest, struct err *err)
{
	const struct remote_target to = target(p);
	AUTO(fd) int file = fd_memory("manifest", text, size);

	if (file < 0)
		return err_sys(err, file, "cannot fill a memory file");
	int r = remote_put(p->remote, &to, name, media_type, file, on_answer, p, err);
	return wait_answer(p, r, out_digest, err);
}

/* ---- where blobs may be mounted from ---------------------------------------------------------- */

/* A repository of our registry, but not the one that is pushed to. */
static const char *path_there(const struct push *p, const char *repository)
{
	const char *path = str_starts(repository, p->to.domain);

	if (!path || *path != '/' || str_eq(path + 1, p->to.path))
		return NULL;
	return path + 1;
}

static void mount_from(const struct push *p, struct push_blob *blob)
{
	const struct strv *known = blob->digest ? sent_repositories(&p->known, blob->digest) : NULL;

	for (size_t i = known ? known->count : 0; i > 0 && !blob->mount; i--)
		blob->mount = str_dup(path_there(p, known->items[i - 1]));
	if (blob->absent && !blob->source && known && known->count)
		blob->source = str_dup(known->items[known->count - 1]);
}

/* The repositories of our registry that an image was pulled from, or pushed to. */
static char *repository_of(const struct push *p, const struct image *image)
{
	for (size_t i = 0; i < image->repo_digests.count; i++) {
		AUTO(mem) char *name = str_dup(image->repo_digests.items[i]);
		char *at = strrchr(name, '@');
		if (at)
			*at = 0;
		const char *path = path_there(p, name);
		if (path)
			return str_dup(path);
	}
	return NULL;
}

/* Any repository that an image was pulled from, or pushed to: "registry/path". */
static char *source_of(const struct image *image)
{
	char *name = str_dup(image->repo_digests.items[0]);
	char *at = strrchr(name, '@');

	if (at)
		*at = 0;
	return name;
}

static void mount_from_image(const struct push *p, const struct image *image)
{
	AUTO(mem) char *path = repository_of(p, image);
	AUTO(manifest) struct manifest *manifest = NULL;

	if (!image->repo_digests.count ||
	    image_manifest(p->engine->store, image, &manifest, NULL) < 0)
		return;
	for (size_t i = 0; i < p->plan->blobs.count; i++) {
		struct push_blob *blob = &p->plan->blobs.items[i];
		bool has = str_eq(blob->from, manifest->config.digest);
		for (size_t j = 0; j < manifest->layers.count && !has; j++)
			has = str_eq(blob->from, manifest->layers.items[j].digest);
		if (has && !blob->pack && !blob->mount)
			blob->mount = str_dup(path);
		if (has && blob->absent && !blob->source)
			blob->source = source_of(image);
	}
}

/* A layer's blob that is not here: is there another one with the same layer? */
static void find_stand_in(const struct push *p, struct push_blob *blob)
{
	AUTO(layer) struct layer *layer = NULL;
	const struct store *store = p->engine->store;

	blob->absent = blob_state(store, blob->from, NULL) == BLOB_NONE;
	if (!blob->absent || !blob->plain ||
	    layer_find(store, digest_hex(blob->plain), NULL, &layer) < 0)
		return;
	if (digest_valid(layer->blob) && blob_state(store, layer->blob, NULL) != BLOB_NONE)
		blob->stand_in = str_dup(layer->blob);
	/* It is compressed anew anyway. */
	if (blob->pack && blob->stand_in) {
		blob->from = blob->stand_in;
		blob->absent = false;
	}
}

static void find_ways(void *data)
{
	struct push *p = data;
	AUTO(images) struct images images = { 0 };

	for (size_t i = 0; i < p->plan->blobs.count; i++) {
		struct push_blob *blob = &p->plan->blobs.items[i];
		if (blob->how)
			continue;
		find_stand_in(p, blob);
		mount_from(p, blob);
	}
	/* Without the list they are sent. */
	if (images_load(p->engine->store, &images, NULL) < 0)
		return;
	for (size_t i = 0; i < images.count; i++)
		mount_from_image(p, &images.items[i]);
}

/* ---- a manifest ------------------------------------------------------------------------------- */

static int send_blobs(struct push *p, struct push_plan *plan, struct err *err)
{
	const struct push_send request = { .remote = p->remote,
					   .loop = p->loop,
					   .domain = p->to.domain,
					   .path = p->to.path,
					   .blobs = &plan->blobs,
					   .watch = p->options->watch,
					   .missing = find_ways,
					   .data = p };

	p->plan = plan;
	int r = push_send(p->engine, &request, err);
	p->plan = NULL;
	return r;
}

static void note_news(struct push *p, const struct push_plan *plan)
{
	for (size_t i = 0; i < plan->blobs.count; i++) {
		const struct push_blob *b = &plan->blobs.items[i];
		const struct strv *known = sent_repositories(&p->known, b->digest);
		if (!known || strv_find(known, p->repository) < 0)
			sent_note_place(&p->news, b->digest, p->repository);
		const struct sent_packed packed = { .plain = (char *)b->plain,
						    .packing = (char *)plan->packing,
						    .level = b->level,
						    .digest = b->digest,
						    .size = b->size,
						    .notes = b->notes };
		if (b->pack)
			sent_note_packed(&p->news, &packed);
	}
}

static bool all_there(const struct push_plan *plan)
{
	for (size_t i = 0; i < plan->blobs.count; i++)
		if (plan->blobs.items[i].how != REMOTE_HOW_THERE)
			return false;
	return true;
}

static int read_image(struct push *p, const struct descriptor *d, char **out_text, size_t *out_size,
		      struct manifest **out_manifest, struct image_config **out_config,
		      struct err *err)
{
	const struct store *store = p->engine->store;
	AUTO(mem) char *config = NULL;
	size_t size;

	int r = blob_read(store, d->digest, out_text, out_size, err);
	if (r == 0)
		r = manifest_parse(*out_text, *out_size, d->media_type, out_manifest, err);
	if (r < 0 || manifest_check_image(*out_manifest, NULL) < 0)
		return r; /* no image: it goes as it is */
	r = blob_read(store, (*out_manifest)->config.digest, &config, &size, err);
	return r < 0 ? r : image_config_parse(config, size, out_config, err);
}

static int put_manifest(struct push *p, const struct push_plan *plan, const char *text, size_t size,
			const struct descriptor *is, const char *name, struct descriptor *out,
			struct err *err)
{
	AUTO(mem) char *changed = NULL;
	AUTO(mem) char *digest = NULL;
	const char *type = is->media_type;

	if (plan->changed) {
		int r = push_plan_print(plan, text, size, &changed, err);
		if (r < 0)
			return r;
		type = plan->docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST;
		text = changed;
		size = strlen(changed);
	}
	int r = put(p, name, text, size, type, &digest, err);
	if (r < 0)
		return r;
	*out = (struct descriptor){ .media_type = str_dup(type),
				    .digest = take_ptr(digest),
				    .size = (int64_t)size };
	return 0;
}

int push_manifest(struct push *push, const struct push_options *options,
		  const struct descriptor *manifest, bool by_name, struct descriptor *out,
		  struct err *err)
{
	AUTO(push_plan) struct push_plan plan = { 0 };
	AUTO(manifest) struct manifest *parsed = NULL;
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *there = NULL;
	size_t size = 0;

	int r = read_image(push, manifest, &text, &size, &parsed, &config, err);
	if (r == 0)
		r = push_plan_make(options ? options : push->options, parsed, config, &push->known,
				   &plan, err);
	if (r == 0)
		r = look(push, &there, err);
	if (r == 0)
		r = send_blobs(push, &plan, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.blobs.count; i++)
		plan.changed = plan.changed || plan.blobs.items[i].pack;
	note_news(push, &plan);
	if (by_name && !plan.changed && str_eq(there, manifest->digest) && all_there(&plan)) {
		descriptor_copy(out, manifest);
		return 0;
	}
	return put_manifest(push, &plan, text, size, manifest,
			    by_name ? str_or(push->to.tag, push->to.digest) : NULL, out, err);
}

int push_document(struct push *push, const char *text, size_t size, const char *media_type,
		  char **out_digest, struct err *err)
{
	return put(push, str_or(push->to.tag, push->to.digest), text, size, media_type, out_digest,
		   err);
}

/* ---- the whole -------------------------------------------------------------------------------- */

int push_open(struct engine *engine, const char *destination, const struct push_options *options,
	      struct push **out, struct err *err)
{
	AUTO(push) struct push *p = mem_new(struct push);
	AUTO(remote_settings) struct remote_settings settings = { 0 };

	p->engine = engine;
	p->options = options;
	if (transport_given(destination))
		return err_set(err, -EINVAL, "'%s' is no name in a registry", destination);
	int r = reference_parse(transport_registry(destination), &p->to, err);
	if (r < 0)
		return r;
	p->repository = reference_name(&p->to);
	sent_load(engine->store, &p->known);
	r = registry_settings(engine->host, engine->docker, &options->registry, &settings, err);
	if (r < 0)
		return r;
	/* Layers that are not here may come from other registries. */
	str_set(&settings.credentials_for, p->to.domain);
	r = loop_new(&p->loop);
	if (r < 0)
		return err_sys(err, r, "cannot wait for the registry");
	r = remote_open(engine->host, &settings, p->loop, &p->remote, err);
	if (r < 0)
		return r;
	*out = take_ptr(p);
	return 0;
}

char *push_name(const struct push *push)
{
	return reference_print(&push->to);
}

void push_close(struct push *push)
{
	if (!push)
		return;
	if (push->news.packed.count || push->news.places.count)
		sent_add(push->engine->store, &push->news);
	remote_close(push->remote);
	loop_free(push->loop);
	reference_clear(&push->to);
	free(push->repository);
	sent_clear(&push->known);
	sent_clear(&push->news);
	free(push);
}

static int check_platform(const struct push *p, const struct image *image, struct err *err)
{
	AUTO(platform) struct platform host = { 0 }, want = { 0 }, have = { 0 };

	if (!p->options->platform)
		return 0;
	platform_host(p->engine->host->machine, &host);
	int r = platform_parse(p->options->platform, &host, &want, err);
	if (r == 0 && image->platform)
		r = platform_parse(image->platform, &host, &have, err);
	if (r < 0 || platform_rank(&have, &want) > 0)
		return r;
	return err_set(err, -ENOENT, "the image '%s' is for %s, not for %s",
		       str_or(image->name, image->id), str_or(image->platform, "nothing"),
		       p->options->platform);
}

/* The image is known by what it is there, too: a pull of that name then needs nothing. */
static void remember(struct push *p, const struct image *image, const char *digest)
{
	AUTO(image) struct image *known = image_copy(image);
	AUTO(mem) char *there = str_fmt("%s@%s", p->repository, digest);

	if (strv_find(&known->repo_digests, there) >= 0)
		return;
	strv_add(&known->repo_digests, there);
	/* Where it cannot be written, nothing is lost but this. */
	(void)!image_add(p->engine->store, known, false, NULL);
}

static int push_found(struct push *p, const struct image *image, struct pushed *out,
		      struct err *err)
{
	const struct descriptor manifest = { .media_type = image->media_type,
					     .digest = image->digest,
					     .size = image->manifest_size };
	const struct watch *watch = p->options->watch;
	AUTO(descriptor) struct descriptor there = { 0 };
	AUTO(mem) char *name = push_name(p);

	if (watch && watch->begin)
		watch->begin(watch->data, name);
	int r = check_platform(p, image, err);
	if (r == 0 && p->to.digest && !str_eq(p->to.digest, image->digest))
		r = err_set(err, -EINVAL, "the image has the digest '%s', not that of the name",
			    image->digest);
	if (r == 0)
		r = push_manifest(p, NULL, &manifest, true, &there, err);
	if (r < 0)
		return r;
	remember(p, image, there.digest);
	event_named(p->engine->store, EVENT_IMAGE, EVENT_PUSH, image->id, name);
	*out = (struct pushed){ .name = take_ptr(name),
				.digest = take_ptr(there.digest),
				.size = there.size };
	return 0;
}

/* Whether the text is a beginning of the image's id, or its digest, and none of its names. */
static bool by_id(const struct image *image, const char *text)
{
	const char *hex = str_starts(text, "sha256:");

	return hex ||
	       (str_starts(image->id, text) && !(image->name && str_ends(image->name, text)));
}

/* Of a list, the image for that machine. */
static int find_image(struct engine *engine, const char *text, const char *platform,
		      struct image **out, struct err *err)
{
	AUTO(images) struct images images = { 0 };
	AUTO(platform) struct platform host = { 0 }, want = { 0 };
	const struct image *found = NULL;

	platform_host(engine->host->machine, &host);
	int r = platform ? platform_parse(platform, &host, &want, err) : 0;
	if (r == 0)
		r = images_load_all(engine->store, &images, err);
	if (r == 0)
		r = images_pick(&images, text, &found, err);
	if (r == 0 && found->list)
		return image_list_choose(engine->store, &images, found, platform ? &want : &host,
					 out, err);
	if (r == 0)
		*out = image_copy(found);
	return r;
}

int push_image(struct engine *engine, const char *image, const char *destination,
	       const struct push_options *options, struct pushed *out, struct err *err)
{
	AUTO(image) struct image *found = NULL;
	AUTO(image) struct image *whole = NULL;
	AUTO(push) struct push *push = NULL;

	int r = find_image(engine, image, options->platform, &found, err);
	if (r < 0)
		return r;
	if (!destination && (!found->name || by_id(found, image))) {
		(void)err_set(err, -EINVAL, "'%s' is no name to push to", image);
		return err_hint(err, "name the destination: cubby push %s REGISTRY/NAME:TAG",
				image);
	}
	/* Layers that are kept unpacked alone become blobs again. */
	if (restore_possible(engine, found))
		r = restore_image(engine, found, &whole, err);
	if (r == 0)
		r = push_open(engine, str_or(destination, found->name), options, &push, err);
	if (r == 0)
		r = push_found(push, whole ? whole : found, out, err);
	/* Names made here are in no registry. */
	if (r < 0 && !destination && str_starts(found->name, "localhost/"))
		(void)err_hint(err, "name the destination: cubby push %s REGISTRY/NAME:TAG", image);
	return r < 0 ? err_wrap(err, "cannot push '%s'", image) : 0;
}

int push_names(struct engine *engine, const char *repository, struct strv *out, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(images) struct images images = { 0 };

	int r = reference_parse(repository, &ref, err);
	if (r < 0)
		return r;
	if (!ref.default_tag || ref.digest)
		return err_set(err, -EINVAL, "'%s' has a tag already: with all tags give none",
			       repository);
	AUTO(mem) char *name = reference_name(&ref);
	AUTO(mem) char *start = str_fmt("%s:", name);
	r = images_load(engine->store, &images, err);
	for (size_t i = 0; r == 0 && i < images.count; i++)
		if (images.items[i].name && str_starts(images.items[i].name, start))
			strv_add(out, images.items[i].name);
	if (r == 0 && !out->count)
		return err_set(err, -ENOENT, "no image has a name in the repository '%s'", name);
	return r;
}

void pushed_clear(struct pushed *pushed)
{
	free(pushed->name);
	free(pushed->digest);
	*pushed = (struct pushed){ 0 };
}
