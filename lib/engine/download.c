/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * download - a file that is no registry's, by the registry helper
 */
#include "engine/download.h"

#include <stdlib.h>

#include "base/loop.h"
#include "remote/client.h"

struct question {
	struct loop *loop;
	struct err *err;
	struct download_answer answer;
};

static void on_end(void *data, const struct remote_answer *answer, struct err *err)
{
	struct question *q = data;
	int r = 0;

	if (answer)
		q->answer = (struct download_answer){ .digest = str_dup(answer->digest),
						      .validator = str_dup(answer->validator) };
	else
		r = err_move(q->err, err);
	loop_stop(q->loop, r);
}

bool download_is(const char *text)
{
	return str_starts(text, "http://") || str_starts(text, "https://");
}

int download_file(const struct host *host, const struct download_request *request,
		  struct download_answer *out, struct err *err)
{
	AUTO(remote_settings) struct remote_settings settings = { 0 };
	AUTO(loop) struct loop *loop = NULL;
	AUTO(remote) struct remote *remote = NULL;
	struct registry_access access = *request->access;
	struct question q = { .err = err };
	const struct remote_download_request ask = { .address = request->address,
						     .known = request->known,
						     .most = request->most,
						     .file = request->file,
						     .done = on_end,
						     .data = &q };

	access.authfile_new = true; /* no registry: nothing of it is used */
	int r = registry_settings(host, false, &access, &settings, err);
	if (r < 0)
		return r;
	r = loop_new(&loop);
	if (r < 0)
		return err_sys(err, r, "cannot wait for '%s'", request->address);
	q.loop = loop;
	r = remote_open(host, &settings, loop, &remote, err);
	if (r == 0)
		r = remote_download(remote, &ask, err);
	if (r == 0)
		r = loop_run(loop);
	if (r == 0 && out) {
		*out = q.answer;
		q.answer = (struct download_answer){ 0 };
	}
	download_answer_clear(&q.answer);
	return r;
}

void download_answer_clear(struct download_answer *answer)
{
	free(answer->digest);
	free(answer->validator);
	*answer = (struct download_answer){ 0 };
}
