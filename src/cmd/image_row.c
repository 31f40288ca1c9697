/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_row - an image as a row of images
 */
#include "cmd/image_row.h"

#include "base/clock.h"
#include "oci/reference.h"
#include "store/container.h"

#define NONE "<none>"

static const struct column columns[] = {
	{ "Repository", "REPOSITORY" },	 { "Tag", "TAG" },
	{ "Digest", "DIGEST" },		 { "ID", "IMAGE ID" },
	{ "CreatedSince", "CREATED" },	 { "CreatedAt", "CREATED AT" },
	{ "Created", "CREATED" },	 { "Size", "SIZE" },
	{ "VirtualSize", "SIZE" },	 { "SharedSize", "SHARED SIZE" },
	{ "UniqueSize", "UNIQUE SIZE" }, { "Containers", "CONTAINERS" },
	{ "Platform", "PLATFORM" },	 { "Dangling", "DANGLING" },
	{ "ReadOnly", "R/O" },		 { "Id()", "IMAGE ID" },
	{ "Names()", "NAMES" },		 { "RepoTags()", "REPO TAGS" },
	{ "RepoDigests()", "DIGESTS" },	 { "ParentId()", "PARENT ID" },
	{ "History", "HISTORY" },	 { NULL, NULL },
};

static const struct template_schema schema = { 0 };

const struct table_spec image_table = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}",
};

const struct table_spec image_table_stores = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}"
		    "\\t{{.ReadOnly}}",
};

const struct table_spec image_table_digests_stores = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t{{.CreatedSince}}"
		    "\\t{{.Size}}\\t{{.ReadOnly}}",
};

const struct table_spec image_table_digests = {
	.columns = columns,
	.schema = &schema,
	.standard =
		"{{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}",
};

const struct table_spec image_table_history = {
	.columns = columns,
	.schema = &schema,
	.standard =
		"{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}\\t{{.History}}",
};

char *image_id_text(const struct image *image, bool no_trunc)
{
	const char *id = str_or(image->id, NONE);

	if (!no_trunc)
		return str_fmt("%.*s", CONTAINER_ID_SHORT, id);
	/* Both tools show the whole id of a list with its algorithm. */
	return str_fmt("%s%s", image->id ? "sha256:" : "", id);
}

/* Name and tag; what was pulled by its digest has a name but no tag. */
static void split_name(const struct app *app, const struct image *image, char **out_name,
		       char **out_tag)
{
	AUTO(reference) struct reference ref = { 0 };
	const char *text = image->name;

	if (!text && image->repo_digests.count > 0)
		text = image->repo_digests.items[0];
	if (!text || reference_parse(text, &ref, NULL) < 0) {
		*out_name = str_dup(NONE);
		*out_tag = str_dup(NONE);
		return;
	}
	*out_name = app_docker(app) ? reference_familiar_name(&ref) : reference_name(&ref);
	*out_tag = str_dup(image->name ? str_or(ref.tag, NONE) : NONE);
}

static void add_take(cJSON *row, const char *key, char *text)
{
	cJSON_AddStringToObject(row, key, text);
	free(text);
}

static void add_created(cJSON *row, int64_t created, int64_t now)
{
	if (!created) {
		cJSON_AddStringToObject(row, "CreatedSince", "N/A");
		cJSON_AddStringToObject(row, "CreatedAt", "N/A");
		cJSON_AddNumberToObject(row, "Created", 0);
		return;
	}
	AUTO(mem) char *span = clock_human(max_of(now - created, INT64_C(0)));
	add_take(row, "CreatedSince", str_fmt("%s ago", span));
	add_take(row, "CreatedAt", clock_local(created));
	cJSON_AddNumberToObject(row, "Created", (double)(created / CLOCK_SECOND));
}

static void add_history(cJSON *row, const struct app *app, const struct image *image)
{
	AUTO(strv) struct strv shown = { 0 };

	for (size_t i = 0; i < image->history.count; i++)
		strv_take(&shown, reference_shown(image->history.items[i], app_docker(app)));
	AUTO(mem) char *text = str_join(&shown, ", ");
	cJSON_AddStringToObject(row, app_docker(app) ? "History()" : "History", text);
}

/* podman's other names for them, found by templates and not listed. */
static void add_podman(cJSON *row, const struct app *app, const struct image *image, bool no_trunc)
{
	cJSON *names = cJSON_CreateArray(), *digests = cJSON_CreateArray();
	AUTO(mem) char *shown = reference_shown(image->name, app_docker(app));

	if (shown)
		cJSON_AddItemToArray(names, cJSON_CreateString(shown));
	for (size_t i = 0; i < image->repo_digests.count; i++)
		cJSON_AddItemToArray(digests, cJSON_CreateString(image->repo_digests.items[i]));
	add_take(row, "Id()", image_id_text(image, no_trunc));
	cJSON_AddItemToObject(row, "RepoTags()", cJSON_Duplicate(names, true));
	cJSON_AddItemToObject(row, "Names()", names);
	add_history(row, app, image);
	cJSON_AddItemToObject(row, "RepoDigests()", digests);
	cJSON_AddStringToObject(row, "ParentId()", "");
}

cJSON *image_row(const struct app *app, const struct image *image, bool no_trunc, int64_t now)
{
	const char *sep = app_docker(app) ? "" : " ";
	cJSON *row = cJSON_CreateObject();
	char *name, *tag;

	split_name(app, image, &name, &tag);
	add_take(row, "Repository", name);
	add_take(row, "Tag", tag);
	cJSON_AddStringToObject(row, "Digest", str_or(image->digest, NONE));
	add_take(row, "ID", image_id_text(image, no_trunc));
	add_created(row, image->created, now);
	add_take(row, "Size", str_decimal(image->size, sep));
	add_take(row, "VirtualSize", str_decimal(image->size, sep));
	cJSON_AddStringToObject(row, "SharedSize", "N/A");
	cJSON_AddStringToObject(row, "UniqueSize", "N/A");
	cJSON_AddStringToObject(row, "Containers", "N/A");
	cJSON_AddStringToObject(row, "Platform", str_or(image->platform, ""));
	cJSON_AddBoolToObject(row, "Dangling", !image->name);
	cJSON_AddBoolToObject(row, "ReadOnly", image->store != NULL);
	add_podman(row, app, image, no_trunc);
	return row;
}

cJSON *image_document(const struct images *images, size_t at)
{
	const struct image *image = &images->items[at];
	cJSON *document = cJSON_CreateObject();
	cJSON *names, *digests;

	cJSON_AddStringToObject(document, "Id", str_or(image->id, ""));
	cJSON_AddStringToObject(document, "ParentId", "");
	names = cJSON_AddArrayToObject(document, "RepoTags");
	for (size_t i = at; i < images->count; i++)
		if (str_eq(images->items[i].id, image->id) && images->items[i].name)
			cJSON_AddItemToArray(names, cJSON_CreateString(images->items[i].name));
	cJSON_AddItemToObject(document, "Names", cJSON_Duplicate(names, true));
	cJSON *history = cJSON_AddArrayToObject(document, "History");
	for (size_t i = 0; i < image->history.count; i++)
		cJSON_AddItemToArray(history, cJSON_CreateString(image->history.items[i]));
	digests = cJSON_AddArrayToObject(document, "RepoDigests");
	for (size_t i = 0; i < image->repo_digests.count; i++)
		cJSON_AddItemToArray(digests, cJSON_CreateString(image->repo_digests.items[i]));
	cJSON_AddStringToObject(document, "Digest", str_or(image->digest, ""));
	cJSON_AddNumberToObject(document, "Size", (double)image->size);
	cJSON_AddNumberToObject(document, "VirtualSize", (double)image->size);
	cJSON_AddNumberToObject(document, "SharedSize", 0);
	cJSON_AddNumberToObject(document, "Created", (double)(image->created / CLOCK_SECOND));
	add_take(document, "CreatedAt", clock_rfc3339(image->created));
	cJSON_AddBoolToObject(document, "ReadOnly", image->store != NULL);
	cJSON_AddBoolToObject(document, "Dangling", cJSON_GetArraySize(names) == 0);
	cJSON_AddStringToObject(document, "Platform", str_or(image->platform, ""));
	return document;
}
