/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect - everything that is known of containers, images and volumes
 */
#include "cmd/inspect.h"

#include <errno.h>

#include "cli/json_text.h"
#include "cli/template.h"
#include "cmd/pick.h"
#include "engine/container.h"
#include "engine/image_platform.h"
#include "engine/images.h"
#include "store/images.h"

enum { INDENT = 4 };

/* What the documents of all kinds hold as maps, and what a document may lack. */
static const struct template_schema schema = {
	.maps = "Labels Annotations Ports Networks Volumes ExposedPorts Sysctls Tmpfs Options Data "
		"PortBindings DriverOpts StorageOpt CgroupConf LimitedBy labels Labels() options Options() "
		"ipam_options IPAMOptions() containers Containers Containers() interfaces "
		"Interfaces() AuxiliaryAddresses",
	.optional =
		"LeaseRange Metric Gateway Health Healthcheck SizeRw SizeRootFs History Parent Comment Author OnBuild Shell Variant",
};

static int load_container(struct app *app, const struct inspect_args *args, const char *name,
			  cJSON **out, struct err *err)
{
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, name, &id, err);

	return r < 0 ? r : container_inspect(app->engine, id, args->size, out, err);
}

static int load_image(struct app *app, unused_arg const struct inspect_args *args, const char *name,
		      cJSON **out, struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(app->engine->store, name, &image, err);

	return r < 0 ? r : image_inspect(app->engine, image, out, err);
}

typedef int inspect_load(struct app *app, const struct inspect_args *args, const char *name,
			 cJSON **out, struct err *err);

/* In the order in which a name without --type is looked for. */
static const struct {
	const char *type;
	inspect_load *load;
} kinds[] = {
	{ "container", load_container },   { "image", load_image },
	{ "volume", inspect_load_volume }, { "network", inspect_load_network },
	{ "secret", inspect_load_secret },
};

/* Scripts ask for .ID as well as for .Id. */
static void add_hidden(cJSON *document)
{
	const char *id = json_text(document, "Id");

	if (id)
		cJSON_AddStringToObject(document, "ID()", id);
}

static int find_any(struct app *app, const struct inspect_args *args, const char *type,
		    const char *name, cJSON **out, struct err *err)
{
	bool known = !type;

	for (size_t i = 0; i < array_len(kinds); i++) {
		if (type && !str_eq(type, kinds[i].type))
			continue;
		known = true;
		err_clear(err);
		int r = kinds[i].load(app, args, name, out, err);
		if (r >= 0)
			add_hidden(*out);
		if (r != -ENOENT)
			return r;
	}
	if (!known)
		return err_set(err, -EINVAL, "unknown type '%s'", type);
	if (type)
		return err->code;
	return err_set(err, -ENOENT, "no such object: '%s'", name);
}

static int print_through(struct app *app, const char *format, const cJSON *documents,
			 struct err *err)
{
	AUTO(template) struct template *template = NULL;
	const cJSON *document;
	int r = template_parse(format, 0, &template, err);

	if (r < 0)
		return r;
	cJSON_ArrayForEach(document, documents)
	{
		r = template_print(template, document, &schema, app->out, err);
		if (r < 0)
			return r;
		fputc('\n', app->out);
	}
	return 0;
}

static int print(struct app *app, const struct inspect_args *args, cJSON *documents,
		 struct err *err)
{
	bool list = !args->format || (str_eq(args->format, "json") && !app_docker(app));

	if (!list)
		return print_through(app, args->format, documents, err);
	json_text_print(documents, INDENT, app->out);
	return 0;
}

int inspect_print(struct app *app, const struct inspect_args *args, const char *type,
		  const struct strv *names, struct err *err)
{
	AUTO(json) cJSON *documents = cJSON_CreateArray();
	AUTO(strv) struct strv failures = { 0 };
	int status = 0;

	for (size_t i = 0; i < names->count; i++) {
		AUTO(err) struct err one = { 0 };
		cJSON *document = NULL;
		int r = find_any(app, args, type, names->items[i], &document, &one);
		if (r >= 0) {
			cJSON_AddItemToArray(documents, document);
			continue;
		}
		status = exit_status(NULL, app->flavour, r);
		strv_add(&failures, one.text);
	}
	int r = print(app, args, documents, err);
	for (size_t i = 0; i < failures.count; i++) {
		AUTO(err) struct err one = { 0 };
		err_set(&one, -ENOENT, "%s", failures.items[i]);
		app_error(app, &one);
	}
	return r < 0 ? r : status;
}

#define FORMAT_OPTION                                                                              \
	OPT_TEXT('f', "format", "FORMAT", struct inspect_args, format, COMPLETE_NONE,              \
		 "print through a Go template, or json")
#define SIZE_OPTION OPT_FLAG('s', "size", struct inspect_args, size, "add the sizes of containers")
#define LATEST_OPTION                                                                              \
	OPT_FLAG('l', "latest", struct inspect_args, latest, "the container made last")

static const struct opt inspect_opts[] = {
	FORMAT_OPTION,
	SIZE_OPTION,
	OPT_WORDS('t', "type", "TYPE", struct inspect_args, type,
		  "container image volume network all",
		  "look only for this kind: container, image, volume, network; all is the default"),
	LATEST_OPTION,
	OPT_END,
};

static const struct opt container_opts[] = {
	FORMAT_OPTION,
	SIZE_OPTION,
	LATEST_OPTION,
	OPT_END,
};

static int inspect_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct inspect_args *args = data;
	const char *type = str_eq(args->type, "all") ? NULL : args->type;
	AUTO(strv) struct strv names = { 0 };

	if (args->latest && type && !str_eq(type, "container"))
		return err_set(err, -EINVAL, "--latest is of containers, not of type '%s'", type);
	int r = pick_words(app, args->latest, words, 1, &names, err);
	return r < 0 ? r : inspect_print(app, args, args->latest ? "container" : type, &names, err);
}

static int container_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct inspect_args *args = data;
	AUTO(strv) struct strv names = { 0 };
	int r = pick_words(app, args->latest, words, 1, &names, err);

	return r < 0 ? r : inspect_print(app, args, "container", &names, err);
}

const struct command cmd_inspect = {
	.name = "inspect",
	.group = GROUP_CONTAINER,
	.about = "show everything that is known of containers, images and volumes",
	.args = "[NAME...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby inspect web --format '{{.State.Status}} (PID {{.State.Pid}})'\n"
		    "cubby inspect --type image nginx\n",
	.run = inspect_run,
};

const struct command cmd_container_inspect = {
	.name = "container inspect",
	.group = GROUP_CONTAINER,
	.about = "show everything that is known of containers",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = container_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby container inspect web\n",
	.run = container_run,
};

static const struct opt image_opts[] = {
	FORMAT_OPTION,
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", struct inspect_args, platform, COMPLETE_NONE,
		 "of a list the image for this platform; fail for an image that is for another"),
	OPT_END,
};

static int image_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct inspect_args *args = data;
	AUTO(strv) struct strv ids = { 0 };

	/* What is not there is told in its turn. */
	for (size_t i = 0; args->platform && i < words->count; i++) {
		AUTO(image) struct image *image = NULL;
		int r = image_find_for_platform(app->engine, words->items[i], args->platform,
						&image, err);
		if (r < 0 && image_find_any(app->engine->store, words->items[i], &image, NULL) == 0)
			return r;
		strv_add(&ids, r < 0 ? words->items[i] : image->id);
		err_clear(err);
	}
	return inspect_print(app, data, "image", args->platform ? &ids : words, err);
}

const struct command cmd_image_inspect = {
	.name = "image inspect",
	.group = GROUP_IMAGE,
	.about = "show everything that is known of images",
	.args = "IMAGE...",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = image_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby image inspect nginx --format '{{.Config.Env}}'\n",
	.run = image_run,
};
