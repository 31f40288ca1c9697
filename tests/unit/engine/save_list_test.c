/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_list_test - which files a list of images becomes
 */
#include "../store/place.h"

#include <errno.h>

#include "engine/engine.h"
#include "engine/save_list.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/images.h"
#include "store/sent.h"

#define REPOSITORY "registry.example.com/web"

/* A digest of one repeated digit. */
static char *digest(char c)
{
	char *text = str_fmt(DIGEST_PREFIX "%064d", 0);

	memset(text + strlen(DIGEST_PREFIX), c, DIGEST_HEX);
	return text;
}

static void put(struct place *p, char c, const char *text)
{
	AUTO(mem) char *name = digest(c);

	assert_int_equal(blob_put(p->store, name, text, strlen(text), true, &p->err), 0);
}

/* A manifest @m of the config @c and the layer @l. */
static void put_manifest(struct place *p, char m, char c, char l, const char *layer_type)
{
	AUTO(mem) char *config = digest(c);
	AUTO(mem) char *layer = digest(l);
	AUTO(mem)
	char *text = str_fmt("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\","
			     "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG
			     "\",\"digest\":\"%s\",\"size\":2},"
			     "\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":5}]}",
			     config, layer_type, layer);

	put(p, m, text);
	put(p, c, "{}");
}

/* The list "localhost/l:1", whose index 'f' names the manifests '1' (arm64) and, if wished, '2'. */
static void put_list(struct place *p, bool second)
{
	AUTO(mem) char *index = digest('f');
	AUTO(mem) char *one = digest('1');
	AUTO(mem) char *two = digest('2');
	AUTO(mem)
	char *more = str_fmt(
		",{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"%s\",\"size\":2}", two);
	AUTO(mem)
	char *text =
		str_fmt("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX "\",\"manifests\":["
			"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"%s\",\"size\":2,"
			"\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}%s]}",
			one, second ? more : "");
	const struct image list = { .name = (char *)"localhost/l:1",
				    .digest = index,
				    .media_type = (char *)MEDIA_OCI_INDEX,
				    .manifest_size = (int64_t)strlen(text),
				    .list = true };

	put(p, 'f', text);
	assert_int_equal(image_add(p->store, &list, true, &p->err), 0);
}

/* The plan's names, by their first digit where they are digests. */
static int plan_list(struct place *p, const char *to, bool all, char **out)
{
	struct engine engine = { .host = &p->host, .store = p->store };
	AUTO(save_plan) struct save_plan plan = { 0 };
	AUTO(transport) struct transport transport = { 0 };
	AUTO(strv) struct strv names = { 0 };

	assert_int_equal(transport_parse(to, &transport, &p->err), 0);
	int r = save_list_plan(&engine, "l:1", &transport, all, &plan, &p->err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.parts.count; i++) {
		const char *name = plan.parts.items[i].name;
		const char *at = strrchr(name, '/');
		const char *hex = at ? at + 1 : name;
		bool short_ = strlen(hex) >= DIGEST_HEX;
		strv_addf(&names, "%.*s%s", short_ ? 1 : (int)strlen(name), short_ ? hex : name,
			  short_ ? hex + DIGEST_HEX : "");
	}
	*out = str_join(&names, " ");
	return 0;
}

static void a_layout_gets_the_index_and_all_that_it_leads_to(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *names = NULL;
	AUTO(mem) char *bare = NULL;

	put_manifest(p, '1', 'a', 'c', MEDIA_OCI_LAYER);
	put_manifest(p, '2', 'b', 'c', MEDIA_OCI_LAYER);
	put(p, 'c', "layer");
	put_list(p, true);
	assert_int_equal(plan_list(p, "oci:x:tag", true, &names), 0);
	assert_string_equal(names, "blobs/ blobs/sha256/ 1 2 a b c f index.json oci-layout");
	assert_int_equal(plan_list(p, "oci-archive:x", false, &bare), 0);
	assert_string_equal(bare, "blobs/ blobs/sha256/ f index.json oci-layout");
}

static void a_folder_has_the_index_as_its_manifest(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *names = NULL;

	put_manifest(p, '1', 'a', 'c', MEDIA_OCI_LAYER);
	put(p, 'c', "layer");
	put_list(p, false);
	assert_int_equal(plan_list(p, "dir:x", true, &names), 0);
	assert_string_equal(names, "1.manifest.json a c version manifest.json");
}

static void all_that_is_not_here_is_told_at_once(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *names = NULL;
	AUTO(mem) char *manifest = digest('1');
	AUTO(sent) struct sent news = { 0 };

	put_manifest(p, '1', 'a', 'c', MEDIA_OCI_LAYER);
	put_list(p, true);
	sent_note_place(&news, manifest, REPOSITORY);
	sent_add(p->store, &news);
	assert_int_equal(plan_list(p, "oci:x", true, &names), -ENOENT);
	assert_non_null(strstr(p->err.text, "1111' (linux/arm64), 'sha256:2222"));
	assert_non_null(strstr(p->err.hint, "cubby pull " REPOSITORY "@sha256:1111"));
	assert_non_null(strstr(p->err.hint, "cubby pull NAME@sha256:2222"));
}

static void what_is_no_image_can_only_leave_the_list(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *names = NULL;

	put_manifest(p, '1', 'a', 'c', "application/vnd.in-toto+json");
	put_list(p, false);
	assert_int_equal(plan_list(p, "oci:x", true, &names), -ENOENT);
	assert_non_null(strstr(p->err.hint, "cubby manifest remove localhost/l:1 sha256:1111"));
	err_clear(&p->err);
	put(p, 'c', "said");
	assert_int_equal(plan_list(p, "oci:x", true, &names), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_layout_gets_the_index_and_all_that_it_leads_to),
		PLACE_TEST(a_folder_has_the_index_as_its_manifest),
		PLACE_TEST(all_that_is_not_here_is_told_at_once),
		PLACE_TEST(what_is_no_image_can_only_leave_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
