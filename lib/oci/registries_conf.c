/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registries_conf - which registries a name means, and how they are reached
 *
 * The registry of a name is the entry with the longest prefix that the name begins with, up to its
 * end or a '/'. "*.host" stands for any host below and counts as long as it is.
 */
#include "oci/registries_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/toml.h"

static const struct jfield mirror_fields[] = {
	J_TEXT("location", struct registry_mirror, location),
	J_BOOL("insecure", struct registry_mirror, insecure),
	J_TEXT("pull-from-mirror", struct registry_mirror, pull_from),
	J_END,
};

static const struct jfield registry_fields[] = {
	J_TEXT("prefix", struct registry_conf, prefix),
	J_TEXT("location", struct registry_conf, location),
	J_BOOL("insecure", struct registry_conf, insecure),
	J_BOOL("blocked", struct registry_conf, blocked),
	J_BOOL("mirror-by-digest-only", struct registry_conf, mirror_by_digest_only),
	J_LIST("mirror", struct registry_conf, mirrors, mirror_fields),
	J_END,
};

static const struct jfield conf_fields[] = {
	J_STRV("unqualified-search-registries", struct registries_conf, search),
	J_MAP("aliases", struct registries_conf, aliases),
	J_LIST("registry", struct registries_conf, registries, registry_fields),
	J_END,
};

/* Fills prefix from location and the reverse. */
static int settle(struct registry_conf *r, struct err *err)
{
	if (str_empty(r->prefix) && str_empty(r->location))
		return err_set(err, -EBADMSG, "a [[registry]] has neither prefix nor location");
	if (str_empty(r->prefix))
		str_set(&r->prefix, r->location);
	if (str_empty(r->location) && !str_starts(r->prefix, "*."))
		str_set(&r->location, r->prefix);
	for (size_t i = 0; i < r->mirrors.count; i++)
		if (str_empty(r->mirrors.items[i].location))
			return err_set(err, -EBADMSG, "a mirror of '%s' has no location",
				       r->prefix);
	return 0;
}

static void merge_registry(struct registries_conf *conf, struct registry_conf *from)
{
	for (size_t i = 0; i < conf->registries.count; i++) {
		struct registry_conf *r = &conf->registries.items[i];
		if (!str_eq(r->prefix, from->prefix))
			continue;
		jfield_clear(registry_fields, r);
		*r = *from;
		*from = (struct registry_conf){ 0 };
		return;
	}
	*vec_push(&conf->registries) = *from;
	*from = (struct registry_conf){ 0 };
}

int registries_conf_add(struct registries_conf *conf, const char *text, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(registries_conf) struct registries_conf more = { 0 };

	int r = toml_parse(text, &doc, err);
	if (r < 0)
		return r;
	if (cJSON_IsObject(json_get(doc, "registries")))
		return err_set(err, -ENOTSUP, "it is in format version 1, which is not supported");
	r = jfield_load(conf_fields, doc, &more, err);
	for (size_t i = 0; r == 0 && i < more.registries.count; i++)
		r = settle(&more.registries.items[i], err);
	if (r < 0)
		return r;
	if (json_get(doc, "unqualified-search-registries")) {
		strv_clear(&conf->search);
		strv_extend(&conf->search, &more.search);
	}
	for (size_t i = 0; i < more.aliases.count; i++)
		strv_env_set(&conf->aliases, more.aliases.items[i]);
	for (size_t i = 0; i < more.registries.count; i++)
		merge_registry(conf, &more.registries.items[i]);
	return 0;
}

int registries_conf_load(struct registries_conf *conf, const struct strv *files, struct err *err)
{
	for (size_t i = 0; i < files->count; i++) {
		AUTO(mem) char *text = NULL;
		int r = file_read(AT_FDCWD, files->items[i], TOML_MAX_BYTES, &text, NULL);
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", files->items[i]);
		r = registries_conf_add(conf, text, err);
		if (r < 0)
			return err_wrap(err, "cannot use '%s'", files->items[i]);
	}
	return 0;
}

static void add_with_version(struct strv *out, const char *name, const struct reference *ref)
{
	strv_addf(out, "%s%s%s%s%s", name, ref->tag ? ":" : "", str_or(ref->tag, ""),
		  ref->digest ? "@" : "", str_or(ref->digest, ""));
}

void registries_conf_short(const struct registries_conf *conf, const struct reference *ref,
			   struct strv *out)
{
	AUTO(mem) char *shown = reference_familiar_name(ref);
	const char *alias = strv_env_get(&conf->aliases, shown);

	/* An alias made empty switches an earlier one off. */
	if (!str_empty(alias)) {
		add_with_version(out, alias, ref);
		return;
	}
	for (size_t i = 0; i < conf->search.count; i++) {
		AUTO(reference) struct reference there = { 0 };
		reference_in_domain(ref, conf->search.items[i], &there);
		strv_take(out, reference_print(&there));
	}
	if (!conf->search.count)
		strv_take(out, reference_print(ref));
}

/* Bytes of the name that a prefix covers, or 0. */
static size_t covers(const char *prefix, const char *name)
{
	size_t n = strlen(prefix);

	if (str_starts(prefix, "*.")) {
		size_t host = strcspn(name, "/");
		size_t tail = n - 1;
		if (host <= tail || strncmp(name + host - tail, prefix + 1, tail) != 0)
			return 0;
		return host;
	}
	return strncmp(name, prefix, n) == 0 && (name[n] == '/' || !name[n]) ? n : 0;
}

static const struct registry_conf *find(const struct registries_conf *conf, const char *name,
					size_t *out_covered)
{
	const struct registry_conf *best = NULL;
	size_t best_length = 0;

	for (size_t i = 0; i < conf->registries.count; i++) {
		const struct registry_conf *r = &conf->registries.items[i];
		size_t covered = covers(r->prefix, name);
		if (!covered || strlen(r->prefix) <= best_length)
			continue;
		best = r;
		best_length = strlen(r->prefix);
		*out_covered = covered;
	}
	return best;
}

static int add_endpoint(struct registry_endpoints *out, const char *location, const char *rest,
			bool insecure, bool mirror, struct err *err)
{
	AUTO(mem) char *name = str_fmt("%s%s", location, rest);
	const char *path = str_cut(name, '/');
	AUTO(reference) struct reference check = { 0 };
	AUTO(mem) char *text = str_fmt("%s/%s:x", name, str_or(path, ""));

	/* The grammar of references is that of locations. "x.y" has a dot: it is no short name. */
	if (!path || reference_parse(text, &check, NULL) < 0 || check.short_name)
		return err_set(err, -EBADMSG, "registries.conf: '%s' is no location", location);
	struct registry_endpoint *e = vec_push(out);
	e->host = take_ptr(check.domain);
	e->path = take_ptr(check.path);
	e->insecure = insecure;
	e->mirror = mirror;
	return 0;
}

static bool mirror_serves(const struct registry_conf *r, const struct registry_mirror *m,
			  bool by_digest)
{
	if (str_eq(m->pull_from, "digest-only") || (!m->pull_from && r->mirror_by_digest_only))
		return by_digest;
	return !str_eq(m->pull_from, "tag-only") || !by_digest;
}

int registries_conf_endpoints(const struct registries_conf *conf, const struct reference *ref,
			      bool by_digest, struct registry_endpoints *out, struct err *err)
{
	AUTO(registry_endpoints) struct registry_endpoints list = { 0 };
	AUTO(mem) char *name = reference_name(ref);
	size_t covered = 0;
	const struct registry_conf *conf_of = find(conf, name, &covered);

	if (conf_of && conf_of->blocked)
		return err_set(err, -EACCES, "registries.conf blocks '%s'", conf_of->prefix);
	for (size_t i = 0; conf_of && i < conf_of->mirrors.count; i++) {
		const struct registry_mirror *m = &conf_of->mirrors.items[i];
		if (!mirror_serves(conf_of, m, by_digest))
			continue;
		int r = add_endpoint(&list, m->location, name + covered, m->insecure, true, err);
		if (r < 0)
			return r;
	}
	bool moved = conf_of && conf_of->location;
	int r = add_endpoint(&list, moved ? conf_of->location : ref->domain,
			     moved ? name + covered : name + strlen(ref->domain),
			     conf_of && conf_of->insecure, false, err);
	if (r < 0)
		return r;
	*out = list;
	list = (struct registry_endpoints){ 0 };
	return 0;
}

void registries_conf_clear(struct registries_conf *conf)
{
	jfield_clear(conf_fields, conf);
}

void registry_endpoints_clear(struct registry_endpoints *endpoints)
{
	for (size_t i = 0; i < endpoints->count; i++) {
		free(endpoints->items[i].host);
		free(endpoints->items[i].path);
	}
	free(endpoints->items);
	*endpoints = (struct registry_endpoints){ 0 };
}
