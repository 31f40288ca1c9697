/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - looking for repositories of a registry
 */
#include "search.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "oci/reference.h"

enum { MAX_SCANNED = 200000, MAX_CATALOG_PAGES = 1000, DESCRIPTION_MAX = 4096, MAX_FOUND = 1000 };

struct search *search_new(const char *term, int limit, bool only_index)
{
	struct search *search = mem_new(struct search);

	search->term = str_dup(str_or(term, ""));
	search->limit = max_of(limit, 1);
	search->limit = min_of(search->limit, (int)MAX_FOUND);
	search->only_index = only_index;
	/* The index cannot be asked for everything. */
	search->catalog = !*search->term && !only_index;
	return search;
}

char *search_url(const struct search *search, const struct site *site)
{
	const char *scheme = site->plain ? "http" : "https";

	if (search->catalog)
		return str_fmt("%s://%s/v2/_catalog", scheme, site->real);
	char *coded = curl_easy_escape(NULL, search->term, 0);
	bug_unless(coded);
	char *url =
		str_fmt("%s://%s/v1/search?q=%s&n=%d", scheme, site->real, coded, search->limit);
	curl_free(coded);
	return url;
}

static bool is_index(const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;

	return answer->status == 200 && answer->body &&
	       json_parse(answer->body, answer->body_size, &doc, NULL) == 0 &&
	       cJSON_IsArray(json_get(doc, "results"));
}

bool search_turn(struct search *search, const struct http_answer *answer)
{
	if (search->catalog || search->only_index || answer->status == 429 || is_index(answer))
		return false;
	search->catalog = true;
	return true;
}

/* What cannot be a repository's name is none, whatever the registry says. */
static bool can_be_name(const char *name)
{
	AUTO(mem) char *text = str_fmt("x.y/%s", str_or(name, ""));
	AUTO(reference) struct reference ref = { 0 };

	return reference_parse(text, &ref, NULL) == 0 && str_eq(ref.path, name);
}

static bool full(const struct search *search)
{
	return search->found.list.count >= (size_t)search->limit;
}

static struct found_item *add(struct search *search, const char *name)
{
	struct found_item *item = vec_push(&search->found.list);

	*item = (struct found_item){ .name = str_dup(name) };
	return item;
}

static void take_result(struct search *search, const cJSON *result)
{
	const char *name = json_text(result, "name");
	const char *about = json_text(result, "description");
	int64_t stars = 0;

	if (!can_be_name(name) || full(search))
		return;
	struct found_item *item = add(search, name);
	item->description = about ? str_ndup(about, DESCRIPTION_MAX) : NULL;
	if (json_i64(result, "star_count", &stars) == 0 && stars >= 0 && stars <= INT_MAX)
		item->stars = (int)stars;
	item->official = json_bool(result, "is_official");
	item->automated = json_bool(result, "is_automated");
}

static void take_name(struct search *search, const char *name)
{
	if (!strstr(name, search->term) || !can_be_name(name) || full(search))
		return;
	(void)add(search, name);
	struct found_item *items = search->found.list.items;
	size_t last = search->found.list.count - 1;
	if (!str_eq(name, search->term) || !last)
		return;
	/* The very name stands first. */
	const struct found_item exact = items[last];
	memmove(items + 1, items, last * sizeof *items);
	items[0] = exact;
}

/* Whether a page of the catalog is another one than the first. */
static bool goes_on(struct search *search, const cJSON *list)
{
	const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(list, 0));

	if (!name || ++search->pages >= MAX_CATALOG_PAGES ||
	    (search->first && str_eq(search->first, name)))
		return false;
	if (!search->first)
		search->first = str_dup(name);
	return true;
}

int search_take(struct search *search, const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;
	const cJSON *item, *list;

	if (json_parse(str_or(answer->body, ""), answer->body_size, &doc, NULL) < 0)
		return -EBADMSG;
	list = json_get(doc, search->catalog ? "repositories" : "results");
	if (list && !cJSON_IsNull(list) && !cJSON_IsArray(list))
		return -EBADMSG;
	bool more = search->catalog && goes_on(search, list);
	if (search->pages > 1 && !more)
		return 0;
	cJSON_ArrayForEach(item, list)
	{
		search->scanned++;
		if (!search->catalog)
			take_result(search, item);
		else if (cJSON_IsString(item))
			take_name(search, item->valuestring);
	}
	return more && !full(search) && search->scanned < MAX_SCANNED;
}

void search_free(struct search *search)
{
	if (!search)
		return;
	found_clear(&search->found);
	free(search->term);
	free(search->first);
	free(search);
}
