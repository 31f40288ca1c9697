/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_archive_test - manifest.json of docker's archives
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "oci/docker_archive.h"

static void images_are_read_with_their_files(void **state)
{
	static const char text[] = "[{\"Config\":\"./c.json\",\"RepoTags\":[\"a:1\"],"
				   "\"Layers\":[\"x/layer.tar\",\"./y\"],\"Else\":1},"
				   "{\"Config\":\"d\",\"RepoTags\":null,\"Layers\":null}]";
	AUTO(docker_images) struct docker_images images = { 0 };

	(void)state;
	assert_int_equal(docker_images_parse(text, strlen(text), &images, NULL), 0);
	assert_int_equal(images.count, 2);
	assert_string_equal(docker_archive_file(images.items[0].config), "c.json");
	assert_int_equal(images.items[0].layers.count, 2);
	assert_string_equal(docker_archive_file(images.items[0].layers.items[1]), "y");
	assert_int_equal(images.items[1].tags.count, 0);
}

static void damaged_lists_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"[7]",
		"[{}]",
		"[{\"Config\":7}]",
		"[{\"Config\":\"c\",\"Layers\":[7]}]",
		"[{\"Config\":\"c\",\"Layers\":\"x\"}]",
		"[{\"Config\":\"c\",\"Config\":\"d\"}]",
		"[{\"Config\":\"c\"},null]",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(docker_images) struct docker_images images = { 0 };
		AUTO(err) struct err err = { 0 };
		if (docker_images_parse(bad[i], strlen(bad[i]), &images, &err) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_read_with_their_files),
		cmocka_unit_test(damaged_lists_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
