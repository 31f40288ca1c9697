/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * login - names and passwords for registries: try, keep, find, forget
 */
#include "engine/login.h"

#include <errno.h>

#include "base/loop.h"
#include "oci/reference.h"
#include "oci/registries_conf.h"
#include "remote/authstore.h"
#include "remote/client.h"
#include "remote/credhelper.h"

#define DOCKER_DOMAIN "docker.io"
#define OWN_FILES "containers-auth.json"

/* ---- which registry --------------------------------------------------------------------------- */

static int load_conf(const struct login *login, struct registries_conf *out, struct err *err)
{
	AUTO(remote_settings) struct remote_settings settings = { 0 };

	const int r = registry_settings(login->host, login->docker, &login->access, &settings, err);
	return r < 0 ? r : registries_conf_load(out, &settings.registries_conf, err);
}

static int default_key(const struct login *login, char **out, struct err *err)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	int r = login->docker ? 0 : load_conf(login, &conf, err);

	if (r < 0)
		return r;
	*out = str_dup(conf.search.count ? conf.search.items[0] : DOCKER_DOMAIN);
	return 0;
}

int login_key(const struct login *login, const char *typed, char **out, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!typed)
		return default_key(login, out, err);
	const char *rest = str_starts(typed, "https://");
	if (!rest)
		rest = str_starts(typed, "http://");
	AUTO(mem) char *name = str_dup(rest ? rest : typed);
	/* The path of a URL is no repository; docker knows no repositories here. */
	if (rest || login->docker)
		name[strcspn(name, "/")] = 0;
	size_t n = strlen(name);
	if (n && name[n - 1] == '/')
		name[n - 1] = 0;
	AUTO(mem) char *inside = str_fmt("%s/x", name);
	if (!*name || reference_parse(inside, &ref, NULL) < 0 || ref.short_name) {
		(void)err_set(err, -EINVAL, "'%s' is no registry", typed);
		return err_hint(err, "a registry is a host, as in quay.io or localhost:5000");
	}
	const char *slash = strchr(name, '/');
	const bool hub = str_eq(ref.domain, "registry-1.docker.io");
	*out = str_fmt("%s%s", hub ? DOCKER_DOMAIN : ref.domain, slash ? slash : "");
	return 0;
}

/* ---- asking the registry ---------------------------------------------------------------------- */

struct trial {
	struct loop *loop;
	struct err *err;
};

static void on_end(void *data, const struct remote_answer *answer, struct err *err)
{
	struct trial *trial = data;

	loop_stop(trial->loop, answer ? 0 : err_move(trial->err, err));
}

int login_try(const struct login *login, const char *key, const struct credentials *credentials,
	      struct err *err)
{
	AUTO(remote_settings) struct remote_settings settings = { 0 };
	AUTO(loop) struct loop *loop = NULL;
	AUTO(remote) struct remote *remote = NULL;
	AUTO(mem) char *domain = str_ndup(key, strcspn(key, "/"));

	int r = registry_settings(login->host, login->docker, &login->access, &settings, err);
	if (r < 0)
		return r;
	settings.credentials =
		str_fmt("%s:%s", credentials->user, str_or(credentials->password, ""));
	r = loop_new(&loop);
	if (r < 0)
		return err_sys(err, r, "cannot wait for the registry");
	r = remote_open(login->host, &settings, loop, &remote, err);
	if (r < 0)
		return r;
	struct trial trial = { .loop = loop, .err = err };
	const struct remote_manifest_request request = { .domain = domain,
							 .done = on_end,
							 .data = &trial };
	r = remote_check(remote, &request, NULL, err);
	return r < 0 ? r : loop_run(loop);
}

/* ---- what is kept ----------------------------------------------------------------------------- */

static int find_in_files(const struct login *login, const char *key, struct credentials *out,
			 struct err *err)
{
	AUTO(remote_settings) struct remote_settings settings = { 0 };
	AUTO(strv) struct strv files = { 0 };

	const int r = registry_settings(login->host, login->docker, &login->access, &settings, err);
	if (r < 0)
		return r;
	if (login->compat)
		strv_add(&files, login->compat);
	return authstore_find(login->compat ? &files : &settings.auth_files, login->host, key, out,
			      err);
}

/* Who is asked, in order: the files alone unless registries.conf says otherwise. */
static int find_order(const struct login *login, struct strv *out, struct err *err)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	bool named = login->compat || login->access.authfile || login->docker;
	int r = named ? 0 : load_conf(login, &conf, err);

	if (r < 0)
		return r;
	strv_extend(out, &conf.helpers);
	if (!out->count)
		strv_add(out, OWN_FILES);
	return 0;
}

int login_find(const struct login *login, const char *key, struct credentials *out, struct err *err)
{
	AUTO(strv) struct strv order = { 0 };
	int r = find_order(login, &order, err);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; r == -ENOENT && i < order.count; i++) {
		err_clear(err);
		r = str_eq(order.items[i], OWN_FILES)
			    ? find_in_files(login, key, out, err)
			    : credhelper_get(login->host, order.items[i], key, out, err);
	}
	return r;
}

int login_keep(const struct login *login, const char *key, const struct credentials *credentials,
	       char **out_where, struct err *err)
{
	AUTO(strv) struct strv order = { 0 };
	AUTO(authstore) struct authstore store = { 0 };
	int r = find_order(login, &order, err);

	if (r < 0)
		return r;
	if (!str_eq(order.items[0], OWN_FILES)) {
		r = credhelper_store(login->host, order.items[0], key, credentials, err);
		if (r == 0)
			*out_where = str_fmt("docker-credential-%s", order.items[0]);
		return r;
	}
	authstore_place(login->host, login->access.authfile, login->compat, login->docker, &store);
	return authstore_set(&store, login->host, key, credentials, out_where, err);
}

static int forget_in(const struct login *login, const char *helper, const char *key,
		     struct err *err)
{
	AUTO(authstore) struct authstore store = { 0 };
	AUTO(strv) struct strv keys = { 0 };
	int r = 0;

	if (str_eq(helper, OWN_FILES)) {
		authstore_place(login->host, login->access.authfile, login->compat, login->docker,
				&store);
		return key ? authstore_unset(&store, login->host, key, err)
			   : authstore_unset_all(&store, login->host, err);
	}
	if (key)
		return credhelper_erase(login->host, helper, key, err);
	r = credhelper_list(login->host, helper, &keys, err);
	for (size_t i = 0; r == 0 && i < keys.count; i++)
		r = credhelper_erase(login->host, helper, keys.items[i], err);
	return r;
}

int login_forget(const struct login *login, const char *key, struct err *err)
{
	AUTO(strv) struct strv order = { 0 };
	bool found = false;
	int r = find_order(login, &order, err);

	/* What one of them had must not come to light in the next one. */
	for (size_t i = 0; (r == 0 || r == -ENOENT) && i < order.count; i++) {
		err_clear(err);
		r = forget_in(login, order.items[i], key, err);
		found = found || r == 0;
	}
	if (r == -ENOENT && found) {
		err_clear(err);
		r = 0;
	}
	return r;
}
