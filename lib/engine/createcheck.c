/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * createcheck - whether what a container is asked to have can be had, before anything is made
 */
#include "engine/createcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/cdi.h"
#include "engine/create.h"
#include "engine/endpoints.h"
#include "engine/hooks.h"
#include "spec/device.h"

enum { PROFILE_MAX = 4 << 20 };

int createcheck_profile(const char *path, char **out, struct err *err)
{
	AUTO(json) cJSON *document = NULL;
	AUTO(mem) char *text = NULL;
	int r = file_read(AT_FDCWD, path, PROFILE_MAX, &text, NULL);

	if (r < 0)
		return err_sys(err, r, "cannot read the seccomp profile '%s'", path);
	r = json_parse(text, strlen(text), &document, err);
	if (r < 0)
		return err_wrap(err, "cannot use the seccomp profile '%s'", path);
	*out = take_ptr(text);
	return 0;
}

int createcheck_devices(const struct container_config *config, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < config->devices.count && r == 0; i++) {
		AUTO(device_text) struct device_text device = { 0 };
		r = device_parse(config->devices.items[i], &device, err);
	}
	return r;
}

int createcheck_bind(const struct mount_config *mount, struct err *err)
{
	struct stat st;

	if (stat(mount->source, &st) == 0)
		return 0;
	const int r = err_sys(err, -errno, "cannot mount '%s'", mount->source);
	return r == -ENOENT ? err_hint(err, "make it first: mkdir -p '%s'", mount->source) : r;
}

static int find_devices(const struct container_config *config, struct err *err)
{
	int r = createcheck_devices(config, err);

	for (size_t i = 0; i < config->devices.count && r == 0; i++) {
		AUTO(device_text) struct device_text device = { 0 };
		r = device_parse(config->devices.items[i], &device, err);
		if (r == 0 && access(device.source, F_OK) < 0)
			r = err_sys(err, -errno, "--device: cannot find the device '%s'",
				    device.source);
	}
	return r;
}

/* docker makes the folders that are not there. */
static int find_binds(const struct engine *engine, const struct container_config *config,
		      struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < config->mounts.count && r == 0 && !engine->docker; i++)
		if (str_eq(config->mounts.items[i].type, "bind"))
			r = createcheck_bind(&config->mounts.items[i], err);
	return r;
}

static int find_profile(const struct container_config *config, struct err *err)
{
	AUTO(mem) char *text = NULL;

	return config->seccomp && !str_eq(config->seccomp, "unconfined")
		       ? createcheck_profile(config->seccomp, &text, err)
		       : 0;
}

int createcheck_step(struct engine *engine, const struct create_args *args, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(image_config) struct image_config *nothing = image_config_new();
	const struct create_image image = { .id = "", .name = "scratch", .config = nothing };
	char *command[] = { (char *)"true" };
	struct create_args any = *args;

	any.command = (struct strv){ .items = command, .count = array_len(command) };
	any.image = image.name;
	int r = create_plan(engine->host, &any, &image, engine->docker, &config, err);
	if (r == 0)
		r = endpoints_expect(engine, args, err);
	if (r == 0)
		r = cdi_plan(engine, args->gpus, config, err);
	if (r == 0)
		r = hooks_plan(engine, config, err);
	if (r == 0)
		r = find_devices(config, err);
	if (r == 0)
		r = find_binds(engine, config, err);
	return r < 0 ? r : find_profile(config, err);
}
