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
	J_STRV("credential-helpers", struct registries_conf, helpers),
	J_TEXT("short-name-mode", struct registries_conf, mode_name),
	J_LIST("registry", struct registries_conf, registries, registry_fields),
	J_END,
};

static const char *const mode_names[] = {
	[SHORT_NAME_ENFORCING] = "enforcing",
	[SHORT_NAME_PERMISSIVE] = "permissive",
	[SHORT_NAME_DISABLED] = "disabled",
};

/* Format version 1: three lists, each in a table of its own below [registries]. */
static const char *const old_lists[] = { "search", "insecure", "block" };

static int read_mode(struct registries_conf *conf, struct err *err)
{
	if (!conf->mode_name)
		return 0;
	for (size_t i = SHORT_NAME_ENFORCING; i < array_len(mode_names); i++) {
		if (!str_eq(conf->mode_name, mode_names[i]))
			continue;
		conf->mode = (enum short_name_mode)i;
		return 0;
	}
	return err_set(err, -EBADMSG,
		       "short-name-mode is '%.50s', not enforcing, permissive or disabled",
		       conf->mode_name);
}

static int check_mirror(const struct registry_conf *r, const struct registry_mirror *m,
			struct err *err)
{
	static const char *const kinds[] = { "all", "digest-only", "tag-only" };

	if (str_empty(m->location))
		return err_set(err, -EBADMSG, "a mirror of '%s' has no location", r->prefix);
	if (!m->pull_from)
		return 0;
	if (r->mirror_by_digest_only)
		return err_set(err, -EBADMSG,
			       "'%s' has both mirror-by-digest-only and pull-from-mirror",
			       r->prefix);
	for (size_t i = 0; i < array_len(kinds); i++)
		if (str_eq(m->pull_from, kinds[i]))
			return 0;
	return err_set(err, -EBADMSG,
		       "pull-from-mirror of '%s' is '%.50s', not all, digest-only or tag-only",
		       r->prefix, m->pull_from);
}

/* Fills prefix from location and the reverse. */
static int settle(struct registry_conf *r, struct err *err)
{
	if (str_empty(r->prefix) && str_empty(r->location))
		return err_set(err, -EBADMSG, "a [[registry]] has neither prefix nor location");
	if (str_empty(r->prefix))
		str_set(&r->prefix, r->location);
	if (str_empty(r->location) && !str_starts(r->prefix, "*."))
		str_set(&r->location, r->prefix);
	for (size_t i = 0; i < r->mirrors.count; i++) {
		int checked = check_mirror(r, &r->mirrors.items[i], err);
		if (checked < 0)
			return checked;
	}
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

static struct registry_conf *old_registry(struct registries_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->registries.count; i++)
		if (str_eq(conf->registries.items[i].prefix, name))
			return &conf->registries.items[i];
	struct registry_conf *r = vec_push(&conf->registries);
	*r = (struct registry_conf){ .prefix = str_dup(name) };
	return r;
}

/* Reads format version 1 as what it means in version 2. */
static int read_old(const cJSON *doc, struct registries_conf *out, struct err *err)
{
	const cJSON *tables = json_get(doc, "registries");
	struct strv lists[array_len(old_lists)] = { 0 };
	int r = 0;

	if (json_get(doc, "registry") || json_get(doc, "unqualified-search-registries"))
		return err_set(err, -EBADMSG, "it mixes the format versions 1 and 2");
	for (size_t i = 0; r == 0 && i < array_len(old_lists); i++) {
		r = json_strv(json_get(tables, old_lists[i]), "registries", &lists[i]);
		if (r < 0)
			(void)err_set(err, r, "'registries.%s.registries' is no list of names",
				      old_lists[i]);
	}
	strv_extend(&out->search, &lists[0]);
	for (size_t i = 0; r == 0 && i < lists[1].count; i++)
		old_registry(out, lists[1].items[i])->insecure = true;
	for (size_t i = 0; r == 0 && i < lists[2].count; i++)
		old_registry(out, lists[2].items[i])->blocked = true;
	for (size_t i = 0; i < array_len(lists); i++)
		strv_clear(&lists[i]);
	return r;
}

static int read_text(const char *text, struct registries_conf *out, bool *out_search,
		     struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = toml_parse(text, &doc, err);
	if (r < 0)
		return r;
	bool old = cJSON_IsObject(json_get(doc, "registries"));
	r = old ? read_old(doc, out, err) : jfield_load(conf_fields, doc, out, err);
	if (r == 0)
		r = read_mode(out, err);
	for (size_t i = 0; r == 0 && i < out->registries.count; i++)
		r = settle(&out->registries.items[i], err);
	*out_search = old ? out->search.count > 0
			  : json_get(doc, "unqualified-search-registries") != NULL;
	return r;
}

static void replace_list(struct strv *to, const struct strv *from)
{
	strv_clear(to);
	strv_extend(to, from);
}

int registries_conf_add(struct registries_conf *conf, const char *text, struct err *err)
{
	AUTO(registries_conf) struct registries_conf more = { 0 };
	bool search = false;

	int r = read_text(text, &more, &search, err);
	if (r < 0)
		return r;
	if (search)
		replace_list(&conf->search, &more.search);
	if (more.helpers.count)
		replace_list(&conf->helpers, &more.helpers);
	if (more.mode != SHORT_NAME_UNSET)
		conf->mode = more.mode;
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

/* Which of several is meant is not guessed where the files say so. */
static int refuse_guess(const struct reference *ref, const struct strv *names, struct err *err)
{
	AUTO(mem) char *shown = reference_familiar_name(ref);
	AUTO(mem) char *list = str_join(names, ", ");

	(void)err_set(err, -EINVAL,
		      "'%s' may be %s: short-name-mode is enforcing, so it is not guessed", shown,
		      list);
	return err_hint(err, "give the whole name, or an alias for it in registries.conf");
}

int registries_conf_short(const struct registries_conf *conf, const struct reference *ref,
			  struct strv *out, struct err *err)
{
	AUTO(mem) char *shown = reference_familiar_name(ref);
	const char *alias = strv_env_get(&conf->aliases, shown);
	AUTO(strv) struct strv names = { 0 };

	/* An alias made empty switches an earlier one off. */
	if (!str_empty(alias)) {
		add_with_version(out, alias, ref);
		return 0;
	}
	for (size_t i = 0; i < conf->search.count; i++) {
		AUTO(reference) struct reference there = { 0 };
		reference_in_domain(ref, conf->search.items[i], &there);
		strv_take(&names, reference_print(&there));
	}
	if (names.count > 1 && conf->mode == SHORT_NAME_ENFORCING)
		return refuse_guess(ref, &names, err);
	if (!names.count)
		strv_take(&names, reference_print(ref));
	strv_extend(out, &names);
	return 0;
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

int registries_conf_host(const struct registries_conf *conf, const char *domain, bool moved,
			 struct registry_endpoints *out, struct err *err)
{
	AUTO(registry_endpoints) struct registry_endpoints list = { 0 };
	size_t covered = 0;
	const struct registry_conf *c = find(conf, domain, &covered);

	if (c && c->blocked)
		return err_set(err, -EACCES, "registries.conf blocks '%s'", c->prefix);
	int r = add_endpoint(&list, moved && c && c->location ? c->location : domain, "/x",
			     c && c->insecure, false, err);
	if (r < 0)
		return r;
	str_set(&list.items[0].path, "");
	*out = list;
	list = (struct registry_endpoints){ 0 };
	return 0;
}

void registries_conf_clear(struct registries_conf *conf)
{
	jfield_clear(conf_fields, conf);
}

void registry_endpoints_keep_last(struct registry_endpoints *endpoints)
{
	size_t last = endpoints->count - 1;

	for (size_t i = 0; i < last; i++) {
		free(endpoints->items[i].host);
		free(endpoints->items[i].path);
	}
	endpoints->items[0] = endpoints->items[last];
	endpoints->count = 1;
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
