/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - what hooks can read of a container: containers/ID/bundle/config.json
 */
#include "engine/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

enum { BUNDLE_MODE = 0700, CONFIG_MODE = 0600 };

/* Secrets are written to no disk, not even for hooks. */
static void drop_secrets(cJSON *config, const struct strv *secrets)
{
	cJSON *env = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(config, "process"), "env");

	for (int i = cJSON_GetArraySize(env) - 1; secrets && i >= 0; i--)
		if (strv_find(secrets, cJSON_GetArrayItem(env, i)->valuestring) >= 0)
			cJSON_DeleteItemFromArray(env, i);
}

static int write_config(const char *folder, const struct runtime_spec *spec,
			const struct strv *secrets, struct err *err)
{
	AUTO(json) cJSON *config = runtime_spec_json(spec);

	drop_secrets(config, secrets);
	AUTO(mem) char *text = json_print(config, 0);
	if (mkdir(spec->bundle, BUNDLE_MODE) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s'", spec->bundle);
	AUTO(fd) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno
			: file_replace(dir, "bundle/config.json", CONFIG_MODE, text, strlen(text),
				       false);
	return r < 0 ? err_sys(err, r, "cannot write '%s/config.json'", spec->bundle) : 0;
}

int bundle_write(const struct container_config *config, const char *folder, const char *root,
		 struct runtime_spec *spec, const struct strv *secrets, struct err *err)
{
	if (!spec->hooks.count)
		return 0;
	strv_extend(&spec->annotations, &config->annotations);
	str_set(&spec->id, config->id);
	str_set(&spec->root_path, root);
	free(spec->bundle);
	spec->bundle = str_fmt("%s/bundle", folder);
	return write_config(folder, spec, secrets, err);
}
