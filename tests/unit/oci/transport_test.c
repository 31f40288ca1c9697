/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transport_test - where an image comes from or goes to
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/transport.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct known_case {
	const char *text;
	enum transport_kind kind;
	const char *path, *name, *digest;
	int64_t index;
} cases[] = {
	{ "docker://quay.io/a:1", TRANSPORT_REGISTRY, NULL, "quay.io/a:1", NULL, -1 },
	{ "oci:/srv/layout", TRANSPORT_OCI, "/srv/layout", NULL, NULL, -1 },
	{ "oci:layout:", TRANSPORT_OCI, "layout", NULL, NULL, -1 },
	{ "oci:layout:docker.io/library/a:1", TRANSPORT_OCI, "layout", "docker.io/library/a:1",
	  NULL, -1 },
	{ "oci:layout:@2", TRANSPORT_OCI, "layout", NULL, NULL, 2 },
	{ "oci:layout@sha256:" HEX64, TRANSPORT_OCI, "layout", NULL, "sha256:" HEX64, -1 },
	{ "oci-archive:x.tar:a:1", TRANSPORT_OCI_ARCHIVE, "x.tar", "a:1", NULL, -1 },
	{ "oci-archive:me@home/x.tar", TRANSPORT_OCI_ARCHIVE, "me@home/x.tar", NULL, NULL, -1 },
	{ "docker-archive:x.tar", TRANSPORT_DOCKER_ARCHIVE, "x.tar", NULL, NULL, -1 },
	{ "docker-archive:x.tar:a", TRANSPORT_DOCKER_ARCHIVE, "x.tar", "docker.io/library/a:latest",
	  NULL, -1 },
	{ "docker-archive:x.tar:@0", TRANSPORT_DOCKER_ARCHIVE, "x.tar", NULL, NULL, 0 },
	{ "dir:a:b/c@d", TRANSPORT_DIR, "a:b/c@d", NULL, NULL, -1 },
	{ "containers-storage:a:1", TRANSPORT_STORAGE, NULL, "a:1", NULL, -1 },
	{ "containers-storage:[/var/lib/x]a", TRANSPORT_STORAGE, "/var/lib/x", "a", NULL, -1 },
	{ "containers-storage:[overlay@/var/lib/x+/run/x:overlay.size=1]a", TRANSPORT_STORAGE,
	  "/var/lib/x", "a", NULL, -1 },
};

static void each_transport_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct known_case *c = &cases[i];
		AUTO(transport) struct transport t = { 0 };
		assert_int_equal(transport_parse(c->text, &t, NULL), 0);
		assert_int_equal(t.kind, c->kind);
		assert_true(str_eq(t.path, c->path));
		assert_int_equal(t.names.count, c->name ? 1 : 0);
		assert_true(str_eq(t.names.count ? t.names.items[0] : NULL, c->name));
		assert_true(str_eq(t.digest, c->digest));
		assert_int_equal(t.index, c->index);
		assert_int_equal(transport_given(c->text), c->kind != TRANSPORT_REGISTRY);
	}
}

static void what_is_printed_reads_back_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(transport) struct transport a = { 0 }, b = { 0 };
		assert_int_equal(transport_parse(cases[i].text, &a, NULL), 0);
		AUTO(mem) char *text = transport_print(&a);
		assert_int_equal(transport_parse(text, &b, NULL), 0);
		AUTO(mem) char *again = transport_print(&b);
		assert_string_equal(text, again);
		assert_int_equal(a.kind, b.kind);
	}
}

static void a_name_with_a_port_or_a_tag_is_no_transport(void **state)
{
	static const char *const names[] = {
		"localhost:5000/x",
		"docker:dind",
		"docker:5000/x",
		"nginx",
		"oci.example/x:1",
		"ociarchive:1",
		"sif:latest",
		"tarball:1.0",
		"atomic:5000/a/b:1",
		"abc",
		"dirs:1",
		"ocix:5000/x",
		"docker.io/dir:1",
		"a@sha256:" HEX64,
	};

	(void)state;
	for (size_t i = 0; i < array_len(names); i++) {
		AUTO(transport) struct transport t = { 0 };
		assert_false(transport_given(names[i]));
		assert_int_equal(transport_parse(names[i], &t, NULL), 0);
		assert_int_equal(t.kind, TRANSPORT_NONE);
		assert_string_equal(t.names.items[0], names[i]);
	}
}

static void a_transport_wins_over_a_name_of_the_same_spelling(void **state)
{
	AUTO(transport) struct transport t = { 0 }, dir = { 0 };

	(void)state;
	assert_int_equal(transport_parse("oci:5000/x", &t, NULL), 0);
	assert_int_equal(t.kind, TRANSPORT_OCI);
	assert_string_equal(t.path, "5000/x");
	assert_int_equal(transport_parse("dir:latest", &dir, NULL), 0);
	assert_int_equal(dir.kind, TRANSPORT_DIR);
}

static void a_dockers_archive_takes_several_names(void **state)
{
	AUTO(transport) struct transport t = { 0 };

	(void)state;
	assert_int_equal(transport_parse("docker-archive:x.tar:a:1,quay.io/b", &t, NULL), 0);
	assert_int_equal(t.names.count, 2);
	assert_string_equal(t.names.items[0], "docker.io/library/a:1");
	assert_string_equal(t.names.items[1], "quay.io/b:latest");
}

static void what_is_known_elsewhere_is_refused_with_the_reason(void **state)
{
	static const char *const texts[] = { "docker-daemon:/x", "docker-daemon:a:1",
					     "docker-daemon:a",	 "sif:/x.sif",
					     "ostree:../x",	 "tarball:/x.tar",
					     "atomic:/x" };

	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(transport) struct transport t = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_true(transport_given(texts[i]));
		assert_int_equal(transport_parse(texts[i], &t, &err), -EOPNOTSUPP);
		assert_non_null(err.hint);
	}
}

static void what_nobody_knows_names_the_known_ones(void **state)
{
	static const char *const texts[] = { "https://quay.io/a", "oras://quay.io/a",
					     "file:///x.tar", "squash:/x.img", "tar:./x.tar" };

	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(transport) struct transport t = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(transport_parse(texts[i], &t, &err), -EINVAL);
		assert_non_null(strstr(err.hint, "oci-archive:"));
	}
}

static void a_path_of_windows_is_no_image(void **state)
{
	AUTO(transport) struct transport t = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(transport_parse("C:\\images\\x.tar", &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "Windows"));
}

static void wrong_parts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"docker://",
		"oci:",
		"oci::name",
		"oci:x:-a",
		"oci:x:a b",
		"oci:x:@-1",
		"oci:x:@",
		"oci:x:@1x",
		"dir:",
		"docker-archive:",
		"docker-archive:x:A b",
		"docker-archive:x:a,",
		"containers-storage:",
		"containers-storage:[/x",
		"containers-storage:[x]a",
		"containers-storage:[/x]",
		"docker-archive:x:a@sha256:" HEX64,
		"oci:@sha256:" HEX64,
	};

	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(transport) struct transport t = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(transport_parse(texts[i], &t, &err), -EINVAL);
		assert_non_null(err.text);
		assert_null(t.path);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_transport_is_read),
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(a_name_with_a_port_or_a_tag_is_no_transport),
		cmocka_unit_test(a_transport_wins_over_a_name_of_the_same_spelling),
		cmocka_unit_test(a_dockers_archive_takes_several_names),
		cmocka_unit_test(what_is_known_elsewhere_is_refused_with_the_reason),
		cmocka_unit_test(what_nobody_knows_names_the_known_ones),
		cmocka_unit_test(a_path_of_windows_is_no_image),
		cmocka_unit_test(wrong_parts_are_refused),
	};

	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
