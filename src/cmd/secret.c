/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secret - the group of secret commands
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/table.h"
#include "cmd/each.h"
#include "cmd/inspect.h"
#include "cmd/labels.h"
#include "engine/engine.h"
#include "engine/secretdriver.h"
#include "kern/host.h"
#include "store/secret.h"

enum { STATUS_ABSENT = 1 };

/* ---- create ---- */

struct secret_create_args {
	const char *driver;
	struct strv driver_options;
	bool env;
	bool replace;
	bool ignore;
	struct strv labels;
};

static const struct opt secret_create_opts[] = {
	OPT_WORDS('d', "driver", "DRIVER", struct secret_create_args, driver, "file shell",
		  "file: in the store, for the user alone; shell: with other programs"),
	OPT_MAP(0, "driver-opts", "KEY=COMMAND", struct secret_create_args, driver_options,
		"of shell: store=, lookup=, delete=, list=, each with SECRET_ID"),
	OPT_FLAG(0, "env", struct secret_create_args, env,
		 "the last word names a variable of the caller that holds it"),
	OPT_FLAG(0, "ignore", struct secret_create_args, ignore,
		 "a secret that is there already stays, and is no error"),
	OPT_LIST('l', "label", "KEY=VALUE", struct secret_create_args, labels, COMPLETE_NONE,
		 "label the secret"),
	OPT_FLAG(0, "replace", struct secret_create_args, replace,
		 "replace one of that name; containers keep what they have"),
	OPT_REFUSED(0, "template-driver",
		    "fill a template in before: envsubst < FILE | cubby "
		    "secret create NAME -"),
	OPT_END,
};

static int read_secret(struct app *app, const struct secret_create_args *args, const char *from,
		       char **out, size_t *out_size, struct err *err)
{
	int r;

	if (args->env) {
		const char *value = host_env(app->host, from);
		if (!value)
			return err_set(err, -ENOENT, "the variable '%s' is not set", from);
		*out = str_dup(value);
		*out_size = strlen(value);
		return 0;
	}
	if (str_eq(from, "-"))
		r = fd_read_all(STDIN_FILENO, SECRET_BYTES_MAX, out, out_size);
	else
		r = file_read(AT_FDCWD, from, SECRET_BYTES_MAX, out, out_size);
	if (r == -EFBIG)
		return err_set(err, r, "'%s' has more than %d bytes", from, SECRET_BYTES_MAX);
	return r < 0 ? err_sys(err, r, "cannot read '%s'", from) : 0;
}

static int check_create(const struct secret_create_args *args, const struct strv *words,
			struct err *err)
{
	if (args->replace && args->ignore)
		return err_set(err, -EINVAL, "--replace cannot be given with --ignore");
	if (words->count < 2) {
		err_set(err, -EINVAL,
			"where the secret comes from is missing: a file, or - for "
			"standard input");
		return err_hint(err, "cubby secret create %s -", words->items[0]);
	}
	return secret_check_name(words->items[0], err);
}

static void complete_labels(const struct strv *from, struct strv *to)
{
	for (size_t i = 0; i < from->count; i++) {
		AUTO(mem)
		char *label = strchr(from->items[i], '=') ? str_dup(from->items[i])
							  : str_fmt("%s=", from->items[i]);
		strv_env_set(to, label);
	}
}

static int secret_create_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct secret_create_args *args = data;
	AUTO(strv) struct strv labels = { 0 };
	AUTO(mem) char *bytes = NULL;
	AUTO(mem) char *id = NULL;
	size_t size = 0;

	int r = check_create(args, words, err);
	if (r == 0)
		r = read_secret(app, args, words->items[1], &bytes, &size, err);
	if (r < 0)
		return r;
	complete_labels(&args->labels, &labels);
	AUTO(secret) struct secret *secret = mem_new(struct secret);
	secret->name = str_dup(words->items[0]);
	strv_extend(&secret->labels, &labels);
	r = secretdriver_plan(args->driver, &args->driver_options, secret, err);
	if (r == 0)
		r = secretdriver_create(app->engine, secret, bytes, size, args->replace, &id, err);
	explicit_bzero(bytes, size);
	if (r == -EEXIST && args->ignore && id) {
		err_clear(err);
		r = 0;
	}
	if (r == 0)
		fprintf(app->out, "%s\n", id);
	return r;
}

/* ---- inspect ---- */

static int add_data(struct app *app, const struct secret *secret, cJSON *object, struct err *err)
{
	AUTO(mem) char *bytes = NULL;
	size_t size;
	int r = secretdriver_fetch(app->engine, secret, &bytes, &size, err);

	if (r < 0)
		return r;
	cJSON_AddStringToObject(object, "SecretData", bytes);
	explicit_bzero(bytes, size);
	return 0;
}

int inspect_load_secret(struct app *app, const struct inspect_args *args, const char *name,
			cJSON **out, struct err *err)
{
	AUTO(secret) struct secret *secret = NULL;
	int r = secret_find(app->engine->store, name, &secret, err);

	if (r < 0)
		return r;
	AUTO(json) cJSON *object = cJSON_CreateObject();
	AUTO(mem) char *created = clock_rfc3339(secret->created);
	AUTO(mem) char *updated = clock_rfc3339(secret->updated);
	cJSON_AddStringToObject(object, "ID", secret->id);
	cJSON_AddStringToObject(object, "CreatedAt", created);
	cJSON_AddStringToObject(object, "UpdatedAt", updated);
	cJSON *spec = cJSON_AddObjectToObject(object, "Spec");
	cJSON_AddStringToObject(spec, "Name", secret->name);
	cJSON *driver = cJSON_AddObjectToObject(spec, "Driver");
	cJSON_AddStringToObject(driver, "Name", str_or(secret->driver, "file"));
	cJSON_AddItemToObject(driver, "Options", labels_map(&secret->driver_options));
	cJSON_AddItemToObject(spec, "Labels", labels_map(&secret->labels));
	if (args->show_secret)
		r = add_data(app, secret, object, err);
	if (r < 0)
		return r;
	*out = take_ptr(object);
	return 0;
}

struct secret_inspect_args {
	struct inspect_args inspect; /* first: the documents' loaders get it */
	bool pretty;
};

static const struct opt secret_inspect_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct secret_inspect_args, inspect.format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_FLAG(0, "pretty", struct secret_inspect_args, pretty, "print lines for people"),
	OPT_FLAG(0, "showsecret", struct secret_inspect_args, inspect.show_secret,
		 "print the secret itself, too"),
	OPT_END,
};

static const char pretty_format[] = "ID:              {{.ID}}\n"
				    "Name:            {{.Spec.Name}}\n"
				    "Labels:\n"
				    "{{range $k, $v := .Spec.Labels}} - {{$k}}={{$v}}\n{{end}}"
				    "Driver:          {{.Spec.Driver.Name}}\n"
				    "Created at:      {{.CreatedAt}}\n"
				    "Updated at:      {{.UpdatedAt}}";

static const char pretty_secret_format[] = "\nSecret:          {{.SecretData}}";

static int secret_inspect_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	struct secret_inspect_args *args = data;
	AUTO(mem)
	char *pretty = str_fmt("%s%s", pretty_format,
			       args->inspect.show_secret ? pretty_secret_format : "");

	if (args->pretty && args->inspect.format)
		return err_set(err, -EINVAL, "--pretty cannot be given with --format");
	if (args->pretty)
		args->inspect.format = pretty;
	return inspect_print(app, &args->inspect, "secret", words, err);
}

static int secret_exists_run(struct app *app, unused_arg void *args, const struct strv *words,
			     struct err *err)
{
	AUTO(secret) struct secret *secret = NULL;
	int r = secret_find(app->engine->store, words->items[0], &secret, err);

	if (r != -ENOENT)
		return r;
	err_clear(err);
	return STATUS_ABSENT;
}

/* ---- ls ---- */

struct secret_ls_args {
	const char *format;
	bool quiet;
	bool no_heading;
	struct strv filters;
};

static const struct opt secret_ls_opts[] = {
	OPT_LIST('f', "filter", "KEY=VALUE", struct secret_ls_args, filters, COMPLETE_NONE,
		 "list only some: name, id, label, driver"),
	OPT_TEXT(0, "format", "FORMAT", struct secret_ls_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_FLAG('n', "noheading", struct secret_ls_args, no_heading, "print no headings"),
	OPT_FLAG('q', "quiet", struct secret_ls_args, quiet, "print only ids"),
	OPT_END,
};

static const char *const known_filters[] = { "name", "id", "label", "driver", NULL };

static bool has_name(const void *thing, const char *value)
{
	return strstr(((const struct secret *)thing)->name, value) != NULL;
}

static bool has_id(const void *thing, const char *value)
{
	return str_starts(((const struct secret *)thing)->id, value) != NULL;
}

static bool has_driver(const void *thing, const char *value)
{
	return str_eq(value, str_or(((const struct secret *)thing)->driver, "file"));
}

static bool matches(const struct strv *filters, const struct secret *secret)
{
	return filter_any(filters, "name", has_name, secret) &&
	       filter_any(filters, "id", has_id, secret) &&
	       filter_any(filters, "driver", has_driver, secret) &&
	       filter_all(filters, "label", filter_label, &secret->labels);
}

static const struct column columns[] = {
	{ "ID", "ID" },
	{ "Name", "NAME" },
	{ "Driver", "DRIVER" },
	{ "CreatedAt", "CREATED" },
	{ "UpdatedAt", "UPDATED" },
	{ "Labels", "LABELS" },
	{ "Label()", "" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "Label()" };

static const struct table_spec secret_table = {
	.columns = columns,
	.schema = &row_schema,
	.standard = "{{.ID}}\\t{{.Name}}\\t{{.Driver}}\\t{{.CreatedAt}}\\t{{.UpdatedAt}}",
};

static char *how_long_ago(int64_t ns)
{
	AUTO(mem) char *span = clock_human(max_of(clock_now() - ns, (int64_t)0));

	return str_fmt("%s ago", span);
}

static void add_row(cJSON *rows, const struct secret *secret)
{
	cJSON *row = cJSON_CreateObject();
	AUTO(mem) char *labels = str_join(&secret->labels, ",");
	AUTO(mem) char *created = how_long_ago(secret->created);
	AUTO(mem) char *updated = how_long_ago(secret->updated);

	cJSON_AddStringToObject(row, "ID", secret->id);
	cJSON_AddStringToObject(row, "Name", secret->name);
	cJSON_AddStringToObject(row, "Driver", str_or(secret->driver, "file"));
	cJSON_AddStringToObject(row, "CreatedAt", created);
	cJSON_AddStringToObject(row, "UpdatedAt", updated);
	cJSON_AddStringToObject(row, "Labels", labels);
	cJSON_AddItemToObject(row, "Label()", labels_map(&secret->labels));
	cJSON_AddItemToArray(rows, row);
}

static int secret_ls_run(struct app *app, void *data, unused_arg const struct strv *words,
			 struct err *err)
{
	const struct secret_ls_args *args = data;
	const struct table_style style = {
		.format = args->quiet ? "{{.ID}}" : args->format,
		.no_heading = args->no_heading,
	};
	AUTO(strv) struct strv names = { 0 };
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	int r = filter_check(&args->filters, known_filters, err);

	if (r == 0)
		r = secret_list(app->engine->store, &names, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(secret) struct secret *secret = NULL;
		AUTO(err) struct err one = { 0 };
		if (secret_load(app->engine->store, names.items[i], &secret, &one) < 0)
			app_warn(app, "%s", one.text);
		else if (matches(&args->filters, secret))
			add_row(rows, secret);
	}
	return table_print(&secret_table, &style, rows, app->out, err);
}

/* ---- rm ---- */

struct secret_rm_args {
	bool all;
	bool ignore;
};

static const struct opt secret_rm_opts[] = {
	OPT_FLAG('a', "all", struct secret_rm_args, all, "remove all secrets"),
	OPT_FLAG('i', "ignore", struct secret_rm_args, ignore, "an unknown secret is no error"),
	OPT_END,
};

/* A damaged one can still be named and removed. */
static int remove_one(struct app *app, const char *text, const void *data, struct err *err)
{
	const struct secret_rm_args *args = data;
	const struct store *store = app->engine->store;
	AUTO(secret) struct secret *secret = NULL;
	int r = secret_find(store, text, &secret, err);

	if (r == -EBADMSG) {
		err_clear(err);
		r = 0;
	}
	if (r >= 0)
		r = secret ? secretdriver_remove(app->engine, secret, err)
			   : secret_remove(store, text, err);
	if (r >= 0)
		fprintf(app->out, "%s\n", secret ? secret->id : text);
	if (r == -ENOENT && (args->ignore || args->all)) {
		err_clear(err);
		return 0;
	}
	return r;
}

static int secret_rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct secret_rm_args *args = data;
	AUTO(strv) struct strv names = { 0 };

	if (args->all == (words->count > 0))
		return err_set(err, -EINVAL, "name at least one secret, or give --all");
	strv_extend(&names, words);
	int r = args->all ? secret_list(app->engine->store, &names, err) : 0;
	return r < 0 ? r : each_word(app, NULL, &names, remove_one, args);
}

const struct command cmd_secret = {
	.name = "secret",
	.group = GROUP_MANAGE,
	.about = "manage secrets",
};

const struct command cmd_secret_create = {
	.name = "secret create",
	.group = GROUP_SECRET,
	.about = "keep a secret: from a file, from standard input, or from a variable",
	.args = "NAME [FILE|-]",
	.complete_rest = COMPLETE_FILE,
	.needs = NEED_STORE,
	.opts = secret_create_opts,
	.args_size = sizeof(struct secret_create_args),
	.examples = "cubby secret create db-password ./password.txt\n"
		    "pass show db | cubby secret create --replace db-password -\n"
		    "cubby run --secret db-password postgres:15 cat /run/secrets/db-password\n",
	.run = secret_create_run,
};

const struct command cmd_secret_ls = {
	.name = "secret ls",
	.group = GROUP_SECRET,
	.about = "list secrets",
	.needs = NEED_STORE,
	.opts = secret_ls_opts,
	.args_size = sizeof(struct secret_ls_args),
	.examples = "cubby secret ls --filter label=app=web\n",
	.run = secret_ls_run,
};

const struct command cmd_secret_inspect = {
	.name = "secret inspect",
	.group = GROUP_SECRET,
	.about = "show everything that is known of secrets, but not what they are",
	.args = "SECRET...",
	.complete = COMPLETE_SECRETS,
	.needs = NEED_STORE,
	.opts = secret_inspect_opts,
	.args_size = sizeof(struct secret_inspect_args),
	.examples = "cubby secret inspect --format '{{.Spec.Name}} {{.CreatedAt}}' db-password\n",
	.run = secret_inspect_run,
};

const struct command cmd_secret_exists = {
	.name = "secret exists",
	.group = GROUP_SECRET,
	.about = "say by the exit status whether a secret is there: 0 or 1",
	.args = "SECRET",
	.complete = COMPLETE_SECRETS,
	.needs = NEED_STORE,
	.run = secret_exists_run,
};

const struct command cmd_secret_rm = {
	.name = "secret rm",
	.group = GROUP_SECRET,
	.about = "remove one or more secrets",
	.text = "Containers that use them keep what they have.",
	.args = "[SECRET...]",
	.complete = COMPLETE_SECRETS,
	.needs = NEED_STORE,
	.opts = secret_rm_opts,
	.args_size = sizeof(struct secret_rm_args),
	.examples = "cubby secret rm db-password\n",
	.run = secret_rm_run,
};
