/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_plan_test - which layers are compressed, and what becomes of the manifest
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "engine/push_plan.h"
#include "oci/media.h"

#define HEX(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define CONFIG "sha256:" HEX("c0")
#define LAYER "sha256:" HEX("1a")
#define PLAIN "sha256:" HEX("2b")
#define PACKED "sha256:" HEX("3c")

/* An image of one layer of that type; another member stays whatever happens. */
struct image_text {
	char *text;
	struct manifest *manifest;
	struct image_config *config;
	struct sent sent;
	struct push_plan plan;
};

static void auto_image_text(struct image_text *t)
{
	push_plan_clear(&t->plan);
	free(t->text);
	manifest_free(t->manifest);
	image_config_free(t->config);
	sent_clear(&t->sent);
}

static void make(struct image_text *t, const char *type, const char *layer)
{
	AUTO(err) struct err err = { 0 };

	t->text = str_fmt("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":"
			  "\"%s\",\"digest\":\"" CONFIG "\",\"size\":9},\"layers\":[{\"mediaType\":"
			  "\"%s\",\"digest\":\"" LAYER
			  "\",\"size\":7,\"annotations\":{\"a\":\"b\"}}],"
			  "\"annotations\":{\"k\":\"v\"},\"other\":[1]}",
			  type, media_is_docker(type) ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG,
			  layer);
	assert_int_equal(manifest_parse(t->text, strlen(t->text), NULL, &t->manifest, &err), 0);
	t->config = image_config_new();
	strv_add(&t->config->diff_ids, PLAIN);
}

static int plan(struct image_text *t, struct push_options options)
{
	AUTO(err) struct err err = { 0 };

	return push_plan_make(&options, t->manifest, t->config, &t->sent, &t->plan, &err);
}

static char *print(const struct image_text *t)
{
	AUTO(err) struct err err = { 0 };
	char *out = NULL;

	assert_int_equal(push_plan_print(&t->plan, t->text, strlen(t->text), &out, &err), 0);
	return out;
}

static const struct push_options usual = { .level = PUSH_LEVEL_DEFAULT };

static void what_was_pulled_stays(void **state)
{
	AUTO(image_text) struct image_text t = { 0 };
	(void)state;

	make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_GZIP);
	assert_int_equal(plan(&t, usual), 0);
	assert_false(t.plan.changed);
	assert_int_equal(t.plan.blobs.count, 2);
	assert_string_equal(t.plan.blobs.items[0].digest, LAYER);
	assert_false(t.plan.blobs.items[0].pack);
}

static void a_plain_layer_is_compressed_and_the_rest_of_the_manifest_stays(void **state)
{
	AUTO(image_text) struct image_text t = { 0 };
	(void)state;

	make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER);
	assert_int_equal(plan(&t, usual), 0);
	assert_true(t.plan.changed);
	assert_true(t.plan.blobs.items[0].pack);
	assert_null(t.plan.blobs.items[0].digest);
	t.plan.blobs.items[0].digest = str_dup(PACKED);
	t.plan.blobs.items[0].size = 5;
	AUTO(mem) char *text = print(&t);
	assert_non_null(strstr(text, "\"mediaType\":\"" MEDIA_OCI_LAYER_GZIP
				     "\",\"digest\":\"" PACKED "\",\"size\":5}"));
	assert_non_null(strstr(text, "\"annotations\":{\"k\":\"v\"},\"other\":[1]"));
	assert_null(strstr(text, LAYER));
}

static void what_a_layer_became_is_known(void **state)
{
	AUTO(image_text) struct image_text t = { 0 };
	const struct sent_packed packed = { .plain = (char *)PLAIN,
					    .packing = (char *)"gzip",
					    .level = PUSH_LEVEL_DEFAULT,
					    .digest = (char *)PACKED,
					    .size = 5 };
	(void)state;

	make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER);
	sent_note_packed(&t.sent, &packed);
	assert_int_equal(plan(&t, usual), 0);
	assert_string_equal(t.plan.blobs.items[0].digest, PACKED);
	assert_int_equal(t.plan.blobs.items[0].size, 5);
}

static void only_force_compresses_what_is_compressed(void **state)
{
	AUTO(image_text) struct image_text kept = { 0 }, anew = { 0 }, same = { 0 };
	struct push_options options = usual;
	(void)state;

	options.packing = "zstd";
	make(&kept, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_GZIP);
	assert_int_equal(plan(&kept, options), 0);
	assert_false(kept.plan.changed);
	options.force = true;
	make(&anew, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_GZIP);
	assert_int_equal(plan(&anew, options), 0);
	assert_true(anew.plan.blobs.items[0].pack);
	make(&same, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_ZSTD);
	assert_int_equal(plan(&same, options), 0);
	assert_false(same.plan.changed);
}

#define NOTES "io.github.containers.zstd-chunked.manifest-checksum"

static void chunked_layers_get_their_notes_and_plain_zstd_is_made_anew(void **state)
{
	AUTO(image_text) struct image_text t = { 0 }, known = { 0 };
	struct sent_packed packed = { .plain = (char *)PLAIN,
				      .packing = (char *)"zstd:chunked",
				      .level = PUSH_LEVEL_DEFAULT,
				      .digest = (char *)PACKED,
				      .size = 5 };
	struct push_options options = usual;
	(void)state;

	options.packing = "zstd:chunked";
	options.force = true;
	make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_ZSTD);
	assert_int_equal(plan(&t, options), 0);
	assert_true(t.plan.blobs.items[0].pack);
	t.plan.blobs.items[0].digest = str_dup(PACKED);
	strv_add(&t.plan.blobs.items[0].notes, NOTES "=" PLAIN);
	AUTO(mem) char *text = print(&t);
	assert_non_null(strstr(text, MEDIA_OCI_LAYER_ZSTD));
	assert_non_null(strstr(text, "\"annotations\":{\"" NOTES "\":\"" PLAIN "\"}"));
	/* What is remembered of the layer has the notes, too. */
	strv_add(&packed.notes, NOTES "=" PLAIN);
	sent_note_packed(&known.sent, &packed);
	strv_clear(&packed.notes);
	make(&known, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER);
	assert_int_equal(plan(&known, options), 0);
	AUTO(mem) char *again = print(&known);
	assert_non_null(strstr(again, "{\"" NOTES "\":\"" PLAIN "\"}"));
}

static void chunked_layers_stay_for_zstd_and_for_zstd_chunked(void **state)
{
	static const char *const packings[] = { "zstd", "zstd:chunked" };
	(void)state;

	for (size_t i = 0; i < array_len(packings); i++) {
		AUTO(image_text) struct image_text t = { 0 };
		struct push_options options = usual;
		options.packing = packings[i];
		options.force = true;
		make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_ZSTD);
		strv_add(&t.manifest->layers.items[0].annotations, NOTES "=" PLAIN);
		assert_int_equal(plan(&t, options), 0);
		assert_false(t.plan.changed);
	}
}

static void the_form_changes_every_type(void **state)
{
	AUTO(image_text) struct image_text t = { 0 };
	struct push_options options = usual;
	(void)state;

	options.format = PUSH_FORMAT_DOCKER;
	make(&t, MEDIA_OCI_MANIFEST, MEDIA_OCI_LAYER_GZIP);
	assert_int_equal(plan(&t, options), 0);
	AUTO(mem) char *text = print(&t);
	assert_non_null(strstr(text, MEDIA_DOCKER_MANIFEST));
	assert_non_null(strstr(text, MEDIA_DOCKER_CONFIG));
	assert_non_null(strstr(text, MEDIA_DOCKER_LAYER_GZIP));
	assert_null(strstr(text, "vnd.oci"));
	assert_null(strstr(text, "annotations"));
}

static void zstd_makes_a_manifest_of_docker_one_of_oci_unless_told_otherwise(void **state)
{
	AUTO(image_text) struct image_text t = { 0 }, told = { 0 };
	struct push_options options = usual;
	(void)state;

	options.packing = "zstd";
	options.force = true;
	make(&t, MEDIA_DOCKER_MANIFEST, MEDIA_DOCKER_LAYER_GZIP);
	assert_int_equal(plan(&t, options), 0);
	assert_false(t.plan.docker);
	options.format = PUSH_FORMAT_DOCKER;
	make(&told, MEDIA_DOCKER_MANIFEST, MEDIA_DOCKER_LAYER_GZIP);
	assert_int_equal(plan(&told, options), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_pulled_stays),
		cmocka_unit_test(a_plain_layer_is_compressed_and_the_rest_of_the_manifest_stays),
		cmocka_unit_test(what_a_layer_became_is_known),
		cmocka_unit_test(only_force_compresses_what_is_compressed),
		cmocka_unit_test(chunked_layers_get_their_notes_and_plain_zstd_is_made_anew),
		cmocka_unit_test(chunked_layers_stay_for_zstd_and_for_zstd_chunked),
		cmocka_unit_test(the_form_changes_every_type),
		cmocka_unit_test(zstd_makes_a_manifest_of_docker_one_of_oci_unless_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
