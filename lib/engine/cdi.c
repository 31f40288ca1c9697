/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdi - devices that their makers describe: --device vendor.com/class=name and --gpus
 */
#include "engine/cdi.h"

#include <errno.h>

#include "engine/cdilist.h"
#include "engine/gpus.h"

/* ---- finding -------------------------------------------------------------------------------- */

static void load(const struct engine *engine, const struct strv *folders, struct cdi_list *out)
{
	AUTO(mem) char *program = host_helper(engine->host, "cubby-yaml");
	AUTO(strv) struct strv usual = { 0 };

	strv_add(&usual, "/etc/cdi");
	strv_add(&usual, "/var/run/cdi");
	cdi_list_load(folders->count ? folders : &usual, program, out);
}

/* What we cannot do is told before anything is made. */
static int check(const char *device, const struct cdi_edits *edits, struct err *err)
{
	for (size_t i = 0; i < edits->hooks.count; i++) {
		const char *name = str_or(edits->hooks.items[i].name, "");
		if (runtime_hook_kind(name) < 0)
			return err_set(
				err, -EOPNOTSUPP,
				"the device '%s' needs a hook of the kind '%s', which there is "
				"not",
				device, name);
	}
	if (edits->rdt)
		return err_set(err, -EOPNOTSUPP,
			       "the device '%s' needs a class of Intel RDT, which no user can set",
			       device);
	if (edits->net)
		return err_set(err, -EOPNOTSUPP,
			       "the device '%s' needs a network device of the host, which no user "
			       "can move",
			       device);
	return 0;
}

static int add_device(const struct cdi_list *list, const char *device, struct strv *files,
		      struct cdi_edits *out, struct err *err)
{
	AUTO(mem) char *kind = NULL;
	AUTO(mem) char *name = NULL;
	const struct cdi_file *file;

	if (cdi_split(device, &kind, &name) < 0)
		return err_set(err, -EINVAL, "'%s' is no VENDOR/CLASS=NAME", device);
	int r = cdi_list_find(list, kind, name, &file, err);
	if (r < 0)
		return r;
	const struct cdi_edits *edits = &cdi_device(&file->spec, name)->edits;
	r = check(device, edits, err);
	if (r == 0)
		r = check(device, &file->spec.edits, err);
	if (r < 0)
		return r;
	cdi_edits_add(out, edits);
	if (strv_find(files, file->path) >= 0)
		return 0;
	strv_add(files, file->path);
	cdi_edits_add(out, &file->spec.edits);
	return 0;
}

static int add_devices(const struct cdi_list *list, const struct strv *names, struct cdi_edits *out,
		       struct err *err)
{
	AUTO(strv) struct strv files = { 0 };
	int r = 0;

	for (size_t i = 0; i < names->count && r == 0; i++)
		r = add_device(list, names->items[i], &files, out, err);
	return r;
}

int cdi_resolve(const struct engine *engine, const struct container_config *config,
		struct cdi_edits *out, struct err *err)
{
	AUTO(cdi_list) struct cdi_list list = { 0 };

	if (!config->cdi_devices.count)
		return 0;
	load(engine, &config->cdi_folders, &list);
	return add_devices(&list, &config->cdi_devices, out, err);
}

/* ---- planning ------------------------------------------------------------------------------- */

static bool is_described(const char *device)
{
	AUTO(mem) char *kind = NULL;
	AUTO(mem) char *name = NULL;

	return cdi_split(device, &kind, &name) == 0;
}

static void add_once(struct strv *list, const char *name)
{
	if (strv_find(list, name) < 0)
		strv_add(list, name);
}

static void take_names(struct container_config *config)
{
	for (size_t i = 0; i < config->devices.count;) {
		if (!is_described(config->devices.items[i])) {
			i++;
			continue;
		}
		add_once(&config->cdi_devices, config->devices.items[i]);
		strv_remove(&config->devices, i);
	}
}

int cdi_plan(struct engine *engine, const char *gpus, struct container_config *config,
	     struct err *err)
{
	AUTO(cdi_list) struct cdi_list list = { 0 };
	AUTO(cdi_edits) struct cdi_edits edits = { 0 };
	AUTO(strv) struct strv names = { 0 };

	take_names(config);
	if (!config->cdi_devices.count && !gpus)
		return 0;
	strv_extend(&config->cdi_folders, &engine->cdi_folders);
	load(engine, &config->cdi_folders, &list);
	int r = gpus ? gpus_parse(gpus, &list, &names, err) : 0;
	for (size_t i = 0; i < names.count; i++)
		add_once(&config->cdi_devices, names.items[i]);
	if (r == 0)
		r = add_devices(&list, &config->cdi_devices, &edits, err);
	for (size_t i = 0; r == 0 && i < edits.env.count; i++)
		strv_env_set(&config->env, edits.env.items[i]);
	return r;
}

/* ---- applying ------------------------------------------------------------------------------- */

static void apply_nodes(const struct cdi_edits *edits, struct runtime_spec *spec)
{
	for (size_t i = 0; i < edits->nodes.count; i++) {
		const struct cdi_node *node = &edits->nodes.items[i];
		const char *source = str_empty(node->host_path) ? node->path : node->host_path;
		*vec_push(&spec->devices) =
			(struct runtime_device){ str_dup(source), str_dup(node->path) };
	}
}

static void apply_mounts(const struct cdi_edits *edits, struct runtime_spec *spec)
{
	for (size_t i = 0; i < edits->mounts.count; i++) {
		const struct cdi_mount *from = &edits->mounts.items[i];
		bool bind = str_empty(from->type) || str_eq(from->type, "bind") ||
			    str_eq(from->type, "none");
		struct runtime_mount *m = vec_push(&spec->mounts);
		*m = (struct runtime_mount){
			.destination = str_dup(from->container_path),
			.type = str_dup(bind ? "bind" : from->type),
			.source = str_dup(from->host_path),
		};
		strv_extend(&m->options, &from->options);
		if (bind && strv_find(&m->options, "bind") < 0 &&
		    strv_find(&m->options, "rbind") < 0)
			strv_add(&m->options, "rbind");
	}
}

static void apply_groups(const struct cdi_edits *edits, struct runtime_spec *spec)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, edits->groups)
	{
		*vec_push(&spec->groups) = (gid_t)item->valuedouble;
	}
}

static void apply_hooks(const struct cdi_edits *edits, struct runtime_spec *spec)
{
	for (size_t i = 0; i < edits->hooks.count; i++) {
		const struct cdi_hook *from = &edits->hooks.items[i];
		struct runtime_hook *hook = vec_push(&spec->hooks);
		*hook = (struct runtime_hook){
			.kind = (enum runtime_hook_kind)runtime_hook_kind(from->name),
			.path = str_dup(from->path),
			.timeout = from->timeout,
		};
		strv_extend(&hook->args, &from->args);
		strv_extend(&hook->env, &from->env);
	}
}

void cdi_apply(const struct cdi_edits *edits, struct runtime_spec *spec)
{
	for (size_t i = 0; i < edits->env.count; i++)
		strv_env_set(&spec->env, edits->env.items[i]);
	apply_nodes(edits, spec);
	apply_mounts(edits, spec);
	apply_groups(edits, spec);
	apply_hooks(edits, spec);
}
