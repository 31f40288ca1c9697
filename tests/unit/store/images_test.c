/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images_test - names and ids find images, names move, removal takes what nobody needs
 */
#include "place.h"

#include <errno.h>

#include "base/fd.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

/* A digest of one repeated digit. */
static char *digest(char c)
{
	char *text =
		str_dup("sha256:0000000000000000000000000000000000000000000000000000000000000000");

	memset(text + 7, c, DIGEST_HEX);
	return text;
}

static void add_layer(struct place *p, const char *key)
{
	AUTO(temp) struct temp *temp = NULL;
	struct layer layer = { .key = (char *)key, .diff_id = (char *)key, .size = 1000 };

	assert_int_equal(layer_tmp_create(p->store, &temp, &p->err), 0);
	int r = layer_commit(p->store, temp, &layer, true, &p->err);
	assert_true(r == 0 || r == -EEXIST);
	if (r < 0)
		assert_int_equal(temp_remove(p->store, temp), 0);
}

/* An image whose manifest, config and layer have digests of the digits given. */
static void add_image(struct place *p, const char *name, char m, char c, char l)
{
	AUTO(mem) char *manifest = digest(m);
	AUTO(mem) char *config = digest(c);
	AUTO(mem) char *layer = digest(l);
	AUTO(mem)
	char *config_text = str_fmt(
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2024-01-01T00:00:00Z\","
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}",
		layer);
	AUTO(mem)
	char *text = str_fmt("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\","
			     "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG
			     "\",\"digest\":\"%s\",\"size\":%zu},"
			     "\"layers\":[{\"mediaType\":\"" MEDIA_OCI_LAYER
			     "\",\"digest\":\"%s\",\"size\":5}]}",
			     config, strlen(config_text), layer);

	assert_int_equal(blob_put(p->store, manifest, text, strlen(text), true, &p->err), 0);
	assert_int_equal(
		blob_put(p->store, config, config_text, strlen(config_text), true, &p->err), 0);
	assert_int_equal(blob_put(p->store, layer, "layer", 5, true, &p->err), 0);
	add_layer(p, digest_hex(layer));
	struct image image = { .name = (char *)name,
			       .digest = manifest,
			       .media_type = (char *)MEDIA_OCI_MANIFEST };
	assert_int_equal(image_add(p->store, &image, true, &p->err), 0);
}

/* First digit of the id that a text finds, or the negative errno. */
static int finds(struct place *p, const char *text)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(p->store, text, &image, &p->err);

	return r < 0 ? r : image->id[0];
}

static size_t count(struct place *p, bool named)
{
	AUTO(images) struct images images = { 0 };
	size_t n = 0;

	assert_int_equal(images_load(p->store, &images, &p->err), 0);
	for (size_t i = 0; i < images.count; i++)
		n += (images.items[i].name != NULL) == named;
	return n;
}

static void an_image_is_found_by_every_form_of_its_name(void **state)
{
	struct place *p = *state;

	add_image(p, "docker.io/library/nginx:latest", '1', 'a', 'c');
	assert_int_equal(finds(p, "nginx"), 'a');
	assert_int_equal(finds(p, "nginx:latest"), 'a');
	assert_int_equal(finds(p, "library/nginx"), 'a');
	assert_int_equal(finds(p, "docker.io/nginx"), 'a');
	assert_int_equal(finds(p, "nginx:1"), -ENOENT);
	assert_int_equal(finds(p, "quay.io/library/nginx"), -ENOENT);
	assert_int_equal(finds(p, ""), -ENOENT);
}

static void local_names_win(void **state)
{
	struct place *p = *state;

	add_image(p, "docker.io/library/bb:1", '1', 'a', 'c');
	assert_int_equal(finds(p, "bb:1"), 'a');
	add_image(p, "localhost/bb:1", '2', 'b', 'c');
	assert_int_equal(finds(p, "bb:1"), 'b');
}

static void a_short_name_finds_the_only_domain_that_has_it(void **state)
{
	struct place *p = *state;

	add_image(p, "localhost:5000/test/layers:40", '1', 'a', 'c');
	assert_int_equal(finds(p, "test/layers:40"), 'a');
	assert_int_equal(finds(p, "layers:40"), 'a');
	add_image(p, "quay.io/test/layers:40", '2', 'b', 'c');
	assert_int_equal(finds(p, "test/layers:40"), -ENOTUNIQ);
}

static void ids_and_their_beginnings_find_with_and_without_prefix(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *whole = digest('a');
	AUTO(mem) char *manifest = digest('1');

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	add_image(p, "docker.io/library/b:1", '2', 'b', 'c');
	assert_int_equal(finds(p, whole), 'a');
	assert_int_equal(finds(p, "aaaaaaaaaaaa"), 'a');
	assert_int_equal(finds(p, "sha256:bbb"), 'b');
	assert_int_equal(finds(p, manifest), 'a');
	assert_int_equal(finds(p, "abba"), -ENOENT);
}

static void a_digest_reference_finds_what_was_pulled_by_it(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *index = digest('9');
	AUTO(mem) char *manifest = digest('1');
	AUTO(mem) char *pulled = str_fmt("docker.io/library/a@%s", index);

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	struct image image = { .digest = manifest, .media_type = (char *)MEDIA_OCI_MANIFEST };
	strv_add(&image.repo_digests, pulled);
	assert_int_equal(image_add(p->store, &image, true, &p->err), 0);
	strv_clear(&image.repo_digests);
	AUTO(mem) char *by_index = str_fmt("a@%s", index);
	AUTO(mem) char *by_manifest = str_fmt("a@%s", manifest);
	AUTO(mem) char *other = str_fmt("b@%s", index);
	assert_int_equal(finds(p, by_index), 'a');
	assert_int_equal(finds(p, by_manifest), 'a');
	assert_int_equal(finds(p, other), -ENOENT);
	assert_int_equal(count(p, false), 0);
}

static void a_name_moves_and_the_old_image_stays_without(void **state)
{
	struct place *p = *state;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	add_image(p, "docker.io/library/a:1", '2', 'b', 'c');
	assert_int_equal(finds(p, "a:1"), 'b');
	assert_int_equal(finds(p, "aaaa"), 'a');
	assert_int_equal(count(p, true), 1);
	assert_int_equal(count(p, false), 1);
}

static void entering_again_changes_nothing(void **state)
{
	struct place *p = *state;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	assert_int_equal(count(p, true), 1);
	assert_int_equal(count(p, false), 0);
}

static void names_come_and_go_and_the_image_stays(void **state)
{
	struct place *p = *state;
	AUTO(image) struct image *image = NULL;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	assert_int_equal(image_find(p->store, "a:1", &image, &p->err), 0);
	assert_int_equal(image->size, 1000);
	assert_string_equal(image->platform, "linux/amd64");
	assert_int_equal(image_tag(p->store, image, "localhost/mine:2", &p->err), 0);
	assert_int_equal(count(p, true), 2);
	assert_int_equal(image_untag(p->store, "docker.io/library/a:1", &p->err), 0);
	assert_int_equal(count(p, true), 1);
	assert_int_equal(image_untag(p->store, "localhost/mine:2", &p->err), 0);
	assert_int_equal(count(p, false), 1);
	assert_int_equal(image_untag(p->store, "localhost/mine:2", &p->err), -ENOENT);
	assert_int_equal(image_tag(p->store, image, "localhost/mine:3", &p->err), 0);
	assert_int_equal(count(p, false), 0);
}

static int refuse(void *data, const struct image *image, struct err *err)
{
	(void)data;
	return err_set(err, -EBUSY, "used: %s", image->id);
}

static void removing_keeps_what_others_need(void **state)
{
	struct place *p = *state;
	AUTO(image) struct image *image = NULL;
	struct image_drop drop = { .whole = true };
	struct image_drops drops;
	struct temps gone = { 0 };
	AUTO(mem) char *shared = digest('c');
	AUTO(mem) char *own = digest('d');
	AUTO(mem) char *config = digest('a');

	add_image(p, "docker.io/library/a:1", '1', 'a', 'd');
	add_image(p, "docker.io/library/b:1", '2', 'b', 'c');
	add_image(p, "docker.io/library/x:1", '3', 'e', 'c');
	assert_int_equal(image_find(p->store, "a:1", &image, &p->err), 0);
	drop.image = image;
	drops = (struct image_drops){ .items = &drop, .count = 1 };
	assert_int_equal(images_drop(p->store, &drops, refuse, NULL, NULL, &gone, &p->err), 0);
	assert_int_equal(drop.result, -EBUSY);
	assert_non_null(strstr(drop.err.text, "used: a"));
	err_clear(&drop.err);
	assert_int_equal(images_drop(p->store, &drops, NULL, NULL, NULL, &gone, &p->err), 0);
	assert_int_equal(drop.result, 0);
	assert_int_equal(drop.gone.count, 1);
	strv_clear(&drop.gone);
	assert_int_equal(temps_remove(p->store, &gone), 0);
	assert_int_equal(blob_state(p->store, own, NULL), BLOB_NONE);
	assert_int_equal(blob_state(p->store, config, NULL), BLOB_NONE);
	assert_int_equal(layer_find(p->store, digest_hex(own), NULL, NULL), -ENOENT);
	image_free(take_ptr(image));
	assert_int_equal(image_find(p->store, "b:1", &image, &p->err), 0);
	assert_int_equal(image_remove(p->store, image, NULL, &gone, &p->err), 0);
	assert_int_equal(gone.count, 0);
	assert_int_equal(blob_state(p->store, shared, NULL), BLOB_DURABLE);
	assert_int_equal(layer_find(p->store, digest_hex(shared), NULL, NULL), 0);
}

static void many_go_at_once_and_each_has_its_own_result(void **state)
{
	struct place *p = *state;
	AUTO(images) struct images all = { 0 };
	AUTO(image_drops) struct image_drops drops = { 0 };
	struct temps gone = { 0 };
	AUTO(mem) char *shared = digest('c');
	struct image unknown = { .name = (char *)"localhost/no:1" };

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	add_image(p, "docker.io/library/a:2", '1', 'a', 'c');
	add_image(p, "docker.io/library/b:1", '2', 'b', 'c');
	assert_int_equal(images_load(p->store, &all, &p->err), 0);
	*vec_push(&drops) = (struct image_drop){ .image = &all.items[0] };
	*vec_push(&drops) = (struct image_drop){ .image = &unknown };
	*vec_push(&drops) = (struct image_drop){ .image = &all.items[2], .whole = true };
	*vec_push(&drops) = (struct image_drop){ .image = &all.items[2], .whole = true };
	*vec_push(&drops) = (struct image_drop){ .image = &all.items[1], .whole = true };
	assert_int_equal(images_drop(p->store, &drops, NULL, NULL, NULL, &gone, &p->err), 0);
	assert_int_equal(drops.items[0].result, 0);
	assert_int_equal(drops.items[1].result, -ENOENT);
	assert_int_equal(drops.items[2].result, 0);
	assert_int_equal(drops.items[3].result, -ENOENT);
	assert_int_equal(drops.items[4].result, 0);
	/* what two of them shared goes with the first */
	assert_int_equal(drops.items[2].gone.count, 1);
	assert_int_equal(drops.items[4].gone.count, 0);
	assert_int_equal(temps_remove(p->store, &gone), 0);
	assert_int_equal(blob_state(p->store, shared, NULL), BLOB_NONE);
	assert_int_equal(count(p, true) + count(p, false), 0);
}

static void what_a_pull_holds_or_a_container_uses_stays(void **state)
{
	struct place *p = *state;
	AUTO(image) struct image *image = NULL;
	AUTO(fd) int lock = -1;
	AUTO(mem) char *layer = digest('c');
	AUTO(strv) struct strv used = { 0 };
	struct temps gone = { 0 };

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	assert_int_equal(lock_take(p->store, LOCK_BLOB, layer, LOCK_SHARED, &lock, &p->err), 0);
	strv_add(&used, digest_hex(layer));
	assert_int_equal(image_find(p->store, "a:1", &image, &p->err), 0);
	assert_int_equal(image_remove(p->store, image, &used, &gone, &p->err), 0);
	assert_int_equal(gone.count, 0);
	assert_int_equal(blob_state(p->store, layer, NULL), BLOB_DURABLE);
	assert_int_equal(layer_find(p->store, digest_hex(layer), NULL, NULL), 0);
}

static void a_damaged_list_is_told_and_made_again(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	size_t found = 0;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	add_image(p, NULL, '2', 'b', 'c');
	assert_int_equal(file_read(p->store->dir, "index.json", 1 << 20, &text, &size), 0);
	assert_int_equal(file_write(p->store->dir, "index.json", 0600, text, size - 5), 0);
	assert_int_equal(finds(p, "a:1"), -EBADMSG);
	assert_non_null(strstr(p->err.hint, "system check --repair"));
	assert_int_equal(images_rebuild(p->store, &found, &p->err), 0);
	assert_int_equal(found, 2);
	assert_int_equal(finds(p, "a:1"), 'a');
	assert_int_equal(finds(p, "bbb"), 'b');
}

static void entries_of_other_tools_are_read_and_kept(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	AUTO(mem) char *manifest = digest('1');
	AUTO(mem)
	char *index = str_fmt(
		"{\"schemaVersion\":2,\"x-other\":7,\"manifests\":[{\"mediaType\":\"" MEDIA_OCI_INDEX
		"\",\"digest\":\"%s\",\"size\":1},{\"mediaType\":\"" MEDIA_OCI_MANIFEST
		"\",\"digest\":\"%s\",\"size\":9,\"annotations\":{\"k\":\"v\"}}]}",
		manifest, manifest);
	assert_int_equal(file_write(p->store->dir, "index.json", 0600, index, strlen(index)), 0);
	assert_int_equal(finds(p, "aaaa"), 'a');
	add_image(p, "docker.io/library/b:1", '2', 'b', 'c');
	assert_int_equal(file_read(p->store->dir, "index.json", 1 << 20, &text, &size), 0);
	assert_non_null(strstr(text, "x-other"));
	assert_non_null(strstr(text, "\"k\":\"v\""));
	assert_non_null(strstr(text, MEDIA_OCI_INDEX));
}

/* A store beside, with one image, put behind that of the test; gives its path. */
static char *add_other(struct place *p, const char *name, char m, char c, char l)
{
	struct place other = *p;
	AUTO(mem) char *path = str_fmt("%s/other", p->dir);

	assert_int_equal(store_open(&p->host, path, &other.store, &p->err), 0);
	add_image(&other, name, m, c, l);
	char *real = str_dup(other.store->path);
	store_close(other.store);
	assert_int_equal(store_add(p->store, path, &p->err), 0);
	return real;
}

static void images_of_another_store_are_found_after_the_own(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *path = add_other(p, "docker.io/library/b:1", '2', 'b', 'd');
	AUTO(images) struct images all = { 0 };
	AUTO(image) struct image *image = NULL;
	AUTO(image_config) struct image_config *config = NULL;

	add_image(p, "docker.io/library/a:1", '1', 'a', 'c');
	assert_int_equal(finds(p, "b:1"), 'b');
	assert_int_equal(finds(p, "bbbb"), 'b');
	assert_int_equal(count(p, true), 1);
	assert_int_equal(images_load_all(p->store, &all, &p->err), 0);
	assert_int_equal(all.count, 2);
	assert_null(all.items[0].store);
	assert_string_equal(all.items[1].store, path);
	assert_int_equal(image_find(p->store, "b:1", &image, &p->err), 0);
	assert_int_equal(image_config(p->store, image, &config, &p->err), 0);
	/* the own one of that name comes first */
	add_image(p, "docker.io/library/b:1", '3', 'e', 'c');
	assert_int_equal(finds(p, "b:1"), 'e');
}

static void an_image_of_another_store_can_be_named_but_not_removed(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *path = add_other(p, "docker.io/library/b:1", '2', 'b', 'd');
	AUTO(image) struct image *image = NULL;
	AUTO(mem) char *layer = digest('d');
	struct temps gone = { 0 };

	assert_int_equal(image_find(p->store, "b:1", &image, &p->err), 0);
	assert_int_equal(image_remove(p->store, image, NULL, &gone, &p->err), -EROFS);
	assert_non_null(strstr(p->err.text, path));
	err_clear(&p->err);
	assert_int_equal(image_tag(p->store, image, "localhost/mine:1", &p->err), 0);
	assert_int_equal(count(p, true), 1);
	AUTO(layer) struct layer *found = NULL;
	assert_int_equal(layer_find(p->store, digest_hex(layer), NULL, &found), 0);
	assert_string_equal(layer_store(p->store, found), path);
	assert_int_equal(blob_state_own(p->store, layer, NULL), BLOB_NONE);
	assert_int_not_equal(blob_state(p->store, layer, NULL), BLOB_NONE);
}

static void what_is_no_store_is_not_added(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *none = str_fmt("%s/none", p->dir);

	assert_int_equal(store_add(p->store, none, &p->err), -ENOENT);
	err_clear(&p->err);
	assert_int_equal(store_add(p->store, p->dir, &p->err), -ENOENT);
	err_clear(&p->err);
	assert_int_equal(store_add(p->store, p->store->path, &p->err), 0);
	assert_int_equal(p->store->more.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(an_image_is_found_by_every_form_of_its_name),
		PLACE_TEST(local_names_win),
		PLACE_TEST(a_short_name_finds_the_only_domain_that_has_it),
		PLACE_TEST(ids_and_their_beginnings_find_with_and_without_prefix),
		PLACE_TEST(a_digest_reference_finds_what_was_pulled_by_it),
		PLACE_TEST(a_name_moves_and_the_old_image_stays_without),
		PLACE_TEST(entering_again_changes_nothing),
		PLACE_TEST(names_come_and_go_and_the_image_stays),
		PLACE_TEST(removing_keeps_what_others_need),
		PLACE_TEST(many_go_at_once_and_each_has_its_own_result),
		PLACE_TEST(what_a_pull_holds_or_a_container_uses_stays),
		PLACE_TEST(a_damaged_list_is_told_and_made_again),
		PLACE_TEST(entries_of_other_tools_are_read_and_kept),
		PLACE_TEST(images_of_another_store_are_found_after_the_own),
		PLACE_TEST(an_image_of_another_store_can_be_named_but_not_removed),
		PLACE_TEST(what_is_no_store_is_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
