/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table_test - lists as docker prints them, and filters
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "cli/filter.h"
#include "cli/table.h"

static const struct column columns[] = {
	{ "ID", "CONTAINER ID" }, { "Image", "IMAGE" }, { "Names", "NAMES" },
	{ "Label()", "" },	  { NULL, NULL },
};

static const struct template_schema schema = { .maps = "Label()" };

static const struct table_spec spec = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.Image}}\\t{{.Names}}",
};

static const char two[] =
	"[{\"ID\":\"0123456789ab\",\"Image\":\"a\",\"Names\":\"web\",\"Label()\":{\"k\":\"v\"}},"
	"{\"ID\":\"ba9876543210\",\"Image\":\"docker.io/x:1\",\"Names\":\"db\",\"Label()\":{}}]";

static int print(const char *format, bool no_heading, const char *json, char **out, struct err *err)
{
	AUTO(json) cJSON *rows = NULL;
	const struct table_style style = { .format = format, .no_heading = no_heading };
	size_t size;

	assert_int_equal(json_parse(json, strlen(json), &rows, NULL), 0);
	FILE *to = open_memstream(out, &size);
	int r = table_print(&spec, &style, rows, to, err);
	fclose(to);
	return r;
}

#define prints(format, no_heading, json, want)                                                     \
	do {                                                                                       \
		AUTO(mem) char *out_ = NULL;                                                       \
		assert_int_equal(print(format, no_heading, json, &out_, NULL), 0);                 \
		assert_string_equal(out_, want);                                                   \
	} while (0)

static void columns_stand_three_spaces_apart(void **state)
{
	(void)state;
	prints(NULL, false, two,
	       "CONTAINER ID   IMAGE           NAMES\n"
	       "0123456789ab   a               web\n"
	       "ba9876543210   docker.io/x:1   db\n");
	prints(NULL, true, two,
	       "0123456789ab   a               web\n"
	       "ba9876543210   docker.io/x:1   db\n");
	prints(NULL, false, "[]", "CONTAINER ID   IMAGE     NAMES\n");
	prints("table", true, "[]", "");
}

static void a_format_may_be_a_table_or_lines(void **state)
{
	(void)state;
	prints("table {{.Names}}\\t{{.ID | upper}}", false, two,
	       "NAMES     CONTAINER ID\n"
	       "web       0123456789AB\n"
	       "db        BA9876543210\n");
	prints("table {{.Label \"k\"}}\\t{{.Names}}", false, two,
	       "k         NAMES\n"
	       "v         web\n"
	       "          db\n");
	prints("{{.Names}}\\t{{.Image}}", false, two, "web\ta\ndb\tdocker.io/x:1\n");
	prints("json", false, two,
	       "{\"ID\":\"0123456789ab\",\"Image\":\"a\",\"Names\":\"web\"}\n"
	       "{\"ID\":\"ba9876543210\",\"Image\":\"docker.io/x:1\",\"Names\":\"db\"}\n");
	prints("tables {{.Names}}", false, two, "tables web\ntables db\n");
}

static void a_wrong_field_prints_nothing(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(print("{{.Nmae}}", false, two, &out, &err), -EINVAL);
	assert_string_equal(out, "");
	assert_string_equal(err.hint, "known fields: ID, Image, Names");
}

static void characters_count_and_not_bytes(void **state)
{
	AUTO(mem) char *cut = table_ellipsis("h\u00e9llo world", 6);
	AUTO(mem) char *whole = table_ellipsis("h\u00e9llo", 5);
	AUTO(mem) char *out = NULL;
	size_t size;

	(void)state;
	assert_string_equal(cut, "h\u00e9llo\u2026");
	assert_string_equal(whole, "h\u00e9llo");
	FILE *to = open_memstream(&out, &size);
	table_align("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\tb\na\tc\n", 0,
		    to);
	fclose(to);
	assert_string_equal(
		out,
		"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9   b\na            c\n");
}

static bool same(const void *thing, const char *value)
{
	return str_eq(thing, value);
}

static void filters_of_one_key_are_alternatives(void **state)
{
	static const char *const known[] = { "status", "label", NULL };
	AUTO(strv) struct strv filters = { 0 }, labels = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	strv_add(&filters, "status=exited");
	strv_add(&filters, "status=created");
	assert_int_equal(filter_check(&filters, known, &err), 0);
	assert_true(filter_any(&filters, "status", same, "created"));
	assert_false(filter_any(&filters, "status", same, "running"));
	assert_true(filter_any(&filters, "name", same, "x"));
	strv_add(&labels, "a=1");
	strv_add(&labels, "b=");
	strv_add(&filters, "label=a=1");
	assert_true(filter_all(&filters, "label", filter_label, &labels));
	strv_add(&filters, "label=b");
	assert_true(filter_all(&filters, "label", filter_label, &labels));
	strv_add(&filters, "label=a=2");
	assert_false(filter_all(&filters, "label", filter_label, &labels));
	assert_string_equal(filter_value(&filters, "status"), "created");
	strv_add(&filters, "colour=red");
	assert_int_equal(filter_check(&filters, known, &err), -EINVAL);
	assert_string_equal(err.text, "invalid filter 'colour'");
	assert_string_equal(err.hint, "known filters: status, label");
}

static char *aligned(const char *text, int width)
{
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	table_align(text, width, to);
	fclose(to);
	return out;
}

#define aligns(text, width, want)                                                                  \
	do {                                                                                       \
		AUTO(mem) char *out_ = aligned(text, width);                                       \
		assert_string_equal(out_, want);                                                   \
	} while (0)

static void a_table_fits_the_terminal_by_cutting_its_widest_columns(void **state)
{
	static const char wide[] = "ID\tIMAGE\tNAME\n"
				   "0123456789ab\tregistry.example.com/some/image:1\tweb\n";

	(void)state;
	aligns(wide, 0,
	       "ID             IMAGE                               NAME\n"
	       "0123456789ab   registry.example.com/some/image:1   web\n");
	aligns(wide, 55,
	       "ID             IMAGE                               NAME\n"
	       "0123456789ab   registry.example.com/some/image:1   web\n");
	aligns(wide, 40,
	       "ID             IMAGE                NAME\n"
	       "0123456789ab   registry.example.\u2026   web\n");
	/* An id is never cut, and then the terminal breaks the line. */
	aligns(wide, 10,
	       "ID             IMAGE          NAME\n"
	       "0123456789ab   registry.ex\u2026   web\n");
}

static void narrow_columns_give_up_their_padding_first(void **state)
{
	(void)state;
	aligns("A\tB\tC\n1\t2\t3\n", 80, "A         B         C\n1         2         3\n");
	aligns("A\tB\tC\n1\t2\t3\n", 12, "A   B   C\n1   2   3\n");
}

static void what_ends_a_short_line_is_no_column(void **state)
{
	(void)state;
	aligns("a long line without cells\nA\tB\n", 0, "a long line without cells\nA         B\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_three_spaces_apart),
		cmocka_unit_test(a_format_may_be_a_table_or_lines),
		cmocka_unit_test(a_wrong_field_prints_nothing),
		cmocka_unit_test(characters_count_and_not_bytes),
		cmocka_unit_test(filters_of_one_key_are_alternatives),
		cmocka_unit_test(a_table_fits_the_terminal_by_cutting_its_widest_columns),
		cmocka_unit_test(narrow_columns_give_up_their_padding_first),
		cmocka_unit_test(what_ends_a_short_line_is_no_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
