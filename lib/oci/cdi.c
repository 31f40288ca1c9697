/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdi - descriptions of devices by their makers: the Container Device Interface
 */
#include "oci/cdi.h"

#include <ctype.h>
#include <errno.h>

#define N(kind, key, f) J_##kind(key, struct cdi_node, f)
static const struct jfield node_fields[] = {
	N(TEXT, "path", path),
	N(TEXT, "hostPath", host_path),
	N(TEXT, "type", type),
	N(TEXT, "permissions", permissions),
	J_END,
};
#undef N

#define M(kind, key, f) J_##kind(key, struct cdi_mount, f)
static const struct jfield mount_fields[] = {
	M(TEXT, "hostPath", host_path),
	M(TEXT, "containerPath", container_path),
	M(TEXT, "type", type),
	M(STRV, "options", options),
	J_END,
};
#undef M

#define H(kind, key, f) J_##kind(key, struct cdi_hook, f)
static const struct jfield hook_fields[] = {
	H(TEXT, "hookName", name), H(TEXT, "path", path),      H(STRV, "args", args),
	H(STRV, "env", env),	   H(INT, "timeout", timeout), J_END,
};
#undef H

static const struct jfield edits_fields[] = {
	J_STRV("env", struct cdi_edits, env),
	J_LIST("deviceNodes", struct cdi_edits, nodes, node_fields),
	J_LIST("mounts", struct cdi_edits, mounts, mount_fields),
	J_LIST("hooks", struct cdi_edits, hooks, hook_fields),
	J_RAW("additionalGids", struct cdi_edits, groups),
	J_RAW("intelRdt", struct cdi_edits, rdt),
	J_RAW("netDevices", struct cdi_edits, net),
	J_END,
};

static const struct jfield device_fields[] = {
	J_TEXT("name", struct cdi_device, name),
	J_STRUCT("containerEdits", struct cdi_device, edits, edits_fields),
	J_END,
};

static const struct jfield spec_fields[] = {
	J_TEXT("cdiVersion", struct cdi_spec, version),
	J_TEXT("kind", struct cdi_spec, kind),
	J_LIST("devices", struct cdi_spec, devices, device_fields),
	J_STRUCT("containerEdits", struct cdi_spec, edits, edits_fields),
	J_END,
};

/* Letters, digits and some marks; a letter (or a digit) first, a letter or digit last. */
static bool is_word(const char *s, size_t n, const char *marks, bool digit_first)
{
	if (n == 0 || !isascii(*s) || !isalnum((unsigned char)s[n - 1]) ||
	    !(digit_first ? isalnum((unsigned char)*s) : isalpha((unsigned char)*s)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isascii(s[i]) || (!isalnum((unsigned char)s[i]) && !strchr(marks, s[i])))
			return false;
	return true;
}

static bool is_kind(const char *kind)
{
	const char *slash = strchr(kind, '/');

	return slash && is_word(kind, (size_t)(slash - kind), "_-.", false) &&
	       is_word(slash + 1, strlen(slash + 1), "_-", false);
}

static bool is_name(const char *name)
{
	return is_word(name, strlen(name), "_-.:", true);
}

int cdi_split(const char *text, char **out_kind, char **out_name)
{
	AUTO(mem) char *kind = str_dup(text);
	const char *name = str_cut(kind, '=');

	if (!name || !is_kind(kind) || !is_name(name))
		return -EINVAL;
	*out_name = str_dup(name);
	*out_kind = take_ptr(kind);
	return 0;
}

/* ---- loading -------------------------------------------------------------------------------- */

static int check_path(const char *what, const char *path, struct err *err)
{
	if (path && *path == '/')
		return 0;
	return err_set(err, -EBADMSG, "%s '%s' is no absolute path", what, str_or(path, ""));
}

static int check_groups(const cJSON *groups, struct err *err)
{
	const cJSON *item;

	if (groups && !cJSON_IsArray(groups))
		return err_set(err, -EBADMSG, "'additionalGids' is no list");
	cJSON_ArrayForEach(item, groups)
	{
		if (!cJSON_IsNumber(item) || item->valuedouble < 0 ||
		    item->valuedouble >= UINT32_MAX ||
		    item->valuedouble != (double)(uint32_t)item->valuedouble)
			return err_set(err, -EBADMSG, "'additionalGids' holds what is no group");
	}
	return 0;
}

static int check_edits(const struct cdi_edits *edits, struct err *err)
{
	int r = check_groups(edits->groups, err);

	for (size_t i = 0; i < edits->env.count && r == 0; i++)
		if (strcspn(edits->env.items[i], "=") == 0 || !strchr(edits->env.items[i], '='))
			r = err_set(err, -EBADMSG, "the variable '%s' is no NAME=VALUE",
				    edits->env.items[i]);
	for (size_t i = 0; i < edits->nodes.count && r == 0; i++) {
		const struct cdi_node *node = &edits->nodes.items[i];
		r = check_path("the device", node->path, err);
		if (r == 0 && !str_empty(node->host_path))
			r = check_path("the device", node->host_path, err);
	}
	for (size_t i = 0; i < edits->mounts.count && r == 0; i++) {
		r = check_path("the mount", edits->mounts.items[i].container_path, err);
		if (r == 0)
			r = check_path("the mount of", edits->mounts.items[i].host_path, err);
	}
	for (size_t i = 0; i < edits->hooks.count && r == 0; i++)
		r = check_path("the hook", edits->hooks.items[i].path, err);
	return r;
}

static int check_spec(const struct cdi_spec *spec, struct err *err)
{
	if (str_empty(spec->version))
		return err_set(err, -EBADMSG, "there is no 'cdiVersion'");
	if (!str_starts(spec->version, "0.") && !str_starts(spec->version, "1."))
		return err_set(err, -EBADMSG, "the version '%s' is not known", spec->version);
	if (str_empty(spec->kind) || !is_kind(spec->kind))
		return err_set(err, -EBADMSG, "the kind '%s' is no VENDOR/CLASS",
			       str_or(spec->kind, ""));
	if (!spec->devices.count)
		return err_set(err, -EBADMSG, "there are no devices");
	int r = check_edits(&spec->edits, err);
	for (size_t i = 0; i < spec->devices.count && r == 0; i++) {
		const struct cdi_device *device = &spec->devices.items[i];
		if (str_empty(device->name) || !is_name(device->name))
			return err_set(err, -EBADMSG, "'%s' is no name of a device",
				       str_or(device->name, ""));
		if (cdi_device(spec, device->name) != device)
			return err_set(err, -EBADMSG, "the device '%s' is there twice",
				       device->name);
		r = check_edits(&device->edits, err);
	}
	return r;
}

int cdi_load(const cJSON *value, struct cdi_spec *out, struct err *err)
{
	if (!cJSON_IsObject(value))
		return err_set(err, -EBADMSG, "it holds no description of devices");
	int r = jfield_load(spec_fields, value, out, err);
	return r < 0 ? r : check_spec(out, err);
}

const struct cdi_device *cdi_device(const struct cdi_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->devices.count; i++)
		if (str_eq(spec->devices.items[i].name, name))
			return &spec->devices.items[i];
	return NULL;
}

/* ---- joining -------------------------------------------------------------------------------- */

static void add_groups(cJSON **groups, const cJSON *more)
{
	const cJSON *item;

	if (more && !*groups)
		*groups = cJSON_CreateArray();
	cJSON_ArrayForEach(item, more)
	{
		cJSON_AddItemToArray(*groups, cJSON_Duplicate(item, true));
	}
}

void cdi_edits_add(struct cdi_edits *edits, const struct cdi_edits *more)
{
	AUTO(json) cJSON *text = jfield_save(edits_fields, more);
	struct cdi_edits copy = { 0 };

	bug_unless(jfield_load(edits_fields, text, &copy, NULL) == 0); /* it was loaded so before */
	for (size_t i = 0; i < copy.env.count; i++)
		strv_env_set(&edits->env, copy.env.items[i]);
	for (size_t i = 0; i < copy.nodes.count; i++)
		*vec_push(&edits->nodes) = copy.nodes.items[i];
	for (size_t i = 0; i < copy.mounts.count; i++)
		*vec_push(&edits->mounts) = copy.mounts.items[i];
	for (size_t i = 0; i < copy.hooks.count; i++)
		*vec_push(&edits->hooks) = copy.hooks.items[i];
	add_groups(&edits->groups, copy.groups);
	if (!edits->rdt)
		edits->rdt = take_ptr(copy.rdt);
	if (!edits->net)
		edits->net = take_ptr(copy.net);
	/* What the items own belongs to @edits now. */
	copy.nodes.count = copy.mounts.count = copy.hooks.count = 0;
	cdi_edits_clear(&copy);
}

void cdi_edits_clear(struct cdi_edits *edits)
{
	jfield_clear(edits_fields, edits);
}

void cdi_spec_clear(struct cdi_spec *spec)
{
	jfield_clear(spec_fields, spec);
}
