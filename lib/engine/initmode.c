/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * initmode - whether a container's first process is systemd, and an init of the user's own
 */
#include "engine/initmode.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* Podman's: any of these, or a program of that name. */
static const char *const init_programs[] = { "/sbin/init", "/usr/sbin/init",
					     "/usr/local/sbin/init" };

static bool is_systemd(const struct container_config *config)
{
	const char *program = config->entrypoint.count ? config->entrypoint.items[0]
			      : config->command.count  ? config->command.items[0]
						       : "";
	const char *slash = strrchr(program, '/');

	for (size_t i = 0; i < array_len(init_programs); i++)
		if (str_eq(program, init_programs[i]))
			return true;
	return str_eq(slash ? slash + 1 : program, "systemd");
}

static int plan_systemd(const struct create_args *args, struct container_config *config,
			bool docker, struct err *err)
{
	const char *mode = str_or(args->systemd, docker ? "false" : "true");

	if (!str_eq(mode, "true") && !str_eq(mode, "false") && !str_eq(mode, "always"))
		return err_set(err, -EINVAL, "--systemd: '%s' is not one of true, false, always",
			       mode);
	config->systemd = str_eq(mode, "always") || (str_eq(mode, "true") && is_systemd(config));
	return 0;
}

static int plan_init(const struct create_args *args, struct container_config *config,
		     struct err *err)
{
	struct stat st;
	const char *path = args->init_path;

	if (!path)
		return 0;
	if (!args->init)
		return err_set(err, -EINVAL, "--init-path says which init --init runs: give both");
	if (*path != '/')
		return err_set(err, -EINVAL, "--init-path: '%s' is no absolute path", path);
	if (stat(path, &st) < 0)
		return err_sys(err, -errno, "--init-path: cannot use '%s'", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return err_set(err, -EINVAL, "--init-path: '%s' is no program", path);
	config->init_path = str_dup(path);
	config->init = false; /* one of them is enough */
	return 0;
}

static int plan_size(const struct create_args *args, struct container_config *config,
		     struct err *err)
{
	uint64_t size;

	if (!args->systemd_size)
		return 0;
	if (str_size(args->systemd_size, &size) < 0 || size > INT64_MAX)
		return err_set(err, -EINVAL, "--shm-size-systemd: '%s' is no size (64m, 1g)",
			       args->systemd_size);
	config->systemd_size = (int64_t)size;
	return 0;
}

int initmode_plan(const struct create_args *args, struct container_config *config, bool chosen,
		  bool docker, struct err *err)
{
	int r = plan_systemd(args, config, docker, err);

	if (r == 0)
		r = plan_init(args, config, err);
	if (r == 0)
		r = plan_size(args, config, err);
	if (r == 0 && config->systemd && args->init)
		r = err_set(err, -EINVAL, "--init cannot be given where systemd is the init");
	if (r == 0 && config->systemd && !chosen)
		config->stop_signal = SIGRTMIN + 3;
	return r;
}
