/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - asking the registry helper for manifests and blobs, and giving it some
 *
 * Callbacks may start and cancel jobs, and close nothing. A job is taken off the list before its end is
 * told, so a callback can ask for the same thing again.
 */
#include "remote/client.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/proc.h"
#include "remote/credhelper.h"
#include "remote/protocol.h"

#define HELPER "cubby-remote"

struct remote_job {
	struct remote *remote;
	struct remote_job *next;
	int64_t number;
	remote_done_fn done;
	remote_progress_fn progress;
	void *data;
};

struct remote {
	const struct host *host;
	struct loop *loop;
	struct source *source;
	int sock;
	int pidfd;
	int64_t last;
	struct remote_job *jobs;
};

/* What curl reads; everything else of the environment stays behind. curl knows no HTTP_PROXY, because a
 * request may set it where CGI programs run; here is none. */
static const struct {
	const char *name, *capitals;
} proxy_names[] = {
	{ "http_proxy", "HTTP_PROXY" },
	{ "https_proxy", "HTTPS_PROXY" },
	{ "all_proxy", "ALL_PROXY" },
};

static struct remote_job *take_job(struct remote *remote, int64_t number)
{
	for (struct remote_job **at = &remote->jobs; *at; at = &(*at)->next) {
		struct remote_job *job = *at;
		if (job->number != number)
			continue;
		*at = job->next;
		return job;
	}
	return NULL;
}

static void finish(struct remote_job *job, const struct remote_message *message, int fd)
{
	AUTO(err) struct err err = { 0 };
	struct remote_answer answer = { .memfd = fd,
					.digest = message->digest,
					.media_type = message->media_type,
					.validator = message->known,
					.size = message->size,
					.how = message->how };

	if (message->code < 0) {
		(void)err_set(&err, message->code, "%s", str_or(message->text, "it failed"));
		if (message->hint)
			(void)err_hint(&err, "%s", message->hint);
	}
	job->done(job->data, message->code < 0 ? NULL : &answer, &err);
	free(job);
}

static void lost(struct remote *remote)
{
	loop_remove(take_ptr(remote->source));
	while (remote->jobs) {
		struct remote_message message = { .code = -EPIPE };
		AUTO(mem) char *text = str_dup("the registry helper ended unexpectedly");
		message.text = text;
		finish(take_job(remote, remote->jobs->number), &message, -1);
	}
}

static void progress(struct remote *remote, const struct remote_message *message)
{
	for (struct remote_job *job = remote->jobs; job; job = job->next) {
		if (job->number != message->job)
			continue;
		if (job->progress)
			job->progress(job->data, message->size);
		return;
	}
}

/* Downloads go on meanwhile: they are the other process's. */
static void ask_helper(struct remote *remote, const struct remote_message *message)
{
	AUTO(credentials) struct credentials c = { 0 };
	AUTO(err) struct err err = { 0 };

	int r = credhelper_get(remote->host, str_or(message->text, ""), message->domain, &c, &err);
	const struct remote_message answer = { .kind = REMOTE_CREDENTIALS,
					       .job = message->job,
					       .user = c.user,
					       .secret = c.password,
					       .token = c.identity_token,
					       .code = min_of(r, 0),
					       .text = err.text };
	/* A helper that is gone shows at the next look. */
	(void)!remote_message_send(remote->sock, &answer, NULL, 0);
}

static void receive(void *data, uint32_t events)
{
	struct remote *remote = data;
	AUTO(remote_message) struct remote_message message = { 0 };
	int fds[REMOTE_MAX_FDS] = { -1, -1 };

	(void)events;
	int r = remote_message_recv(remote->sock, &message, fds);
	if (r == -EAGAIN)
		return;
	if (r <= 0) {
		lost(remote);
		return;
	}
	if (message.kind == REMOTE_PROGRESS) {
		progress(remote, &message);
	} else if (message.kind == REMOTE_HELPER) {
		ask_helper(remote, &message);
	} else if (message.kind == REMOTE_DONE) {
		/* None: it was cancelled while this was on its way. */
		struct remote_job *job = take_job(remote, message.job);
		if (job)
			finish(job, &message, fds[0]);
	}
	for (size_t i = 0; i < array_len(fds); i++)
		fd_close(fds[i]);
}

void remote_proxies(const struct host *host, struct strv *out)
{
	for (size_t i = 0; i < array_len(proxy_names); i++) {
		const char *value = host_env(host, proxy_names[i].name);
		if (str_empty(value))
			value = host_env(host, proxy_names[i].capitals);
		if (!str_empty(value))
			strv_addf(out, "%s=%s", proxy_names[i].name, value);
	}
}

static int start_helper(const struct host *host, int sock, int *out_pidfd, struct err *err)
{
	AUTO(mem) char *program = host_helper(host, HELPER);
	AUTO(strv) struct strv env = { 0 };
	char *argv[] = { (char *)HELPER, NULL };
	const struct spawn_fd fds[] = { { .from = STDERR_FILENO, .to = STDERR_FILENO },
					{ .from = sock, .to = REMOTE_FD } };

	remote_proxies(host, &env);
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .envp = env.items,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	pid_t pid = spawn_start(&spawn, out_pidfd, err);
	return pid < 0 ? (int)pid : 0;
}

static int send_settings(int sock, const struct remote_settings *settings, struct err *err)
{
	AUTO(json) cJSON *doc = jfield_save(remote_settings_fields, settings);
	const struct remote_message message = { .kind = REMOTE_SETTINGS, .settings = doc };

	int r = remote_message_send(sock, &message, NULL, 0);
	return r < 0 ? err_sys(err, r, "cannot talk to the registry helper") : 0;
}

int remote_open(const struct host *host, const struct remote_settings *settings, struct loop *loop,
		struct remote **out, struct err *err)
{
	AUTO(remote) struct remote *remote = mem_new(struct remote);
	int pair[2];

	remote->sock = remote->pidfd = -1;
	remote->host = host;
	remote->loop = loop;
	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot talk to the registry helper");
	remote->sock = pair[0];
	AUTO(fd) int theirs = pair[1];
	r = start_helper(host, theirs, &remote->pidfd, err);
	if (r < 0)
		return r;
	r = send_settings(remote->sock, settings, err);
	if (r < 0)
		return r;
	r = loop_add(loop, remote->sock, EPOLLIN, receive, remote, &remote->source);
	if (r < 0)
		return err_sys(err, r, "cannot wait for the registry helper");
	*out = take_ptr(remote);
	return 0;
}

/* Sends a request and enters its job. */
static int submit(struct remote *remote, struct remote_message *message, const int *fds,
		  size_t count, const struct remote_job *model, struct remote_job **out,
		  struct err *err)
{
	if (!remote->source)
		return err_set(err, -EPIPE, "the registry helper has ended");
	message->job = ++remote->last;
	int r = remote_message_send(remote->sock, message, fds, count);
	if (r < 0)
		return err_sys(err, r, "cannot talk to the registry helper");
	struct remote_job *job = mem_new(struct remote_job);
	*job = *model;
	job->remote = remote;
	job->number = message->job;
	job->next = remote->jobs;
	remote->jobs = job;
	if (out)
		*out = job;
	return 0;
}

int remote_manifest(struct remote *remote, const struct remote_manifest_request *request,
		    struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_MANIFEST,
					  .domain = (char *)request->domain,
					  .path = (char *)request->path,
					  .tag = (char *)request->tag,
					  .digest = (char *)request->digest,
					  .known = (char *)request->known };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, NULL, 0, &model, out, err);
}

int remote_tags(struct remote *remote, const struct remote_manifest_request *request,
		struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_TAGS,
					  .domain = (char *)request->domain,
					  .path = (char *)request->path };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, NULL, 0, &model, out, err);
}

int remote_check(struct remote *remote, const struct remote_manifest_request *request,
		 struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_CHECK, .domain = (char *)request->domain };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, NULL, 0, &model, out, err);
}

int remote_search(struct remote *remote, const struct remote_search_request *request,
		  struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_SEARCH,
					  .domain = (char *)request->domain,
					  .text = (char *)request->term,
					  .size = request->limit };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, NULL, 0, &model, out, err);
}

int remote_verify(struct remote *remote, const struct remote_verify_request *request,
		  struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_VERIFY,
					  .text = (char *)request->signature,
					  .secret = (char *)request->keys };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, &request->file, 1, &model, out, err);
}

int remote_file(struct remote *remote, const char *address, remote_done_fn done, void *data,
		struct err *err)
{
	struct remote_message message = { .kind = REMOTE_FILE, .text = (char *)address };
	const struct remote_job model = { .done = done, .data = data };

	return submit(remote, &message, NULL, 0, &model, NULL, err);
}

int remote_download(struct remote *remote, const struct remote_download_request *request,
		    struct err *err)
{
	struct remote_message message = { .kind = REMOTE_FILE,
					  .text = (char *)request->address,
					  .known = (char *)request->known,
					  .size = request->most };
	const struct remote_job model = { .done = request->done, .data = request->data };

	return submit(remote, &message, &request->file, 1, &model, NULL, err);
}

int remote_tags_parse(const char *text, size_t size, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *list = NULL;
	const cJSON *item;

	int r = json_parse(text, size, &list, err);
	if (r < 0)
		return r;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return err_set(err, -EBADMSG, "the list of tags is damaged");
		strv_add(out, item->valuestring);
	}
	return 0;
}

int remote_blob(struct remote *remote, const struct remote_blob_request *request,
		struct remote_job **out, struct err *err)
{
	struct remote_message message = { .kind = REMOTE_BLOB,
					  .domain = (char *)request->domain,
					  .path = (char *)request->path,
					  .digest = (char *)request->digest,
					  .size = request->size };
	const struct remote_job model = { .done = request->done,
					  .progress = request->progress,
					  .data = request->data };
	const int fds[REMOTE_MAX_FDS] = { request->file, request->more };

	return submit(remote, &message, fds, request->more < 0 ? 1 : 2, &model, out, err);
}

static struct remote_message message_for(int kind, const struct remote_target *target)
{
	return (struct remote_message){ .kind = kind,
					.domain = (char *)target->domain,
					.path = (char *)target->path,
					.also = target->also ? *target->also : (struct strv){ 0 },
					.pushing = true };
}

int remote_look(struct remote *remote, const struct remote_target *target, const char *tag,
		remote_done_fn done, void *data, struct err *err)
{
	struct remote_message message = message_for(REMOTE_MANIFEST, target);
	const struct remote_job model = { .done = done, .data = data };

	message.tag = (char *)tag;
	message.look = true;
	return submit(remote, &message, NULL, 0, &model, NULL, err);
}

int remote_upload(struct remote *remote, const struct remote_upload_request *request,
		  struct remote_job **out, struct err *err)
{
	struct remote_message message = message_for(REMOTE_UPLOAD, request->target);
	const struct remote_job model = { .done = request->done,
					  .progress = request->progress,
					  .data = request->data };

	message.digest = (char *)request->digest;
	message.size = request->size;
	message.mount = (char *)request->mount;
	return submit(remote, &message, &request->file, request->file < 0 ? 0 : 1, &model, out,
		      err);
}

void remote_upload_more(struct remote_job *job, int64_t size, const char *digest)
{
	const struct remote_message message = {
		.kind = REMOTE_MORE, .job = job->number, .size = size, .digest = (char *)digest
	};

	(void)!remote_message_send(job->remote->sock, &message, NULL, 0); /* see the contract */
}

int remote_put(struct remote *remote, const struct remote_target *target, const char *name,
	       const char *media_type, int file, remote_done_fn done, void *data, struct err *err)
{
	struct remote_message message = message_for(REMOTE_PUT, target);
	const struct remote_job model = { .done = done, .data = data };

	if (name && str_starts(name, "sha256:"))
		message.digest = (char *)name;
	else
		message.tag = (char *)name;
	message.media_type = (char *)media_type;
	return submit(remote, &message, &file, 1, &model, NULL, err);
}

void remote_cancel(struct remote_job *job)
{
	if (!job)
		return;
	const struct remote_message message = { .kind = REMOTE_CANCEL, .job = job->number };
	/* A helper that is gone has no jobs left to cancel. */
	(void)!remote_message_send(job->remote->sock, &message, NULL, 0);
	free(take_job(job->remote, job->number));
}

void remote_close(struct remote *remote)
{
	if (!remote)
		return;
	loop_remove(remote->source);
	while (remote->jobs)
		free(take_job(remote, remote->jobs->number));
	fd_close(remote->sock);
	if (remote->pidfd >= 0) {
		/* It has nothing to save. */
		(void)syscall(SYS_pidfd_send_signal, remote->pidfd, SIGKILL, NULL, 0);
		(void)!proc_wait(remote->pidfd);
		fd_close(remote->pidfd);
	}
	free(remote);
}
