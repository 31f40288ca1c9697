/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * login - give a name and a password for a registry, and keep them
 */
#include "engine/login.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "engine/engine.h"
#include "engine/secretdriver.h"
#include "ready.h"
#include "store/secret.h"

enum { PASSWORD_MAX = 64 << 10, STATUS_INTERRUPTED = 130 };

struct login_args {
	const char *authfile;
	const char *compat;
	const char *cert_dir;
	const char *user;
	const char *password;
	const char *secret;
	bool get_login;
	bool from_stdin;
	bool verbose;
	enum tri tls_verify;
};

#define A struct login_args
static const struct opt login_opts[] = {
	OPT_TEXT(0, "authfile", "FILE", A, authfile, COMPLETE_FILE,
		 "the file to keep them in, instead of podman's"),
	OPT_TEXT(0, "cert-dir", "DIR", A, cert_dir, COMPLETE_DIR,
		 "folder with the registry's CA (*.crt) and your certificate (*.cert, *.key)"),
	OPT_TEXT(0, "compat-auth-file", "FILE", A, compat, COMPLETE_FILE,
		 "the file to keep them in, in docker's form (config.json)"),
	OPT_FLAG(0, "get-login", A, get_login,
		 "print the name that is kept, and log in to nothing"),
	OPT_TEXT('p', "password", "PASSWORD", A, password, COMPLETE_NONE,
		 "the password; others on this machine can read it: see --password-stdin"),
	OPT_FLAG(0, "password-stdin", A, from_stdin, "read the password from standard input"),
	OPT_TEXT(0, "secret", "SECRET", A, secret, COMPLETE_SECRETS,
		 "a secret of cubby's that holds the password; its name is the name without -u"),
	OPT_TRI(0, "tls-verify", A, tls_verify,
		"check certificates; with =false plain HTTP is tried too"),
	OPT_TEXT('u', "username", "NAME", A, user, COMPLETE_NONE, "the name"),
	OPT_FLAG('v', "verbose", A, verbose, "say where they are kept"),
	OPT_END,
};
#undef A

static int check_args(const struct login_args *args, struct err *err)
{
	if (args->authfile && args->compat)
		return err_set(err, -EINVAL, "--authfile cannot be given with --compat-auth-file");
	if (!!args->password + args->from_stdin + !!args->secret > 1)
		return err_set(
			err, -EINVAL,
			"only one of --password, --password-stdin and --secret can be given");
	if (args->from_stdin && str_empty(args->user))
		return err_set(err, -EINVAL, "must provide --username with --password-stdin");
	if (args->user && strchr(args->user, ':'))
		return err_set(err, -EINVAL, "a name for a registry cannot hold ':'");
	return 0;
}

/* ---- the password ----------------------------------------------------------------------------- */

static int read_stdin(char **out, struct err *err)
{
	char *text = NULL;
	size_t n = 0;

	int r = fd_read_all(STDIN_FILENO, PASSWORD_MAX, &text, &n);
	if (r < 0)
		return err_sys(err, r, "cannot read the password from standard input");
	if (n && text[n - 1] == '\n')
		text[--n] = 0;
	if (n && text[n - 1] == '\r')
		text[--n] = 0;
	*out = text;
	return n && strlen(text) == n ? 0
				      : err_set(err, -EINVAL, "standard input holds no password");
}

static int read_secret(struct app *app, const char *name, char **out, struct err *err)
{
	AUTO(secret) struct secret *secret = NULL;
	size_t size = 0;

	int r = app_ready(app, NEED_STORE, err);
	if (r == 0)
		r = secret_find(app->engine->store, name, &secret, err);
	if (r == 0)
		r = secretdriver_fetch(app->engine, secret, out, &size, err);
	if (r == 0 && size && (*out)[size - 1] == '\n')
		(*out)[size - 1] = 0;
	return r;
}

static int tell_no_answer(int code, struct err *err)
{
	if (code == -EINTR)
		return err_set(err, code, "interrupted");
	if (code != -ENOTTY)
		return err_sys(err, code, "cannot read from the terminal");
	(void)err_set(err, code, "there is no terminal to ask for a name and a password at");
	return err_hint(err, "give --username NAME --password-stdin < FILE");
}

static int ask_user(struct app *app, const char *known, char **out, struct err *err)
{
	AUTO(mem)
	char *question = known ? str_fmt("Username (%s): ", known) : str_dup("Username: ");
	AUTO(mem) char *typed = NULL;

	int r = ask_line(question, STDIN_FILENO, app->out, false, &typed);
	if (r < 0)
		return tell_no_answer(r, err);
	char *name = str_trim(typed);
	*out = str_dup(*name || !known ? name : known);
	if (!**out || strchr(*out, ':'))
		return err_set(err, -EINVAL, "'%s' is no name for a registry", *out);
	return 0;
}

/* What was given, and what was not is asked for. @known: the name that is kept, or NULL. */
static int collect(struct app *app, const struct login_args *args, const char *known,
		   struct credentials *out, struct err *err)
{
	int r = 0;

	if (args->from_stdin)
		r = read_stdin(&out->password, err);
	else if (args->secret)
		r = read_secret(app, args->secret, &out->password, err);
	else if (args->password)
		out->password = str_dup(args->password);
	if (r < 0)
		return r;
	const char *user = str_empty(args->user) ? args->secret : args->user;
	if (user)
		out->user = str_dup(user);
	else
		r = ask_user(app, known, &out->user, err);
	if (r == 0 && !out->password) {
		r = ask_line("Password: ", STDIN_FILENO, app->out, true, &out->password);
		if (r < 0)
			return tell_no_answer(r, err);
	}
	return r;
}

/* ---- logging in ------------------------------------------------------------------------------- */

static int tell_refusal(const char *key, int code, struct err *err)
{
	if (code != -ENOKEY)
		return err_wrap(err, "cannot log in to '%s'", key);
	/* The words by which scripts know it. */
	err_clear(err);
	return err_set(err, code, "logging into '%s': invalid username/password", key);
}

static int print_login(struct app *app, const struct login *login, const char *key, struct err *err)
{
	AUTO(credentials) struct credentials c = { 0 };
	int r = login_find(login, key, &c, err);

	if (r == -ENOENT || (r == 0 && !c.user)) {
		err_clear(err);
		return err_set(err, -ENOENT, "not logged into %s", key);
	}
	if (r == 0)
		fprintf(app->out, "%s\n", c.user);
	return r;
}

/* Return: 1 when what is kept lets us in, 0 when more is needed, or a negative errno. */
static int try_known(struct app *app, const struct login *login, const char *key,
		     const struct credentials *known, struct err *err)
{
	if (known->identity_token)
		return err_set(
			err, -EEXIST,
			"an identity token is kept for '%s'; to log in by name: %s logout %s", key,
			app->name, key);
	if (!known->user)
		return 0;
	fprintf(app->out, "Authenticating with existing credentials for %s\n", key);
	int r = login_try(login, key, known, err);
	if (r == 0) {
		fprintf(app->out, "Existing credentials are valid. Already logged in to %.*s\n",
			(int)strcspn(key, "/"), key);
		return 1;
	}
	err_clear(err);
	fprintf(app->out,
		"Existing credentials are invalid, please enter valid username and password\n");
	return 0;
}

static void warn_plain(struct app *app, const struct login_args *args, const char *where)
{
	if (args->verbose)
		fprintf(app->out, "Used:  %s\n", where);
	if (app_docker(app) && !str_starts(where, "docker-credential-"))
		app_warn(app, "the password is kept unencrypted in '%s'; credsStore names a helper",
			 where);
}

static int log_in(struct app *app, const struct login_args *args, const struct login *login,
		  const char *key, struct err *err)
{
	AUTO(credentials) struct credentials known = { 0 }, given = { 0 };
	AUTO(mem) char *where = NULL;
	bool bare = str_empty(args->user) && !args->password && !args->secret;
	int r = bare ? login_find(login, key, &known, err) : 0;

	if (r == -ENOENT) {
		err_clear(err);
		r = 0;
	}
	if (r == 0 && bare)
		r = try_known(app, login, key, &known, err);
	if (r != 0)
		return min_of(r, 0);
	r = collect(app, args, known.user, &given, err);
	if (r < 0)
		return r;
	r = login_try(login, key, &given, err);
	if (r < 0)
		return tell_refusal(key, r, err);
	r = login_keep(login, key, &given, &where, err);
	if (r < 0)
		return r;
	warn_plain(app, args, where);
	fputs(app_docker(app) ? "Login Succeeded\n" : "Login Succeeded!\n", app->out);
	return 0;
}

static int login_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct login_args *args = data;
	const struct login login = {
		.host = app->host,
		.docker = app_docker(app),
		.access = { .tls_verify = (int)args->tls_verify - (int)TRI_NO,
			    .authfile = args->authfile,
			    .authfile_new = true,
			    .cert_dir = args->cert_dir,
			    .retries = -1 },
		.compat = args->compat,
	};
	AUTO(mem) char *key = NULL;

	int r = check_args(args, err);
	if (r == 0)
		r = login_key(&login, words->count ? words->items[0] : NULL, &key, err);
	if (r < 0)
		return r;
	if (args->password)
		app_warn(app, "others can read a password on the command line; use "
			      "--password-stdin");
	return args->get_login ? print_login(app, &login, key, err)
			       : log_in(app, args, &login, key, err);
}

static const struct exit_rule login_exits[] = {
	{ -EINTR, STATUS_INTERRUPTED, STATUS_INTERRUPTED },
	{ 0, 1, 125 },
};

const struct command cmd_login = {
	.name = "login",
	.group = GROUP_IMAGE,
	.about = "log in to a registry",
	.text = "The name and the password are tried, then kept: in podman's auth.json, through a link "
		"named docker in docker's config.json, or with a credential helper that one of "
		"them names. Without a registry the first search registry of registries.conf is "
		"meant, else docker.io.",
	.args = "[REGISTRY]",
	.needs = NEED_HOST,
	.opts = login_opts,
	.args_size = sizeof(struct login_args),
	.examples = "cubby login docker.io\n"
		    "pass show quay | cubby login -u me --password-stdin quay.io/group\n"
		    "cubby login --get-login quay.io\n",
	.exits = login_exits,
	.run = login_run,
};
