/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logout - forget the name and the password for a registry
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/login.h"

struct logout_args {
	const char *authfile;
	const char *compat;
	bool all;
};

static const struct opt logout_opts[] = {
	OPT_FLAG('a', "all", struct logout_args, all, "forget all registries"),
	OPT_TEXT(0, "authfile", "FILE", struct logout_args, authfile, COMPLETE_FILE,
		 "the file that keeps them, instead of podman's"),
	OPT_TEXT(0, "compat-auth-file", "FILE", struct logout_args, compat, COMPLETE_FILE,
		 "the file that keeps them, in docker's form (config.json)"),
	OPT_END,
};

/* Another tool's file may still have it: that is told, not changed. */
static int not_kept(struct app *app, const struct login *login, const char *key, struct err *err)
{
	AUTO(credentials) struct credentials other = { 0 };

	err_clear(err);
	int r = login_find(login, key, &other, err);
	err_clear(err);
	if (app_docker(app)) {
		fprintf(app->out, "Not logged in to %s\n", key);
		return 0;
	}
	if (r < 0)
		return err_set(err, -ENOENT, "not logged into %s", key);
	fprintf(app->out,
		"Not logged into %s with current tool. Existing credentials were established via "
		"docker login. Please use docker logout instead.\n",
		key);
	return 0;
}

static int forget(struct app *app, const struct login *login, const char *typed, struct err *err)
{
	AUTO(mem) char *key = NULL;

	int r = login_key(login, typed, &key, err);
	if (r == 0)
		r = login_forget(login, key, err);
	if (r == -ENOENT)
		return not_kept(app, login, key, err);
	if (r == 0)
		fprintf(app->out,
			app_docker(app) ? "Removing login credentials for %s\n"
					: "Removed login credentials for %s\n",
			key);
	return r;
}

static int logout_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct logout_args *args = data;
	const struct login login = {
		.host = app->host,
		.docker = app_docker(app),
		.access = { .tls_verify = -1, .retries = -1, .authfile = args->authfile },
		.compat = args->compat,
	};

	if (args->authfile && args->compat)
		return err_set(err, -EINVAL, "--authfile cannot be given with --compat-auth-file");
	if (args->all && words->count)
		return err_set(err, -EINVAL, "--all takes no registry");
	if (args->authfile) {
		const int r = registry_check_authfile(app->host, args->authfile, err);
		if (r < 0)
			return r;
	}
	if (!args->all)
		return forget(app, &login, words->count ? words->items[0] : NULL, err);
	int r = login_forget(&login, NULL, err);
	if (r == 0)
		fputs("Removed login credentials for all registries\n", app->out);
	return r;
}

const struct command cmd_logout = {
	.name = "logout",
	.group = GROUP_IMAGE,
	.about = "log out of a registry: forget the name and the password",
	.args = "[REGISTRY]",
	.needs = NEED_HOST,
	.opts = logout_opts,
	.args_size = sizeof(struct logout_args),
	.examples = "cubby logout quay.io\ncubby logout --all\n",
	.run = logout_run,
};
