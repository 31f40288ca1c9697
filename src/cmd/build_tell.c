/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_tell - which image a build made: on the standard output, and in files
 */
#include "cmd/build_tell.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

enum { FILE_MODE = 0644 };

static int write_file(const char *path, const char *text, struct err *err)
{
	const int r = path ? file_replace(AT_FDCWD, path, FILE_MODE, text, strlen(text), false) : 0;

	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

/* The keys are those of docker's buildx. */
static char *metadata(const struct build_committed *image, const char *id)
{
	AUTO(json) cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "containerimage.config.digest", id);
	cJSON_AddStringToObject(json, "containerimage.digest", image->digest);
	if (image->names.count) {
		AUTO(mem) char *names = str_join(&image->names, ",");
		cJSON_AddStringToObject(json, "image.name", names);
	}
	return json_print(json, 2);
}

int build_tell(struct app *app, const struct build_args *args, const struct build_outputs *outputs,
	       const struct build_committed *image, struct err *err)
{
	AUTO(mem) char *id = str_fmt("sha256:%s", image->id);
	bool stream = false;
	AUTO(mem) char *document = metadata(image, id);

	int r = write_file(args->iidfile, id, err);
	if (r == 0)
		r = write_file(args->iidfile_raw, image->id, err);
	if (r == 0)
		r = write_file(args->metadata_file, document, err);
	for (size_t i = 0; i < outputs->count; i++)
		stream |= outputs->items[i].kind < BUILD_OUTPUT_IMAGE && !outputs->items[i].dest;
	if (r == 0 && !stream && (args->quiet || !app_docker(app)))
		fprintf(app->out, "%s\n", app_docker(app) ? id : image->id);
	return r;
}
