/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdilist - all descriptions of devices in some folders
 */
#include "engine/cdilist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/yaml.h"

static int description(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return *name != '.' &&
	       (str_ends(name, ".json") || str_ends(name, ".yaml") || str_ends(name, ".yml"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_value(const char *path, const char *program, cJSON **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(json) cJSON *documents = NULL;
	size_t size;

	int r = file_read(AT_FDCWD, path, JSON_MAX_BYTES, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read it");
	if (str_ends(path, ".json"))
		return json_parse(text, size, out, err);
	r = yaml_parse(program, text, size, false, &documents, err);
	if (r < 0)
		return r;
	if (cJSON_GetArraySize(documents) != 1)
		return err_set(err, -EBADMSG, "it holds %d documents, not one",
			       cJSON_GetArraySize(documents));
	*out = cJSON_DetachItemFromArray(documents, 0);
	return 0;
}

static void load_file(const char *path, size_t folder, const char *program, struct cdi_list *list)
{
	AUTO(err) struct err err = { 0 };
	AUTO(json) cJSON *value = NULL;
	AUTO(cdi_spec) struct cdi_spec spec = { 0 };

	int r = read_value(path, program, &value, &err);
	if (r == 0)
		r = cdi_load(value, &spec, &err);
	if (r < 0) {
		if (!list->damaged)
			list->damaged = str_fmt("'%s' cannot be used: %s", path, err.text);
		return;
	}
	*vec_push(list) = (struct cdi_file){ str_dup(path), folder, spec };
	spec = (struct cdi_spec){ 0 };
}

void cdi_list_load(const struct strv *folders, const char *program, struct cdi_list *out)
{
	for (size_t i = 0; i < folders->count; i++) {
		struct dirent **entries = NULL;
		int n = scandir(folders->items[i], &entries, description, by_bytes);
		for (int k = 0; k < n; k++) {
			AUTO(mem)
			char *path = str_fmt("%s/%s", folders->items[i], entries[k]->d_name);
			load_file(path, i, program, out);
			free(entries[k]);
		}
		free(entries);
	}
}

int cdi_list_find(const struct cdi_list *list, const char *kind, const char *name,
		  const struct cdi_file **out, struct err *err)
{
	const struct cdi_file *found = NULL, *other = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct cdi_file *file = &list->items[i];
		if (!str_eq(file->spec.kind, kind) || !cdi_device(&file->spec, name))
			continue;
		other = found && found->folder == file->folder ? found : NULL;
		found = file;
	}
	if (other)
		return err_set(err, -ENOTUNIQ, "the device '%s=%s' is described twice: '%s', '%s'",
			       kind, name, other->path, found->path);
	if (!found) {
		err_set(err, -ENOENT, "there is no device '%s=%s'", kind, name);
		return err_hint(err, "%s",
				str_or(list->damaged, "its maker's tool writes a description to "
						      "/etc/cdi; see --cdi-spec-dir"));
	}
	*out = found;
	return 0;
}

void cdi_list_clear(struct cdi_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].path);
		cdi_spec_clear(&list->items[i].spec);
	}
	free(list->items);
	free(list->damaged);
	*list = (struct cdi_list){ 0 };
}
