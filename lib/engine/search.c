/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - looking for repositories, and for the tags of one
 */
#include "engine/search.h"

#include <errno.h>

#include "base/fd.h"
#include "base/loop.h"
#include "oci/reference.h"
#include "oci/registries_conf.h"
#include "remote/client.h"

#define DOCKER_DOMAIN "docker.io"

struct search {
	const struct search_request *request;
	struct remote_settings settings;
	struct loop *loop;
	struct remote *remote;
	struct registries_conf conf;
};

/* One registry being asked. */
struct question {
	struct search *search;
	size_t *left; /* questions without an answer */
	char *text;   /* the answer */
	size_t size;
	struct err err;
};

static void auto_search(struct search *s)
{
	remote_close(s->remote);
	loop_free(s->loop);
	registries_conf_clear(&s->conf);
	remote_settings_clear(&s->settings);
}

static int begin(struct search *s, struct err *err)
{
	const struct search_request *q = s->request;

	int r = registry_settings(q->host, q->docker, &q->access, &s->settings, err);
	if (r == 0)
		r = registries_conf_load(&s->conf, &s->settings.registries_conf, err);
	if (r < 0)
		return r;
	r = loop_new(&s->loop);
	if (r < 0)
		return err_sys(err, r, "cannot wait for registries");
	return remote_open(q->host, &s->settings, s->loop, &s->remote, err);
}

static void on_answer(void *data, const struct remote_answer *answer, struct err *err)
{
	struct question *q = data;

	if (answer) {
		int r = fd_read_all(answer->memfd, JSON_MAX_BYTES, &q->text, &q->size);
		if (r < 0)
			(void)err_sys(&q->err, r, "cannot read the answer");
	} else {
		(void)err_move(&q->err, err);
	}
	if (--*q->left == 0)
		loop_stop(q->search->loop, 0);
}

/* ---- repositories ----------------------------------------------------------------------------- */

/* The registry of a term and the rest of it; all search registries when it names none. */
static const char *split_term(const struct search *s, struct strv *out)
{
	const char *term = s->request->term;
	const char *slash = strchr(term, '/');
	size_t n = slash ? (size_t)(slash - term) : 0;

	if (slash && (strcspn(term, ".:") < n || str_starts(term, "localhost"))) {
		strv_take(out, str_ndup(term, n));
		return slash + 1;
	}
	if (!s->request->docker)
		strv_extend(out, &s->conf.search);
	if (!out->count)
		strv_add(out, DOCKER_DOMAIN);
	return term;
}

static int take(struct question *q, const char *registry, struct search_results *out)
{
	struct search_result result = { 0 };

	if (q->err.code < 0)
		return q->err.code;
	int r = found_parse(q->text, q->size, &result.found, &q->err);
	if (r < 0) {
		found_clear(&result.found);
		return r;
	}
	result.registry = str_dup(registry);
	*vec_push(out) = result;
	return 0;
}

static int gather(struct search *s, const struct strv *registries, struct question *questions,
		  struct search_results *out, struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < registries->count; i++) {
		int r = take(&questions[i], registries->items[i], out);
		if (r < 0 && first == 0)
			first = err_move(err, &questions[i].err);
		else if (r < 0 && s->request->warn)
			s->request->warn(s->request->warn_data, questions[i].err.text);
	}
	if (first == 0 || !out->count)
		return first;
	if (s->request->warn)
		s->request->warn(s->request->warn_data, err->text);
	err_clear(err);
	return 0;
}

static int ask_all(struct search *s, const struct strv *registries, const char *term,
		   struct question *questions, struct err *err)
{
	size_t left = registries->count;

	for (size_t i = 0; i < registries->count; i++) {
		questions[i] = (struct question){ .search = s, .left = &left };
		const struct remote_search_request request = { .domain = registries->items[i],
							       .term = term,
							       .limit = s->request->limit,
							       .done = on_answer,
							       .data = &questions[i] };
		int r = remote_search(s->remote, &request, NULL, err);
		if (r < 0)
			return r;
	}
	return loop_run(s->loop);
}

int search_images(const struct search_request *request, struct search_results *out, struct err *err)
{
	AUTO(search) struct search s = { .request = request };
	AUTO(strv) struct strv registries = { 0 };
	AUTO(search_results) struct search_results results = { 0 };
	struct search_results none = { 0 };

	int r = begin(&s, err);
	if (r < 0)
		return r;
	const char *term = split_term(&s, &registries);
	/* What lists all of docker.io does not exist. */
	if (!*term && registries.count && str_eq(registries.items[0], DOCKER_DOMAIN))
		return err_set(err, -EINVAL, "docker.io has to be asked for something");
	AUTO(mem) struct question *questions = mem_alloc(registries.count, sizeof *questions);
	r = ask_all(&s, &registries, term, questions, err);
	if (r == 0)
		r = gather(&s, &registries, questions, &results, err);
	for (size_t i = 0; i < registries.count; i++) {
		free(questions[i].text);
		err_clear(&questions[i].err);
	}
	if (r < 0)
		return r;
	*out = results;
	results = none;
	return 0;
}

/* ---- tags ------------------------------------------------------------------------------------- */

static int find_repository(const struct search *s, struct reference *out, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(strv) struct strv names = { 0 };

	int r = reference_parse(s->request->term, &ref, err);
	if (r < 0)
		return r;
	if (!ref.default_tag)
		return err_set(err, -EINVAL, "'%s' has a tag already", s->request->term);
	if (!ref.short_name || s->request->docker)
		strv_take(&names, reference_print(&ref));
	else
		r = registries_conf_short(&s->conf, &ref, &names, err);
	return r < 0 ? r : reference_parse(names.items[0], out, err);
}

int search_tags(const struct search_request *request, char **out_name, struct strv *out,
		struct err *err)
{
	AUTO(search) struct search s = { .request = request };
	AUTO(reference) struct reference ref = { 0 };
	AUTO(strv) struct strv tags = { 0 };
	size_t left = 1;
	struct question q = { .search = &s, .left = &left };

	int r = begin(&s, err);
	if (r == 0)
		r = find_repository(&s, &ref, err);
	if (r < 0)
		return r;
	const struct remote_manifest_request ask = {
		.domain = ref.domain, .path = ref.path, .done = on_answer, .data = &q
	};
	r = remote_tags(s.remote, &ask, NULL, err);
	if (r == 0)
		r = loop_run(s.loop);
	AUTO(mem) char *text = q.text;
	if (r == 0 && q.err.code < 0)
		return err_move(err, &q.err);
	if (r == 0)
		r = remote_tags_parse(text, q.size, &tags, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < tags.count && i < (size_t)request->limit; i++)
		strv_add(out, tags.items[i]);
	*out_name = reference_name(&ref);
	return 0;
}

void search_results_clear(struct search_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		free(results->items[i].registry);
		found_clear(&results->items[i].found);
	}
	free(results->items);
	*results = (struct search_results){ 0 };
}
