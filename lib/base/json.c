/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json - reading JSON with checks of type and range, and structs described by tables
 *
 * cJSON keeps numbers as doubles: whole numbers above 2^53 would lose digits, so 64-bit fields
 * beyond that (times in nanoseconds) are written as texts of digits, and read back from either.
 */
#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

enum { EXACT = 53 }; /* bits a double holds */

struct extent {
	int depth;
	int deepest;
	size_t values;
};

/* How much of cJSON's memory and stack a document would take, before it does. */
static void measure_char(struct extent *e, char c)
{
	if (c == '{' || c == '[')
		e->deepest = max_of(++e->depth, e->deepest);
	else if (c == '}' || c == ']')
		e->depth--;
	e->values += c == '{' || c == '[' || c == ',';
}

static struct extent measure(const char *text, size_t size)
{
	struct extent e = { 0 };
	bool in_text = false;

	for (size_t i = 0; i < size; i++) {
		if (in_text && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_text = !in_text;
		else if (!in_text)
			measure_char(&e, text[i]);
	}
	return e;
}

int json_parse(const char *text, size_t size, cJSON **out, struct err *err)
{
	static const struct json_bounds usual = { JSON_MAX_BYTES, JSON_MAX_VALUES };

	return json_parse_within(text, size, &usual, out, err);
}

int json_parse_within(const char *text, size_t size, const struct json_bounds *bounds, cJSON **out,
		      struct err *err)
{
	const char *end = NULL;

	if (size > bounds->bytes)
		return err_set(err, -EFBIG, "JSON document of %zu bytes is too large", size);
	const struct extent extent = measure(text, size);
	/* cJSON stops at CJSON_NESTING_LIMIT (1000) by itself; ours is stricter. */
	if (extent.deepest > JSON_MAX_DEPTH)
		return err_set(err, -EBADMSG, "JSON document is nested too deeply");
	if (extent.values > bounds->values)
		return err_set(err, -EFBIG, "JSON document has more than %zu values",
			       bounds->values);
	AUTO(json) cJSON *value = cJSON_ParseWithLengthOpts(text, size, &end, false);
	if (!value)
		return err_set(err, -EBADMSG, "not valid JSON at byte %td", end ? end - text : 0);
	while (end < text + size && strchr(" \t\r\n", *end))
		end++;
	if (end < text + size && *end)
		return err_set(err, -EBADMSG, "not valid JSON at byte %td", end - text);
	*out = take_ptr(value);
	return 0;
}

int json_load(int dirfd, const char *path, cJSON **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = file_read(dirfd, path, JSON_MAX_BYTES, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	r = json_parse(text, size, out, err);
	if (r < 0)
		(void)err_wrap(err, "'%s' is damaged", path); /* its code is lost without @err */
	return r;
}

/* Replaces the tabs that cJSON indents with. */
static char *reindent(const char *text, int indent)
{
	AUTO(strv) struct strv lines = { 0 };
	AUTO(strv) struct strv out = { 0 };

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		size_t tabs = strspn(lines.items[i], "\t");
		/* cJSON puts a tab between key and value; only that one follows a colon. */
		char *gap = strstr(lines.items[i], ":\t");
		if (gap)
			gap[1] = ' ';
		strv_addf(&out, "%*s%s", (int)tabs * indent, "", lines.items[i] + tabs);
	}
	return str_join(&out, "\n");
}

char *json_print(const cJSON *value, int indent)
{
	char *text = indent ? cJSON_Print(value) : cJSON_PrintUnformatted(value);

	bug_unless(text);
	if (!indent)
		return text;
	AUTO(mem) char *tabbed = text;
	return reindent(tabbed, indent);
}

char *json_print_text(const cJSON *value)
{
	AUTO(mem) char *bytes = json_print(value, 0);

	return utf8_text(bytes, strlen(bytes));
}

const cJSON *json_get(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *json_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(json_get(object, key));
}

static int whole(const cJSON *value, int64_t *out)
{
	if (!cJSON_IsNumber(value))
		return -EBADMSG;
	double n = value->valuedouble;
	if (!isfinite(n) || n != trunc(n) || n < -0x1p63 || n >= 0x1p63)
		return -EBADMSG;
	*out = (int64_t)n;
	return 0;
}

int json_i64(const cJSON *object, const char *key, int64_t *out)
{
	const cJSON *value = json_get(object, key);

	return value ? whole(value, out) : -ENOENT;
}

bool json_bool(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(json_get(object, key));
}

static int load_strv(const cJSON *value, struct strv *out)
{
	AUTO(strv) struct strv list = { 0 };
	const cJSON *item;

	if (!value || cJSON_IsNull(value))
		return 0;
	if (!cJSON_IsArray(value))
		return -EBADMSG;
	cJSON_ArrayForEach(item, value)
	{
		if (!cJSON_IsString(item))
			return -EBADMSG;
		strv_add(&list, item->valuestring);
	}
	strv_extend(out, &list);
	return 0;
}

int json_strv(const cJSON *object, const char *key, struct strv *out)
{
	return load_strv(json_get(object, key), out);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The keys of an object, sorted, with their texts behind '=' when @values. */
static int load_keys(const cJSON *value, bool values, struct strv *out)
{
	AUTO(strv) struct strv list = { 0 };
	const cJSON *item;

	if (!cJSON_IsObject(value))
		return -EBADMSG;
	cJSON_ArrayForEach(item, value)
	{
		if (!values)
			strv_add(&list, item->string);
		else if (cJSON_IsString(item))
			strv_addf(&list, "%s=%s", item->string, item->valuestring);
		else
			return -EBADMSG;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, by_bytes);
	strv_extend(out, &list);
	return 0;
}

struct any_list {
	char *items;
	size_t count;
};

static int load_list(const struct jfield *f, const cJSON *value, struct any_list *list,
		     struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsArray(value))
		return -EBADMSG;
	cJSON_ArrayForEach(item, value)
	{
		list->items = mem_push(list->items, &list->count, f->size);
		int r = jfield_load(f->table, item, list->items + (list->count - 1) * f->size, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_one(const struct jfield *f, const cJSON *value, void *at, struct err *err)
{
	int64_t n;
	int r;

	switch (f->kind) {
	case J_KIND_BOOL:
		*(bool *)at = cJSON_IsTrue(value);
		return cJSON_IsBool(value) ? 0 : -EBADMSG;
	case J_KIND_INT:
		r = whole(value, &n);
		if (r < 0 || n != (int)n)
			return -EBADMSG;
		*(int *)at = (int)n;
		return 0;
	case J_KIND_I64:
		/* Beyond 2^53 they are texts, see save_i64(). */
		if (cJSON_IsString(value))
			return str_i64(value->valuestring, INT64_MIN, INT64_MAX, at) < 0 ? -EBADMSG
											 : 0;
		return whole(value, at);
	case J_KIND_TEXT:
		if (!cJSON_IsString(value))
			return -EBADMSG;
		str_set(at, value->valuestring);
		return 0;
	case J_KIND_STRV:
		return load_strv(value, at);
	case J_KIND_MAP:
	case J_KIND_SET:
		return load_keys(value, f->kind == J_KIND_MAP, at);
	case J_KIND_STRUCT:
		return jfield_load(f->table, value, at, err);
	case J_KIND_LIST:
		return load_list(f, value, at, err);
	case J_KIND_RAW:
		cJSON_Delete(*(cJSON **)at);
		*(cJSON **)at = cJSON_Duplicate(value, true);
		return 0;
	case J_KIND_END:
		break;
	}
	return -EBADMSG;
}

/* Members that come in the table's order are found at the first look. */
static const struct jfield *find_field(const struct jfield *table, const struct jfield *hint,
				       const char *key)
{
	for (const struct jfield *f = hint; f->key; f++)
		if (strcmp(f->key, key) == 0)
			return f;
	for (const struct jfield *f = table; f != hint; f++)
		if (strcmp(f->key, key) == 0)
			return f;
	return NULL;
}

int jfield_load(const struct jfield *table, const cJSON *object, void *st, struct err *err)
{
	const struct jfield *hint = table;
	bool seen[JSON_MAX_FIELDS] = { false };
	const cJSON *item;

	if (!cJSON_IsObject(object))
		return err_set(err, -EBADMSG, "an object is missing");
	cJSON_ArrayForEach(item, object)
	{
		const struct jfield *f = find_field(table, hint, item->string);
		if (!f || cJSON_IsNull(item))
			continue;
		hint = f + 1;
		bug_unless(f - table < JSON_MAX_FIELDS);
		if (seen[f - table])
			return err_set(err, -EBADMSG, "'%s' is there twice", f->key);
		seen[f - table] = true;
		if (load_one(f, item, (char *)st + f->offset, err) < 0)
			return err_set(err, -EBADMSG, "'%s' has a value of the wrong type", f->key);
	}
	return 0;
}

static cJSON *save_i64(int64_t n)
{
	if (n < (int64_t)1 << EXACT && n > -((int64_t)1 << EXACT))
		return cJSON_CreateNumber((double)n);
	AUTO(mem) char *digits = str_fmt("%" PRId64, n);
	return cJSON_CreateString(digits);
}

static cJSON *save_strv(const struct strv *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
	return array;
}

static cJSON *save_map(const struct strv *list)
{
	cJSON *object = cJSON_CreateObject();

	for (size_t i = 0; i < list->count; i++) {
		AUTO(mem) char *key = str_dup(list->items[i]);
		const char *value = str_cut(key, '=');
		cJSON_AddStringToObject(object, key, str_or(value, ""));
	}
	return object;
}

static cJSON *save_set(const struct strv *list)
{
	cJSON *object = cJSON_CreateObject();

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddObjectToObject(object, list->items[i]);
	return object;
}

static cJSON *save_list(const struct jfield *f, const struct any_list *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, jfield_save(f->table, list->items + i * f->size));
	return array;
}

static cJSON *save_struct(const struct jfield *f, const void *st)
{
	AUTO(json) cJSON *object = jfield_save(f->table, st);

	return f->always || object->child ? take_ptr(object) : NULL;
}

/* The value of one field, or NULL when it is empty and may be left out. */
static cJSON *save_one(const struct jfield *f, const void *at)
{
	switch (f->kind) {
	case J_KIND_BOOL:
		return f->always || *(bool *)at ? cJSON_CreateBool(*(bool *)at) : NULL;
	case J_KIND_INT:
		return f->always || *(int *)at ? save_i64(*(int *)at) : NULL;
	case J_KIND_I64:
		return f->always || *(int64_t *)at ? save_i64(*(int64_t *)at) : NULL;
	case J_KIND_TEXT:
		if (!*(char **)at)
			return f->always ? cJSON_CreateString("") : NULL;
		return cJSON_CreateString(*(char **)at);
	case J_KIND_STRV:
		return f->always || ((struct strv *)at)->count ? save_strv(at) : NULL;
	case J_KIND_MAP:
		return f->always || ((struct strv *)at)->count ? save_map(at) : NULL;
	case J_KIND_SET:
		return f->always || ((struct strv *)at)->count ? save_set(at) : NULL;
	case J_KIND_STRUCT:
		return save_struct(f, at);
	case J_KIND_LIST:
		return f->always || ((struct any_list *)at)->count ? save_list(f, at) : NULL;
	case J_KIND_RAW:
		return *(cJSON **)at ? cJSON_Duplicate(*(cJSON **)at, true) : NULL;
	case J_KIND_END:
		break;
	}
	return NULL;
}

cJSON *jfield_save(const struct jfield *table, const void *st)
{
	cJSON *object = cJSON_CreateObject();

	bug_unless(object);
	for (const struct jfield *f = table; f->key; f++) {
		cJSON *value = save_one(f, (const char *)st + f->offset);
		if (value)
			cJSON_AddItemToObjectCS(object, f->key, value);
	}
	return object;
}

static void clear_list(const struct jfield *f, struct any_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		jfield_clear(f->table, list->items + i * f->size);
	free(list->items);
	*list = (struct any_list){ 0 };
}

void jfield_clear(const struct jfield *table, void *st)
{
	for (const struct jfield *f = table; f->key; f++) {
		void *at = (char *)st + f->offset;
		switch (f->kind) {
		case J_KIND_TEXT:
			str_set(at, NULL);
			break;
		case J_KIND_STRV:
		case J_KIND_MAP:
		case J_KIND_SET:
			strv_clear(at);
			break;
		case J_KIND_STRUCT:
			jfield_clear(f->table, at);
			break;
		case J_KIND_LIST:
			clear_list(f, at);
			break;
		case J_KIND_RAW:
			cJSON_Delete(*(cJSON **)at);
			*(cJSON **)at = NULL;
			break;
		case J_KIND_BOOL:
			*(bool *)at = false;
			break;
		case J_KIND_INT:
			*(int *)at = 0;
			break;
		case J_KIND_I64:
			*(int64_t *)at = 0;
			break;
		case J_KIND_END:
			break;
		}
	}
}
