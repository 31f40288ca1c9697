/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upload_test - what is asked of a registry, step by step, for a blob that is pushed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fd.h"
#include "base/str.h"
#include "cubby-remote/upload.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SESSION "https://r/v2/a/blobs/uploads/1?x"
#define MIB (INT64_C(1) << 20)

/* The registry of these tests. */
char *site_url(const struct site *site, const char *path, const char *kind, const char *what)
{
	(void)site;
	return str_fmt("https://r/v2/%s/%s/%s", path, kind, what);
}

static void auto_upload(struct upload **u)
{
	upload_free(*u);
}

static struct upload *begin(int64_t size, const char *digest, const char *mount)
{
	const struct remote_message message = { .kind = REMOTE_UPLOAD,
						.digest = (char *)digest,
						.mount = (char *)mount,
						.size = size };
	int file = memfd_create("blob", MFD_CLOEXEC);

	assert_true(file >= 0);
	return upload_new(file, &message);
}

/* The next request: its method ("HEAD" and "GET", too) and address. */
static void expect(struct upload *u, const char *method, const char *url, const char *range)
{
	struct http_request request = { 0 };
	AUTO(mem) char *at = upload_url(u, NULL, "a", false);

	upload_request(u, &request);
	assert_string_equal(at, url);
	assert_string_equal(request.head ? "HEAD" : str_or(request.method, "GET"), method);
	assert_string_equal(str_or(request.body.range, "-"), str_or(range, "-"));
}

static int answer(struct upload *u, int status, const char *location, const char *range)
{
	const struct http_answer a = { .status = status,
				       .location = (char *)location,
				       .range = (char *)range };

	return (int)upload_answer(u, &a, false).kind;
}

static void a_small_blob_goes_along_with_the_last_request(void **state)
{
	AUTO(upload) struct upload *u = begin(100, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PUT", SESSION "&digest=" DIGEST, NULL);
	assert_int_equal(answer(u, 201, NULL, NULL), UPLOAD_OVER);
	assert_int_equal(u->how, REMOTE_HOW_SENT);
}

static void a_large_blob_is_sent_whole_and_then_named(void **state)
{
	AUTO(upload) struct upload *u = begin(100 * MIB, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, NULL);
	assert_int_equal(answer(u, 202, "https://r/2", "0-104857599"), UPLOAD_ASK);
	expect(u, "PUT", "https://r/2?digest=" DIGEST, NULL);
}

static void a_mounted_blob_is_not_sent(void **state)
{
	AUTO(upload) struct upload *u = begin(100, DIGEST, "other/b");
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/?mount=" DIGEST "&from=other/b", NULL);
	assert_int_equal(answer(u, 201, NULL, NULL), UPLOAD_OVER);
	assert_int_equal(u->how, REMOTE_HOW_MOUNTED);
}

static void a_repository_that_cannot_be_mounted_from_is_left_alone(void **state)
{
	AUTO(upload) struct upload *u = begin(100, DIGEST, "other/b");
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/?mount=" DIGEST "&from=other/b", NULL);
	assert_int_equal(answer(u, 403, NULL, NULL), UPLOAD_ASK);
	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
}

static void a_broken_part_is_asked_for_and_the_rest_follows(void **state)
{
	AUTO(upload) struct upload *u = begin(100 * MIB, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, NULL);
	/* no answer came */
	expect(u, "GET", SESSION, NULL);
	assert_int_equal(answer(u, 204, NULL, "0-41943039"), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, "41943040-104857599");
	assert_int_equal(answer(u, 202, NULL, "0-104857599"), UPLOAD_ASK);
	expect(u, "PUT", SESSION "&digest=" DIGEST, NULL);
	/* no answer came: it may be there */
	expect(u, "HEAD", "https://r/v2/a/blobs/" DIGEST, NULL);
	assert_int_equal(answer(u, 200, NULL, NULL), UPLOAD_OVER);
}

static void a_session_that_is_lost_begins_anew(void **state)
{
	AUTO(upload) struct upload *u = begin(100 * MIB, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, NULL);
	expect(u, "GET", SESSION, NULL);
	assert_int_equal(answer(u, 404, NULL, NULL), UPLOAD_LATER);
	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
}

static void a_registry_that_claims_more_than_was_sent_is_not_believed(void **state)
{
	AUTO(upload) struct upload *u = begin(100 * MIB, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, NULL);
	assert_int_equal(answer(u, 202, NULL, "0-999999999"), UPLOAD_LATER);
	expect(u, "GET", SESSION, NULL);
	assert_int_equal(answer(u, 204, NULL, "0-999999999"), UPLOAD_LATER);
	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
}

static void what_is_refused_for_its_size_is_sent_in_chunks(void **state)
{
	AUTO(upload) struct upload *u = begin(20 * MIB, DIGEST, NULL);
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, NULL);
	assert_int_equal(answer(u, 413, NULL, NULL), UPLOAD_ASK);
	expect(u, "GET", SESSION, NULL);
	assert_int_equal(answer(u, 204, NULL, "0-0"), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, "0-8388607");
	assert_int_equal(answer(u, 202, NULL, "0-8388607"), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, "8388608-16777215");
	assert_int_equal(answer(u, 202, NULL, NULL), UPLOAD_ASK);
	expect(u, "PATCH", SESSION, "16777216-20971519");
	assert_int_equal(answer(u, 202, NULL, "0-20971519"), UPLOAD_ASK);
	expect(u, "PUT", SESSION "&digest=" DIGEST, NULL);
}

static void a_file_that_grows_is_named_at_the_end(void **state)
{
	AUTO(upload) struct upload *u = begin(-1, NULL, NULL);
	struct remote_message more = { .kind = REMOTE_MORE, .size = 5 * MIB };
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	assert_false(upload_waits(u));
	expect(u, "PATCH", SESSION, NULL);
	upload_grown(u, &more);
	more.size = 6 * MIB;
	more.digest = (char *)DIGEST;
	upload_grown(u, &more);
	assert_int_equal(answer(u, 202, NULL, "0-6291455"), UPLOAD_ASK);
	expect(u, "PUT", SESSION "&digest=" DIGEST, NULL);
}

static void a_file_that_grows_goes_on_in_parts_after_a_break(void **state)
{
	AUTO(upload) struct upload *u = begin(-1, NULL, NULL);
	struct remote_message more = { .kind = REMOTE_MORE, .size = 5 * MIB };
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	assert_int_equal(answer(u, 202, SESSION, NULL), UPLOAD_ASK);
	upload_grown(u, &more);
	expect(u, "PATCH", SESSION, NULL);
	expect(u, "GET", SESSION, NULL);
	assert_int_equal(answer(u, 204, NULL, "0-1048575"), UPLOAD_ASK);
	assert_true(upload_waits(u));
	more.size = 20 * MIB;
	upload_grown(u, &more);
	assert_false(upload_waits(u));
	expect(u, "PATCH", SESSION, "1048576-20971519");
}

static void an_address_without_tls_is_refused(void **state)
{
	AUTO(upload) struct upload *u = begin(100, DIGEST, NULL);
	const struct http_answer a = { .status = 202, .location = (char *)"http://r/1" };
	(void)state;

	expect(u, "POST", "https://r/v2/a/blobs/uploads/", NULL);
	const struct upload_verdict v = upload_answer(u, &a, false);
	assert_int_equal(v.kind, UPLOAD_FAIL);
	assert_int_equal(v.code, -EACCES);
}

static void without_a_file_it_is_only_asked_for(void **state)
{
	const struct remote_message message = { .digest = (char *)DIGEST, .size = 1 };
	AUTO(upload) struct upload *u = upload_new(-1, &message);
	const struct http_answer none = { .status = 404 };
	(void)state;

	expect(u, "HEAD", "https://r/v2/a/blobs/" DIGEST, NULL);
	assert_int_equal(upload_answer(u, &none, false).code, -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_blob_goes_along_with_the_last_request),
		cmocka_unit_test(a_large_blob_is_sent_whole_and_then_named),
		cmocka_unit_test(a_mounted_blob_is_not_sent),
		cmocka_unit_test(a_repository_that_cannot_be_mounted_from_is_left_alone),
		cmocka_unit_test(a_broken_part_is_asked_for_and_the_rest_follows),
		cmocka_unit_test(a_session_that_is_lost_begins_anew),
		cmocka_unit_test(a_registry_that_claims_more_than_was_sent_is_not_believed),
		cmocka_unit_test(what_is_refused_for_its_size_is_sent_in_chunks),
		cmocka_unit_test(a_file_that_grows_is_named_at_the_end),
		cmocka_unit_test(a_file_that_grows_goes_on_in_parts_after_a_break),
		cmocka_unit_test(an_address_without_tls_is_refused),
		cmocka_unit_test(without_a_file_it_is_only_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
