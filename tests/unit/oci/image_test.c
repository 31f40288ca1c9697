/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_test - the documents that make an image; numbers are those of oci/image.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/json.h"
#include "base/str.h"
#include "oci/image.h"
#include "oci/media.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D "\"digest\":\"sha256:" HEX "\""
#define CONFIG "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG "\"," D ",\"size\":2}"
#define LAYER "{\"mediaType\":\"" MEDIA_OCI_LAYER_GZIP "\"," D ",\"size\":7}"
#define GOOD "{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER "]}"

static int parse(const char *text, const char *type)
{
	AUTO(manifest) struct manifest *m = NULL;
	AUTO(err) struct err err = { 0 };

	int r = manifest_parse(text, strlen(text), type, &m, &err);
	assert_true((r < 0) == (err.text != NULL));
	return r;
}

static void a_manifest_is_read(void **state)
{
	AUTO(manifest) struct manifest *m = NULL;

	(void)state;
	assert_int_equal(manifest_parse(GOOD, strlen(GOOD), NULL, &m, NULL), 0);
	assert_string_equal(m->media_type, MEDIA_OCI_MANIFEST);
	assert_int_equal(m->layers.count, 1);
	assert_int_equal(m->layers.items[0].size, 7);
	assert_int_equal(manifest_check_image(m, NULL), 0);
}

static void what_we_print_we_read(void **state)
{
	AUTO(manifest) struct manifest *m = NULL, *again = NULL;

	(void)state;
	assert_int_equal(manifest_parse(GOOD, strlen(GOOD), NULL, &m, NULL), 0);
	AUTO(mem) char *text = manifest_print(m);
	assert_null(strstr(text, "platform"));
	assert_int_equal(manifest_parse(text, strlen(text), NULL, &again, NULL), 0);
	assert_string_equal(again->layers.items[0].digest, m->layers.items[0].digest);
}

static void invariant_2_digests_and_sizes_are_checked(void **state)
{
	static const char *const bad[] = {
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:../../x\","
		"\"size\":2},\"layers\":[]}",
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":2},\"layers\":[]}",
		"{\"schemaVersion\":2,\"config\":{" D ",\"size\":2},\"layers\":[]}",
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\"," D
		",\"size\":-1},\"layers\":[]}",
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\"," D
		",\"size\":1e30},\"layers\":[]}",
		"{\"schemaVersion\":2," CONFIG
		",\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"sha512:" HEX HEX
		"\",\"size\":1}]}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":[\"x\"]}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":{}}",
		"{\"schemaVersion\":1," CONFIG ",\"layers\":[]}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"layers\":[" LAYER "]}",
		"{\"schemaVersion\":2," CONFIG "," CONFIG ",\"layers\":[]}",
		"[]",
		"{",
		"",
		"{}",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		if (parse(bad[i], NULL) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
}

static void invariant_3_type_and_shape_agree(void **state)
{
	static const char index[] = "{\"schemaVersion\":2,\"manifests\":[]}";
	static const char both[] = "{\"schemaVersion\":2," CONFIG
				   ",\"layers\":[],\"manifests\":[]}";
	static const char liar[] = "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX
				   "\"," CONFIG ",\"layers\":[]}";
	static const char docker[] = "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_DOCKER_MANIFEST
				     "\"," CONFIG ",\"layers\":[]}";
	static const char old[] = "{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}";
	AUTO(image_index) struct image_index *ix = NULL;

	(void)state;
	assert_int_equal(parse(index, NULL), -EBADMSG);
	assert_int_equal(parse(both, NULL), -EBADMSG);
	assert_int_equal(image_index_parse(both, strlen(both), NULL, &ix, NULL), -EBADMSG);
	assert_int_equal(parse(liar, NULL), -EBADMSG);
	assert_int_equal(parse(GOOD, MEDIA_OCI_INDEX), -EBADMSG);
	assert_int_equal(parse(docker, MEDIA_OCI_MANIFEST), -EBADMSG);
	assert_int_equal(parse(docker, MEDIA_DOCKER_MANIFEST "; charset=utf-8"), 0);
	assert_int_equal(parse(docker, "application/json"), 0);
	assert_int_equal(parse(old, NULL), -EBADMSG);
	assert_int_equal(image_index_parse(GOOD, strlen(GOOD), NULL, &ix, NULL), -EBADMSG);
	assert_int_equal(image_index_parse(index, strlen(index), MEDIA_DOCKER_LIST, &ix, NULL), 0);
	assert_string_equal(ix->media_type, MEDIA_DOCKER_LIST);
}

static void invariant_4_there_is_an_end_to_layers(void **state)
{
	AUTO(strv) struct strv layers = { 0 };

	(void)state;
	for (int i = 0; i < IMAGE_MAX_LAYERS; i++)
		strv_add(&layers, LAYER);
	AUTO(mem) char *most = str_join(&layers, ",");
	AUTO(mem) char *good = str_fmt("{\"schemaVersion\":2," CONFIG ",\"layers\":[%s]}", most);
	AUTO(mem)
	char *bad = str_fmt("{\"schemaVersion\":2," CONFIG ",\"layers\":[%s,%s]}", most, LAYER);
	assert_int_equal(parse(good, NULL), 0);
	assert_int_equal(parse(bad, NULL), -EBADMSG);
}

/* "[ITEM,ITEM,...]" */
static char *list_of(const char *item, int count)
{
	AUTO(strv) struct strv list = { 0 };

	for (int i = 0; i < count; i++)
		strv_add(&list, item);
	AUTO(mem) char *text = str_join(&list, ",");
	return str_fmt("[%s]", text);
}

static int parse_index(int count)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *list = list_of("{\"mediaType\":\"a/b\"," D ",\"size\":7}", count);
	AUTO(mem) char *text = str_fmt("{\"schemaVersion\":2,\"manifests\":%s}", list);

	return image_index_parse(text, strlen(text), NULL, &index, NULL);
}

static int parse_history(int count)
{
	AUTO(image_config) struct image_config *c = NULL;
	AUTO(mem) char *list = list_of("{\"empty_layer\":true}", count);
	AUTO(mem)
	char *text = str_fmt("{\"architecture\":\"amd64\",\"os\":\"linux\",\"history\":%s,"
			     "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
			     list);

	return image_config_parse(text, strlen(text), &c, NULL);
}

static void there_is_an_end_to_manifests_and_to_history(void **state)
{
	(void)state;
	assert_int_equal(parse_index(IMAGE_MAX_MANIFESTS), 0);
	assert_int_equal(parse_index(IMAGE_MAX_MANIFESTS + 1), -EBADMSG);
	assert_int_equal(parse_history(IMAGE_MAX_HISTORY), 0);
	assert_int_equal(parse_history(IMAGE_MAX_HISTORY + 1), -EBADMSG);
}

static void a_document_has_an_end_in_bytes_depth_and_values(void **state)
{
	AUTO(mem) char *wide = list_of("0", JSON_MAX_VALUES - 1);
	AUTO(mem) char *wider = list_of("0", JSON_MAX_VALUES + 1);
	AUTO(mem) char *large = mem_alloc(JSON_MAX_BYTES + 2, 1);
	AUTO(json) cJSON *doc = NULL;
	char deep[2 * JSON_MAX_DEPTH + 3] = { 0 };

	(void)state;
	memset(deep, '[', JSON_MAX_DEPTH);
	memset(deep + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
	assert_int_equal(json_parse(deep, strlen(deep), &doc, NULL), 0);
	memset(deep, '[', JSON_MAX_DEPTH + 1);
	memset(deep + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
	cJSON_Delete(take_ptr(doc));
	assert_int_equal(json_parse(deep, strlen(deep), &doc, NULL), -EBADMSG);
	assert_int_equal(json_parse(wider, strlen(wider), &doc, NULL), -EFBIG);
	assert_int_equal(json_parse(wide, strlen(wide), &doc, NULL), 0);
	cJSON_Delete(take_ptr(doc));
	memset(large, ' ', JSON_MAX_BYTES + 1);
	assert_int_equal(json_parse(large, JSON_MAX_BYTES + 1, &doc, NULL), -EFBIG);
}

static void an_artifact_is_no_image(void **state)
{
	static const char text[] = "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\"," D
				   ",\"size\":2},\"layers\":[]}";
	AUTO(manifest) struct manifest *m = NULL;
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(manifest_parse(text, strlen(text), NULL, &m, NULL), 0);
	assert_int_equal(manifest_check_image(m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "a/b"));
}

static const char full_config[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2024-01-01T00:00:00Z\",\"config\":{"
	"\"User\":\"app:extra\",\"ExposedPorts\":{\"80/tcp\":{},\"443/tcp\":{}},"
	"\"Env\":[\"A=1\",\"SECRET\",\"=x\",\"B=\"],\"Entrypoint\":null,\"Cmd\":[\"sh\"],"
	"\"Volumes\":{\"/data\":{}},\"WorkingDir\":\"\",\"Labels\":{\"z\":\"1\",\"a\":\"b=c\"},"
	"\"StopSignal\":\"SIGQUIT\",\"StopTimeout\":0,\"Shell\":[\"/bin/ash\",\"-c\"],"
	"\"OnBuild\":[\"RUN x\"],"
	"\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":5000000000,\"Retries\":2}},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX "\"]},"
	"\"history\":[{\"created_by\":\"x\"},{\"empty_layer\":true}]}";

static void check_full(const struct image_config *c)
{
	assert_string_equal(c->config.user, "app:extra");
	assert_string_equal(c->config.exposed_ports.items[0], "443/tcp");
	assert_int_equal(c->config.env.count, 2);
	assert_string_equal(c->config.env.items[1], "B=");
	assert_int_equal(c->config.entrypoint.count, 0);
	assert_null(c->config.workdir);
	assert_string_equal(c->config.labels.items[0], "a=b=c");
	assert_int_equal(c->config.stop_timeout, 0);
	assert_int_equal(c->config.healthcheck.interval, 5000000000);
	assert_string_equal(c->diff_ids.items[0], "sha256:" HEX);
	assert_true(c->history.items[1].empty_layer);
}

static void a_config_is_read_and_printed_whole(void **state)
{
	AUTO(image_config) struct image_config *c = NULL, *again = NULL;

	(void)state;
	assert_int_equal(image_config_parse(full_config, strlen(full_config), &c, NULL), 0);
	check_full(c);
	AUTO(mem) char *text = image_config_print(c);
	assert_int_equal(image_config_parse(text, strlen(text), &again, NULL), 0);
	check_full(again);
}

static void a_stop_timeout_not_said_is_told_from_zero(void **state)
{
	AUTO(image_config) struct image_config *c = image_config_new(), *again = NULL;

	(void)state;
	AUTO(mem) char *text = image_config_print(c);
	assert_null(strstr(text, "StopTimeout"));
	assert_null(strstr(text, "Healthcheck"));
	assert_int_equal(image_config_parse(text, strlen(text), &again, NULL), 0);
	assert_int_equal(again->config.stop_timeout, -1);
}

static void a_config_must_fit_its_manifest(void **state)
{
	AUTO(image_config) struct image_config *c = NULL;
	AUTO(manifest) struct manifest *m = NULL;

	(void)state;
	assert_int_equal(image_config_parse(full_config, strlen(full_config), &c, NULL), 0);
	assert_int_equal(manifest_parse(GOOD, strlen(GOOD), NULL, &m, NULL), 0);
	assert_int_equal(image_config_check(c, m, NULL), 0);
	strv_add(&c->diff_ids, "sha256:" HEX);
	assert_int_equal(image_config_check(c, m, NULL), -EBADMSG);
}

static void damaged_configs_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"rootfs\":{\"type\":\"x\",\"diff_ids\":[]}}",
		"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:../x\"]}}",
		"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[7]}}",
		"{\"config\":[],\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
		"{\"config\":{\"Env\":\"x\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
		"{\"config\":{\"Labels\":{\"a\":1}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(image_config) struct image_config *c = NULL;
		AUTO(err) struct err err = { 0 };
		if (image_config_parse(bad[i], strlen(bad[i]), &c, &err) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(err.text);
	}
}

static char os_linux[] = "linux", arch_amd64[] = "amd64";
static const struct platform amd64 = { .os = os_linux, .architecture = arch_amd64 };

static void add(struct image_index *index, const char *type, const char *os, const char *arch)
{
	struct descriptor *d = vec_push(&index->manifests);

	d->media_type = str_dup(type);
	d->platform.os = str_dup(os);
	d->platform.architecture = str_dup(arch);
}

static void attestations_and_other_machines_are_passed_over(void **state)
{
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);
	AUTO(err) struct err err = { 0 };

	(void)state;
	add(index, MEDIA_OCI_MANIFEST, "unknown", "unknown");
	add(index, "application/x-signature", "linux", "amd64");
	add(index, MEDIA_OCI_MANIFEST, "linux", "arm64");
	assert_int_equal(image_index_choose(index, &amd64, &err), -ENOENT);
	assert_string_equal(err.text, "there is no image for linux/amd64, only for: linux/arm64");
	add(index, MEDIA_OCI_MANIFEST, "linux", "amd64");
	add(index, MEDIA_OCI_MANIFEST, "linux", "amd64");
	assert_int_equal(image_index_choose(index, &amd64, NULL), 3);
}

static void an_entry_without_platform_counts_when_alone(void **state)
{
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);

	(void)state;
	add(index, MEDIA_OCI_MANIFEST, NULL, NULL);
	assert_int_equal(image_index_choose(index, &amd64, NULL), 0);
	add(index, MEDIA_OCI_MANIFEST, "linux", "arm64");
	assert_int_equal(image_index_choose(index, &amd64, NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read),
		cmocka_unit_test(what_we_print_we_read),
		cmocka_unit_test(invariant_2_digests_and_sizes_are_checked),
		cmocka_unit_test(invariant_3_type_and_shape_agree),
		cmocka_unit_test(invariant_4_there_is_an_end_to_layers),
		cmocka_unit_test(there_is_an_end_to_manifests_and_to_history),
		cmocka_unit_test(a_document_has_an_end_in_bytes_depth_and_values),
		cmocka_unit_test(an_artifact_is_no_image),
		cmocka_unit_test(a_config_is_read_and_printed_whole),
		cmocka_unit_test(a_stop_timeout_not_said_is_told_from_zero),
		cmocka_unit_test(a_config_must_fit_its_manifest),
		cmocka_unit_test(damaged_configs_are_refused),
		cmocka_unit_test(attestations_and_other_machines_are_passed_over),
		cmocka_unit_test(an_entry_without_platform_counts_when_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
