/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_trust - show and change whose images may come in (policy.json)
 */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/harmless.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "engine/lookaside.h"
#include "engine/trust.h"
#include "oci/base64.h"
#include "oci/openpgp.h"

enum { POLICY_MAX = 1 << 20, INDENT = 4, DIR_MODE = 0755, FILE_MODE = 0644 };

#define REGISTRIES "docker"
#define EMPTY_POLICY "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}"

/* What podman calls the kinds of requirements. */
static const char *const words[] = {
	[POLICY_ACCEPT] = "accept",
	[POLICY_REJECT] = "reject",
	[POLICY_SIGNED_BY] = "signed",
	[POLICY_SIGSTORE] = "sigstoreSigned",
};

/* ---- show ---- */

struct show_args {
	const char *policy;
	bool json;
	bool no_heading;
	bool raw;
};

static const struct opt show_opts[] = {
	OPT_FLAG('j', "json", struct show_args, json, "print JSON"),
	OPT_FLAG('n', "noheading", struct show_args, no_heading, "print no headings"),
	OPT_FLAG(0, "raw", struct show_args, raw, "print the file as it is"),
	OPT_TEXT(0, "signature-policy", "FILE", struct show_args, policy, COMPLETE_FILE,
		 "the file, instead of the usual policy.json"),
	OPT_END,
};

static const struct column columns[] = {
	{ "Transport", "TRANSPORT" },
	{ "RepoName", "NAME" },
	{ "Type", "TYPE" },
	{ "GPGId", "ID" },
	{ "SignatureStore", "STORE" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "" };

static const struct table_spec trust_table = {
	.columns = columns,
	.schema = &row_schema,
	.standard = "{{.Transport}}\\t{{.RepoName}}\\t{{.Type}}\\t{{.GPGId}}\\t{{.SignatureStore}}",
};

/* The names that podman gives: a registry's scopes are repositories. */
static const char *transport_word(const struct policy_scope *scope)
{
	if (!scope->transport)
		return "all";
	return str_eq(scope->transport, REGISTRIES) ? "repository" : scope->transport;
}

static const char *shown_name(const struct policy_scope *scope)
{
	if (!scope->transport)
		return "default";
	return scope->name;
}

/* "Name <address>" is known by the address. */
static char *short_owner(const char *owner)
{
	const char *begin = strrchr(owner, '<');
	const char *end = begin ? strchr(begin, '>') : NULL;
	AUTO(mem)
	char *plain = end ? str_ndup(begin + 1, (size_t)(end - begin - 1)) : str_dup(owner);

	return harmless(plain);
}

static void add_owners(struct strv *out, const char *data, size_t size)
{
	AUTO(strv) struct strv owners = { 0 };
	AUTO(mem) char *packets = NULL;
	size_t length;

	if (openpgp_keys(data, size, &packets, &length, NULL) < 0)
		return;
	openpgp_owners(packets, length, &owners);
	for (size_t i = 0; i < owners.count; i++)
		strv_take(out, short_owner(owners.items[i]));
}

/* Whose keys they are; what cannot be read is passed over: a pull says what is wrong with it. */
static char *shown_id(const struct policy_requirement *r)
{
	AUTO(strv) struct strv owners = { 0 };
	size_t size;

	if (r->kind == POLICY_ACCEPT || r->kind == POLICY_REJECT)
		return str_dup("");
	for (size_t i = 0; r->kind == POLICY_SIGNED_BY && i < r->key_paths.count; i++) {
		AUTO(mem) char *text = NULL;
		if (file_read(AT_FDCWD, r->key_paths.items[i], POLICY_MAX, &text, &size) == 0)
			add_owners(&owners, text, size);
	}
	for (size_t i = 0; r->kind == POLICY_SIGNED_BY && i < r->key_data.count; i++) {
		AUTO(mem) char *text = NULL;
		if (base64_decode(r->key_data.items[i], &text, &size) == 0)
			add_owners(&owners, text, size);
	}
	return owners.count ? str_join(&owners, ", ") : str_dup("N/A");
}

/* Where registries.d says that signatures of a scope are; "" when it does not. */
static const char *shown_store(const struct lookaside *beside, const struct policy_scope *scope)
{
	const bool registry = str_eq(scope->transport, REGISTRIES);
	AUTO(mem) char *name = str_dup(registry ? scope->name : "");
	const struct lookaside_scope *found = NULL;

	if (scope->transport && !registry)
		return "";
	for (char *end; !(found = lookaside_scope(beside, name)) && *name; *end = 0) {
		end = strrchr(name, '/');
		end = end ? end : name;
	}
	return found ? str_or(found->read, "") : "";
}

static void take(cJSON *object, const char *key, char *text)
{
	cJSON_AddStringToObject(object, key, text);
	free(text);
}

static void add_rows(cJSON *rows, const struct policy_scope *scope, const struct lookaside *beside)
{
	for (size_t i = 0; i < scope->requirements.count; i++) {
		const struct policy_requirement *r = &scope->requirements.items[i];
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "Transport", transport_word(scope));
		cJSON_AddStringToObject(row, "RepoName", shown_name(scope));
		cJSON_AddStringToObject(row, "Type", words[r->kind]);
		take(row, "GPGId", shown_id(r));
		cJSON_AddStringToObject(row, "SignatureStore", shown_store(beside, scope));
		cJSON_AddItemToArray(rows, row);
	}
}

static void add_objects(cJSON *list, const struct policy_scope *scope,
			const struct lookaside *beside)
{
	const char *store = shown_store(beside, scope);

	for (size_t i = 0; i < scope->requirements.count; i++) {
		const struct policy_requirement *r = &scope->requirements.items[i];
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "transport", transport_word(scope));
		cJSON_AddStringToObject(object, "name",
					scope->transport ? scope->name : "* (default)");
		cJSON_AddStringToObject(object, "repo_name", shown_name(scope));
		if (r->key_paths.count) {
			cJSON *keys = cJSON_AddArrayToObject(object, "keys");
			for (size_t k = 0; k < r->key_paths.count; k++)
				cJSON_AddItemToArray(keys,
						     cJSON_CreateString(r->key_paths.items[k]));
		}
		if (*store)
			cJSON_AddStringToObject(object, "sigstore", store);
		cJSON_AddStringToObject(object, "type", words[r->kind]);
		if (r->kind == POLICY_SIGNED_BY)
			take(object, "gpg_id", shown_id(r));
		cJSON_AddItemToArray(list, object);
	}
}

static int read_file(const char *file, char **out, size_t *out_size, struct err *err)
{
	int r = file_read(AT_FDCWD, file, POLICY_MAX, out, out_size);

	return r < 0 && r != -ENOENT ? err_sys(err, r, "cannot read '%s'", file) : r;
}

static int show_raw(struct app *app, const char *file, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = read_file(file, &text, &size, err);
	if (r == -ENOENT)
		return err_set(err, r, "there is no policy '%s': everything is accepted", file);
	if (r == 0)
		fwrite(text, 1, size, app->out);
	return r;
}

/* Without a file what counts is that everything is accepted. */
static int load_or_empty(struct app *app, const char *named, struct trust *out, struct err *err)
{
	int r = trust_load(app->host, named, out, err);

	if (r == 0 && !out->policy)
		r = policy_parse(EMPTY_POLICY, strlen(EMPTY_POLICY), &out->policy, err);
	return r;
}

static bool is_wanted(const struct policy_scope *scope, const struct strv *names)
{
	return !names->count || str_eq(shown_name(scope), names->items[0]);
}

static int show_run(struct app *app, void *data, const struct strv *names, struct err *err)
{
	const struct show_args *args = data;
	AUTO(mem) char *file = trust_place(app->host, args->policy);
	AUTO(trust) struct trust trust = { 0 };
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	const struct table_style style = { .no_heading = args->no_heading };

	if (args->raw)
		return show_raw(app, file, err);
	AUTO(lookaside) struct lookaside beside = { 0 };
	int r = load_or_empty(app, args->policy, &trust, err);
	if (r == 0)
		r = lookaside_load(app->host, &beside, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < trust.policy->scopes.count; i++) {
		const struct policy_scope *scope = &trust.policy->scopes.items[i];
		if (!is_wanted(scope, names))
			continue;
		if (args->json)
			add_objects(rows, scope, &beside);
		else
			add_rows(rows, scope, &beside);
	}
	if (!args->json)
		return table_print(&trust_table, &style, rows, app->out, err);
	json_text_print(rows, INDENT, app->out);
	return 0;
}

/* ---- set ---- */

struct set_args {
	const char *policy;
	const char *type;
	struct strv keys;
};

static const struct opt set_opts[] = {
	OPT_LIST('f', "pubkeysfile", "FILE", struct set_args, keys, COMPLETE_FILE,
		 "public key of the signer, for signedBy and sigstoreSigned"),
	OPT_TEXT(0, "signature-policy", "FILE", struct set_args, policy, COMPLETE_FILE,
		 "the file, instead of the usual policy.json"),
	OPT_WORDS('t', "type", "TYPE", struct set_args, type,
		  "accept reject signedBy sigstoreSigned",
		  "accept, reject, signedBy (the default) or sigstoreSigned"),
	OPT_END,
};

/* The name in the file of a type as podman's users type it, or NULL. */
static const char *file_type(const char *typed)
{
	static const struct {
		const char *typed;
		enum policy_kind kind;
	} types[] = { { "accept", POLICY_ACCEPT },
		      { "insecureAcceptAnything", POLICY_ACCEPT },
		      { "reject", POLICY_REJECT },
		      { "signedBy", POLICY_SIGNED_BY },
		      { "sigstoreSigned", POLICY_SIGSTORE } };

	for (size_t i = 0; i < array_len(types); i++)
		if (str_eq(typed, types[i].typed))
			return policy_kinds[types[i].kind];
	return NULL;
}

static int check_set(const struct set_args *args, const char *type, struct err *err)
{
	bool keyed = str_eq(type, policy_kinds[POLICY_SIGNED_BY]) ||
		     str_eq(type, policy_kinds[POLICY_SIGSTORE]);

	if (!type)
		return err_set(err, -EINVAL,
			       "--type: '%s' is not accept, reject, signedBy or sigstoreSigned",
			       args->type);
	if (keyed && !args->keys.count)
		return err_set(err, -EINVAL,
			       "at least one public key must be defined for type '%s'", type);
	if (!keyed && args->keys.count)
		return err_set(err, -EINVAL, "--pubkeysfile has no meaning with type '%s'",
			       args->type);
	return 0;
}

/* One requirement; several keys of one signer each suffice. */
static cJSON *new_requirements(const struct set_args *args, const char *type)
{
	cJSON *list = cJSON_CreateArray(), *r = cJSON_CreateObject();

	cJSON_AddStringToObject(r, "type", type);
	if (str_eq(type, policy_kinds[POLICY_SIGNED_BY]))
		cJSON_AddStringToObject(r, "keyType", "GPGKeys");
	if (args->keys.count == 1)
		cJSON_AddStringToObject(r, "keyPath", args->keys.items[0]);
	if (args->keys.count > 1) {
		cJSON *paths = cJSON_AddArrayToObject(r, "keyPaths");
		for (size_t i = 0; i < args->keys.count; i++)
			cJSON_AddItemToArray(paths, cJSON_CreateString(args->keys.items[i]));
	}
	cJSON_AddItemToArray(list, r);
	return list;
}

static void put(cJSON *object, const char *key, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON_AddItemToObject(object, key, item);
}

static cJSON *object_in(cJSON *object, const char *key)
{
	cJSON *item = (cJSON *)json_get(object, key);

	return item ? item : cJSON_AddObjectToObject(object, key);
}

static int load_doc(const char *file, cJSON **out, struct err *err)
{
	AUTO(policy) struct policy *policy = NULL;
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	int r = read_file(file, &text, &size, err);
	if (r == -ENOENT) {
		text = str_dup(EMPTY_POLICY);
		size = strlen(text);
		r = 0;
	}
	if (r < 0)
		return r;
	/* What is damaged is not written over. */
	r = policy_parse(text, size, &policy, err);
	if (r < 0)
		return err_wrap(err, "cannot change '%s'", file);
	return json_parse(text, size, out, err);
}

static int save_doc(const char *file, const cJSON *doc, struct err *err)
{
	AUTO(mem) char *text = json_print(doc, INDENT);
	AUTO(mem) char *whole = str_fmt("%s\n", text);
	AUTO(mem) char *dir = str_dup(file);
	char *slash = strrchr(dir, '/');
	int r = 0;

	if (slash && slash != dir) {
		*slash = 0;
		r = file_tree_make(dir, DIR_MODE);
	}
	if (r == 0)
		r = file_replace(AT_FDCWD, file, FILE_MODE, whole, strlen(whole), true);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", file) : 0;
}

/* Who may not change the system's file gets one of their own, which begins as a copy. */
static char *target_of(struct app *app, const struct set_args *args, const char *from)
{
	if (args->policy || app->host->uid == 0 || !str_starts(from, "/etc/"))
		return str_dup(from);
	const char *config = host_env(app->host, "XDG_CONFIG_HOME");
	return !str_empty(config) && *config == '/'
		       ? str_fmt("%s/containers/policy.json", config)
		       : str_fmt("%s/.config/containers/policy.json", app->host->home);
}

static int set_run(struct app *app, void *data, const struct strv *names, struct err *err)
{
	const struct set_args *args = data;
	const char *type = file_type(str_or(args->type, "signedBy"));
	AUTO(mem) char *from = trust_place(app->host, args->policy);
	AUTO(mem) char *to = target_of(app, args, from);
	AUTO(json) cJSON *doc = NULL;

	int r = check_set(args, type, err);
	if (r == 0)
		r = load_doc(from, &doc, err);
	if (r < 0)
		return r;
	cJSON *requirements = new_requirements(args, type);
	if (str_eq(names->items[0], "default"))
		put(doc, "default", requirements);
	else
		put(object_in(object_in(doc, "transports"), REGISTRIES), names->items[0],
		    requirements);
	return save_doc(to, doc, err);
}

const struct command cmd_image_trust_show = {
	.name = "image trust show",
	.group = GROUP_IMAGE,
	.about = "show whose images may come in",
	.text = "That is what policy.json says; without one everything is accepted. ID is whose keys of "
		"GPG they are, STORE where registries.d says that their signatures are.",
	.args = "[REGISTRY]",
	.needs = NEED_HOST,
	.opts = show_opts,
	.args_size = sizeof(struct show_args),
	.examples = "cubby image trust show\ncubby image trust show --raw\n",
	.run = show_run,
};

const struct command cmd_image_trust_set = {
	.name = "image trust set",
	.group = GROUP_IMAGE,
	.about = "say whose images may come in",
	.text = "REGISTRY is a host, or as much of a name as is meant; 'default' is everything that "
		"no other name is for. Who may not change /etc/containers/policy.json gets a file of "
		"their own, which begins as a copy of it.",
	.args = "REGISTRY",
	.needs = NEED_HOST,
	.opts = set_opts,
	.args_size = sizeof(struct set_args),
	.examples = "cubby image trust set -t reject default\n"
		    "cubby image trust set -t sigstoreSigned -f cosign.pub quay.io/group\n",
	.run = set_run,
};

const struct command cmd_image_trust = {
	.name = "image trust",
	.group = GROUP_MANAGE,
	.about = "manage whose images may come in",
};
