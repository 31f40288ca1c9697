/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_inputs - the options of a build that let steps see more than its context
 *
 * Source: docker's and podman's manuals of build; what a secret is that names neither file nor variable: BuildKit.
 */
#include "cmd/build_inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "build/csv.h"
#include "build/gitsource.h"
#include "engine/download.h"

enum { SECRET_MAX = 500 << 10 }; /* bytes */

#define A struct build_inputs_args
const struct opt build_inputs_opts[] = {
	OPT_LIST(0, "secret", "id=ID[,src=FILE|,env=VARIABLE]", A, secrets, COMPLETE_NONE,
		 "let RUN --mount=type=secret see a file or a variable; no layer has it"),
	OPT_LIST(0, "ssh", "ID[=SOCKET]", A, ssh, COMPLETE_NONE,
		 "let RUN --mount=type=ssh ask an agent: default is the one of SSH_AUTH_SOCK"),
	OPT_LIST(
		0, "build-context", "NAME=DIR|IMAGE|ADDRESS", A, contexts, COMPLETE_NONE,
		"what FROM, COPY --from and mounts mean by NAME: a folder, docker-image://IMAGE, "
		"container-image://IMAGE, oci-layout://DIR, or a tar or a git repository at an address"),
	OPT_LIST(0, "allow", "RIGHT", A, allow, COMPLETE_NONE,
		 "let RUN have it: security.insecure (all rights in the container), network.host"),
	OPT_END,
};
#undef A

/* ---- secrets ---------------------------------------------------------------------------------- */

/* A --secret, in parts of its text. */
struct secret_words {
	const char *id, *file, *env;
	bool is_env; /* type=env: src is a variable */
	bool is_file;
};

static int wrong(const char *option, const char *text, const char *why, struct err *err)
{
	return err_set(err, -EINVAL, "--%s=%s: %s", option, text, why);
}

static int read_word(const char *text, char *word, struct secret_words *out, struct err *err)
{
	char *value = strchr(word, '=');

	if (!value)
		return wrong("secret", text, "each part is NAME=VALUE", err);
	*value++ = 0;
	if (str_eq(word, "id"))
		out->id = value;
	else if (str_eq(word, "src") || str_eq(word, "source"))
		out->file = value;
	else if (str_eq(word, "env"))
		out->env = value;
	else if (!str_eq(word, "type"))
		return wrong("secret", text, "its parts are id, src, env and type", err);
	else if (str_eq(value, "env"))
		out->is_env = true;
	else if (str_eq(value, "file"))
		out->is_file = true;
	else
		return wrong("secret", text, "a type is file or env", err);
	return 0;
}

/* What is not said is found as docker does: the variable of that name, else the file. */
static void complete(const struct app *app, struct secret_words *w)
{
	if (w->is_env && !w->env) {
		w->env = str_or(w->file, w->id);
		w->file = NULL;
	}
	if (w->env || w->file)
		return;
	if (!w->is_file && host_env(app->host, w->id))
		w->env = w->id;
	else
		w->file = w->id;
}

static int read_bytes(const struct app *app, const struct secret_words *w, char **out, size_t *size,
		      struct err *err)
{
	const char *value = w->env ? host_env(app->host, w->env) : NULL;

	if (w->env && !value)
		return err_set(err, -ENOENT, "the variable '%s' of the secret '%s' is not set",
			       w->env, w->id);
	if (value) {
		*out = str_dup(value);
		*size = strlen(value);
		return 0;
	}
	const int r = file_read(AT_FDCWD, w->file, SECRET_MAX, out, size);
	if (r == -EFBIG)
		return err_set(err, r, "the secret '%s' has more than %d bytes", w->id, SECRET_MAX);
	return r < 0 ? err_sys(err, r, "cannot read the secret '%s' from '%s'", w->id, w->file) : 0;
}

static int read_secret(const struct app *app, const char *text, struct build_secrets *out,
		       struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	struct secret_words w = { 0 };
	char *bytes = NULL;
	size_t size = 0;
	int r = 0;

	csv_split(text, &words);
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = read_word(text, words.items[i], &w, err);
	if (r == 0 && str_empty(w.id))
		r = wrong("secret", text, "it has no id", err);
	if (r == 0 && w.env && (w.file || w.is_file))
		r = wrong("secret", text, "it is a file or a variable, not both", err);
	if (r < 0)
		return r;
	complete(app, &w);
	r = read_bytes(app, &w, &bytes, &size, err);
	if (r == 0)
		*vec_push(out) = (struct build_secret){ str_dup(w.id), bytes, size };
	return r;
}

/* ---- agents ----------------------------------------------------------------------------------- */

static int read_agent(const struct app *app, const char *text, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	const char *equals = strchr(text, '=');
	AUTO(mem) char *id = str_ndup(text, strcspn(text, "="));
	const char *path = equals ? equals + 1 : host_env(app->host, "SSH_AUTH_SOCK");
	struct stat st;

	if (!*id)
		return wrong("ssh", text, "it has no id", err);
	if (str_empty(path)) {
		(void)err_set(err, -ENOENT, "there is no agent for '%s': SSH_AUTH_SOCK is not set",
			      id);
		return err_hint(err, "eval \"$(ssh-agent)\" && ssh-add");
	}
	csv_split(path, &words);
	if (stat(words.items[0], &st) < 0)
		return err_sys(err, -errno, "cannot use the agent '%s'", words.items[0]);
	if (words.count > 1 || !S_ISSOCK(st.st_mode)) {
		(void)err_set(err, -EOPNOTSUPP, "'%s' is no socket: keys come from an agent",
			      words.items[0]);
		return err_hint(err, "eval \"$(ssh-agent)\" && ssh-add %s, then --ssh %s",
				words.items[0], id);
	}
	AUTO(mem) char *real = realpath(words.items[0], NULL);
	if (!real)
		return err_sys(err, -errno, "cannot use the agent '%s'", words.items[0]);
	strv_addf(out, "%s=%s", id, real);
	return 0;
}

/* ---- contexts --------------------------------------------------------------------------------- */

static char *image_of(const char *value)
{
	static const struct {
		const char *prefix, *transport;
	} kinds[] = {
		{ "docker-image://", "" },    { "container-image://", "" },
		{ "docker://", "docker://" }, { "oci-layout://", "oci:" },
		{ "oci:", "oci:" },
	};

	for (size_t i = 0; i < array_len(kinds); i++) {
		const char *rest = str_starts(value, kinds[i].prefix);
		if (rest)
			return str_fmt("%s%s", kinds[i].transport, rest);
	}
	return NULL;
}

static bool is_address(const char *value)
{
	AUTO(gitsource) struct gitsource git = { 0 };

	return gitsource_parse(value, &git) || download_is(value);
}

static int read_context(const char *text, struct build_contexts *out, struct err *err)
{
	const char *equals = strchr(text, '=');
	AUTO(mem) char *name = str_ndup(text, strcspn(text, "="));

	if (!equals || !*name || !equals[1])
		return wrong("build-context", text, "it is NAME=VALUE", err);
	AUTO(mem) char *image = image_of(equals + 1);
	AUTO(mem) char *folder = image ? NULL : realpath(equals + 1, NULL);
	const int missing = errno;
	/* A folder of such a name is one. */
	AUTO(mem)
	char *address = !image && !folder && is_address(equals + 1) ? str_dup(equals + 1) : NULL;
	struct stat st;
	if (!image && !address && (!folder || stat(folder, &st) < 0))
		return err_sys(err, folder ? -errno : -missing, "cannot use the build context '%s'",
			       text);
	if (folder && !S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "the build context '%s' is no folder", text);
	strv_add(&out->names, name);
	*vec_push(out) = (struct build_context){ .name = take_ptr(name),
						 .folder = take_ptr(folder),
						 .image = take_ptr(image),
						 .address = take_ptr(address) };
	return 0;
}

/* ---- all -------------------------------------------------------------------------------------- */

static int read_right(const char *text, struct build_options *out, struct err *err)
{
	if (str_eq(text, "security.insecure"))
		out->allow_insecure = true;
	else if (!str_eq(text, "network.host")) /* which needs no leave here: it gives no rights */
		return wrong("allow", text, "a right is security.insecure or network.host", err);
	return 0;
}

int build_inputs_read(const struct app *app, const struct build_inputs_args *args,
		      struct build_options *out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < args->secrets.count; i++)
		r = read_secret(app, args->secrets.items[i], &out->secrets, err);
	for (size_t i = 0; r == 0 && i < args->ssh.count; i++)
		r = read_agent(app, args->ssh.items[i], &out->ssh, err);
	for (size_t i = 0; r == 0 && i < args->contexts.count; i++)
		r = read_context(args->contexts.items[i], &out->contexts, err);
	for (size_t i = 0; r == 0 && i < args->allow.count; i++)
		r = read_right(args->allow.items[i], out, err);
	return r;
}

void build_inputs_clear(struct build_options *options)
{
	for (size_t i = 0; i < options->secrets.count; i++) {
		struct build_secret *secret = &options->secrets.items[i];
		explicit_bzero(secret->bytes, secret->size);
		free(secret->bytes);
		free(secret->id);
	}
	for (size_t i = 0; i < options->contexts.count; i++) {
		free(options->contexts.items[i].name);
		free(options->contexts.items[i].folder);
		free(options->contexts.items[i].image);
		free(options->contexts.items[i].address);
	}
	free(options->secrets.items);
	free(options->contexts.items);
	strv_clear(&options->contexts.names);
	strv_clear(&options->ssh);
	options->secrets = (struct build_secrets){ 0 };
	options->contexts = (struct build_contexts){ 0 };
}
