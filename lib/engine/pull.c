/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull - from a name to an image in the store
 */
#include "engine/pull.h"

#include <errno.h>

#include "base/clock.h"
#include "base/fd.h"
#include "engine/pull_from.h"
#include "engine/pull_parts.h"
#include "engine/registry.h"
#include "oci/registries_conf.h"
#include "oci/transport.h"
#include "store/event.h"

static void auto_pull(struct pull *p)
{
	turn_free(p->turn);
	remote_close(p->remote);
	loop_free(p->loop);
	remote_settings_clear(&p->settings);
	platform_clear(&p->platform);
	reference_clear(&p->ref);
	trust_clear(&p->trust);
	strv_clear(&p->digests);
	strv_clear(&p->blobs);
	fd_close(p->config_lock);
}

/* ---- names ------------------------------------------------------------------------------------ */

static int pull_reference(struct pull *p, const char *name, struct image **out, struct err *err)
{
	AUTO(image) struct image *have = NULL;
	AUTO(pull_document) struct pull_document doc = { 0 };
	const struct watch *watch = p->options->watch;
	int64_t since = clock_mono();

	turn_free(take_ptr(p->turn));
	reference_clear(&p->ref);
	strv_clear(&p->digests);
	p->again = false;
	int r = reference_parse(name, &p->ref, err);
	if (r < 0)
		return r;
	if (watch && watch->begin)
		watch->begin(watch->data, name);
	r = trust_asks(&p->trust, &p->ref, err);
	if (r < 0)
		return r;
	p->to_verify = r > 0;
	if (image_find(p->engine->store, name, &have, NULL) < 0)
		have = NULL;
	/* What came in without a signature may not stay for the same digest. */
	AUTO(mem) char *known = have && !p->to_verify ? pull_known_digest(p, have) : NULL;
	r = pull_resolve(p, known, since, &doc, err);
	if (r < 0)
		return r;
	if (!doc.text) {
		*out = take_ptr(have);
		return 0;
	}
	return pull_bring(p, &doc, out, err);
}

static int candidates(struct pull *p, struct strv *out, struct err *err)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(reference) struct reference ref = { 0 };

	int r = reference_parse(p->options->name, &ref, err);
	if (r < 0)
		return r;
	if (!ref.short_name || p->engine->docker) {
		strv_take(out, reference_print(&ref));
		return 0;
	}
	r = registries_conf_load(&conf, &p->settings.registries_conf, err);
	return r < 0 ? r : registries_conf_short(&conf, &ref, out, err);
}

/* Whether the next registry may have what this one did not give. */
static bool try_next(int code)
{
	return code != -EINTR && code != -ENOSPC && code != -EDQUOT && code != -EINVAL;
}

static int pull_any(struct pull *p, struct image **out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	int r = candidates(p, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		AUTO(err) struct err one = { 0 };
		int got = pull_reference(p, names.items[i], out, &one);
		if (got == 0)
			return 0;
		if (i + 1 == names.count || !try_next(got))
			r = err_move(err, &one);
		else
			engine_warn(p->engine, "%s", one.text);
	}
	return r < 0 ? r : -ENOENT;
}

static int take_options(struct pull *p, struct err *err)
{
	return registry_settings(p->engine->host, p->engine->docker, &p->options->access,
				 &p->settings, err);
}

static int choose_platform(struct pull *p, struct err *err)
{
	AUTO(platform) struct platform host = { 0 };

	platform_host(p->engine->host->machine, &host);
	if (p->options->platform)
		return platform_parse(p->options->platform, &host, &p->platform, err);
	platform_copy(&p->platform, &host);
	return 0;
}

/* Return: 1 when what is there will do, 0 when a registry is to be asked, or a negative errno. */
static int settle_locally(struct pull *p, struct image **out, struct err *err)
{
	AUTO(image) struct image *have = NULL;
	int policy = p->options->policy;

	if (policy == CREATE_PULL_ALWAYS || policy == CREATE_PULL_NEWER)
		return 0;
	int r = image_find(p->engine->store, p->options->name, &have, err);
	if (r == 0 && (policy == CREATE_PULL_NEVER ||
		       (pull_fits_platform(p, have) && pull_fits_form(p, have)))) {
		*out = take_ptr(have);
		return 1;
	}
	if (r == -ENOENT && policy == CREATE_PULL_MISSING) {
		err_clear(err);
		r = 0;
	}
	return r;
}

static bool untagged(const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	return reference_parse(name, &ref, NULL) == 0 && ref.default_tag;
}

int pull_image(struct engine *engine, const struct pull_options *options, struct image **out,
	       struct err *err)
{
	struct pull_options named = *options;
	AUTO(pull) struct pull p = { .engine = engine, .options = &named, .config_lock = -1 };

	const struct load_request file = { .platform = options->platform,
					   .policy = options->signature_policy,
					   .single_file = options->single_file };

	if (transport_given(options->name))
		return pull_from_one(engine, options->name, &file, out, err);
	named.name = transport_registry(options->name);
	int r = choose_platform(&p, err);
	if (r == 0)
		r = settle_locally(&p, out, err);
	if (r != 0)
		return min_of(r, 0);
	r = store_check_writable(engine->store, err);
	if (r < 0)
		return r;
	r = trust_load(engine->host, options->signature_policy, &p.trust, err);
	if (r < 0)
		return r;
	r = take_options(&p, err);
	if (r == 0)
		r = pull_any(&p, out, err);
	/* "newer" is content with what is there, but not with what may not come in. */
	if (r < 0 && r != -EINTR && r != -EPERM && options->policy == CREATE_PULL_NEWER &&
	    image_find(engine->store, named.name, out, NULL) == 0) {
		err_clear(err);
		r = 0;
	}
	if (r >= 0)
		event_named(engine->store, EVENT_IMAGE, EVENT_PULL, (*out)->id,
			    str_or((*out)->name, named.name));
	return r;
}

int pull_tags(struct engine *engine, const struct pull_options *options, struct strv *out,
	      struct err *err)
{
	AUTO(pull) struct pull p = { .engine = engine, .options = options, .config_lock = -1 };
	AUTO(strv) struct strv names = { 0 };

	int r = take_options(&p, err);
	if (r == 0)
		r = candidates(&p, &names, err);
	if (r == 0 && !untagged(options->name))
		return err_set(err, -EINVAL, "'%s' has a tag already: with all tags give none",
			       options->name);
	/* Of several registries the first counts: the tags of the others are of other images. */
	if (r == 0)
		r = reference_parse(names.items[0], &p.ref, err);
	return r < 0 ? r : pull_ask_tags(&p, out, err);
}
