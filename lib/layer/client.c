/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - asking cubby-layer to apply, hash, read and write layers and archives
 */
#include "layer/client.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "layer/protocol.h"

struct layer_helper {
	int sock;
	int pidfd;
	bool busy;
};

static const struct layer_request no_request = { .fds = { [0 ... LAYER_SLOTS - 1] = -1 } };

int layer_helper_open(const struct layer_host *host, struct layer_helper **out, struct err *err)
{
	AUTO(layer_helper) struct layer_helper *helper = mem_new(struct layer_helper);
	const char *slash = strrchr(host->program, '/');
	const char *name = slash ? slash + 1 : host->program;
	char *argv[] = { (char *)name, host->userns < 0 ? NULL : (char *)"--userns", NULL };
	int ends[2];

	helper->sock = -1;
	helper->pidfd = -1;
	int r = fd_pair(SOCK_STREAM, ends);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket");
	helper->sock = ends[0];
	AUTO(fd) int other = ends[1];
	const struct spawn_fd fds[] = {
		{ .from = STDERR_FILENO, .to = STDERR_FILENO },
		{ .from = other, .to = LAYER_SOCKET },
		{ .from = host->userns, .to = LAYER_USERNS },
	};
	const struct spawn spawn = {
		.path = host->program,
		.argv = argv,
		.fds = fds,
		.fd_count = array_len(fds) - (host->userns < 0),
		.die_with_parent = true,
	};
	pid_t pid = spawn_start(&spawn, &helper->pidfd, err);
	if (pid < 0)
		return (int)pid;
	*out = take_ptr(helper);
	return 0;
}

void layer_helper_close(struct layer_helper *helper)
{
	if (!helper)
		return;
	int saved = errno;
	fd_close(helper->sock);
	if (helper->pidfd >= 0) {
		if (helper->busy)
			(void)syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
		(void)!proc_wait(
			helper->pidfd); /* it ends with its socket; its status tells nothing */
		fd_close(helper->pidfd);
	}
	free(helper);
	errno = saved;
}

int layer_helper_fd(const struct layer_helper *helper)
{
	return helper->sock;
}

static int request(struct layer_helper *helper, const struct layer_request *req, struct err *err)
{
	bug_unless(!helper->busy);
	int r = layer_request_send(helper->sock, req);
	if (r < 0)
		return err_sys(err, r, "cannot ask the helper program of layers");
	helper->busy = true;
	return 0;
}

/* What the helper failed at becomes our own failure. */
static int answer(struct layer_helper *helper, struct layer_reply *out, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };

	bug_unless(helper->busy);
	int r = layer_reply_recv(helper->sock, &reply);
	if (r < 0)
		return err_set(err, r, "the helper program cubby-layer ended unexpectedly");
	helper->busy = false;
	if (reply.code < 0) {
		r = err_set(err, reply.code, "%s", str_or(reply.text, "cubby-layer failed"));
		return reply.hint ? err_hint(err, "%s", reply.hint) : r;
	}
	*out = reply;
	reply = (struct layer_reply){ 0 };
	return 0;
}

static int ask(struct layer_helper *helper, const struct layer_request *req,
	       struct layer_reply *out, struct err *err)
{
	int r = request(helper, req, err);

	return r < 0 ? r : answer(helper, out, err);
}

int layer_apply_start(struct layer_helper *helper, const struct layer_apply *req, struct err *err)
{
	struct layer_request r = no_request;

	r.op = LAYER_OP_APPLY;
	r.flags = req->flags;
	r.max_bytes = req->max_bytes;
	r.name = (char *)req->below;
	if (req->owners)
		r.owners = *req->owners;
	r.fds[LAYER_SLOT_IN] = req->blob;
	r.fds[LAYER_SLOT_MORE] = req->more;
	r.fds[LAYER_SLOT_DIR] = req->diff;
	r.fds[LAYER_SLOT_JOURNAL] = req->flags & (LAYER_LOWEST | LAYER_PLAIN) ? -1 : req->journal;
	return request(helper, &r, err);
}

int layer_apply_finish(struct layer_helper *helper, struct layer_applied *out, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };

	int r = answer(helper, &reply, err);
	if (r < 0)
		return r;
	*out = reply.applied;
	reply.applied = (struct layer_applied){ 0 };
	return 0;
}

void layer_applied_clear(struct layer_applied *applied)
{
	struct layer_reply reply = { .applied = *applied };

	layer_reply_clear(&reply);
	*applied = (struct layer_applied){ 0 };
}

static void put_folders(struct layer_request *r, const struct layer_folders *more)
{
	for (size_t i = 0; i < more->count; i++)
		r->fds[LAYER_SLOT_FOLDERS + i] = more->fds[i];
}

int layer_fixup(struct layer_helper *helper, const struct layer_fixup *req, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_FIXUP;
	r.flags = req->flags;
	r.lower = req->lower;
	r.fds[LAYER_SLOT_DIR] = req->diff;
	r.fds[LAYER_SLOT_JOURNAL] = req->journal;
	r.fds[LAYER_SLOT_STORE] = req->store;
	put_folders(&r, &req->more);
	return ask(helper, &r, &reply, err);
}

static int take_digest(struct layer_helper *helper, struct layer_digest *out, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };

	int r = answer(helper, &reply, err);
	if (r < 0)
		return r;
	*out = reply.digest;
	reply.digest = (struct layer_digest){ 0 };
	return 0;
}

static int digest_answer(struct layer_helper *helper, const struct layer_request *req,
			 struct layer_digest *out, struct err *err)
{
	const int r = request(helper, req, err);

	return r < 0 ? r : take_digest(helper, out, err);
}

int layer_ingest(struct layer_helper *helper, int from, int to, int flags, struct layer_digest *out,
		 struct err *err)
{
	struct layer_request r = no_request;

	r.op = LAYER_OP_INGEST;
	r.flags = flags;
	r.fds[LAYER_SLOT_IN] = from;
	r.fds[LAYER_SLOT_OUT] = to;
	return digest_answer(helper, &r, out, err);
}

int layer_compress_start(struct layer_helper *helper, const struct layer_compress *req,
			 struct err *err)
{
	struct layer_request r = no_request;

	r.op = LAYER_OP_COMPRESS;
	r.kind = req->packing;
	r.level = req->level;
	r.fds[LAYER_SLOT_IN] = req->blob;
	r.fds[LAYER_SLOT_OUT] = req->out;
	r.fds[LAYER_SLOT_MORE] = req->more;
	return request(helper, &r, err);
}

int layer_compress_finish(struct layer_helper *helper, struct layer_digest *out, struct err *err)
{
	return take_digest(helper, out, err);
}

int layer_digest_of(struct layer_helper *helper, const void *data, size_t size,
		    struct layer_digest *out, struct err *err)
{
	AUTO(fd) int memory = fd_memory("document", data, size);

	if (memory < 0)
		return err_sys(err, memory, "cannot make a memory file");
	return layer_ingest(helper, memory, -1, 0, out, err);
}

/* Each path with its 0: any other separator may be part of a name. */
static int paths_memory(const char *const *paths, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += strlen(paths[i]) + 1;
	AUTO(mem) char *all = mem_alloc(size + 1, 1);
	char *at = all;
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, paths[i]) + 1;
	return fd_memory("paths", all, size);
}

int layer_hash_start(struct layer_helper *helper, int dir, const char *const *paths, size_t count,
		     struct layer_hashing *out, struct err *err)
{
	struct layer_request r = no_request;
	AUTO(fd) int names = paths_memory(paths, count);
	AUTO(fd) int sums = names < 0 ? names : fd_memory("digests", "", 0);

	if (sums < 0)
		return err_sys(err, sums, "cannot make a memory file");
	r.op = LAYER_OP_HASH_FILES;
	r.fds[LAYER_SLOT_IN] = names;
	r.fds[LAYER_SLOT_DIR] = dir;
	r.fds[LAYER_SLOT_OUT] = sums;
	int result = request(helper, &r, err);
	if (result == 0)
		*out = (struct layer_hashing){ .sums = take_fd(sums), .count = count };
	return result;
}

int layer_hash_finish(struct layer_helper *helper, struct layer_hashing *hashing,
		      unsigned char *out, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	AUTO(fd) int sums = take_fd(hashing->sums);
	size_t size = hashing->count * LAYER_SUM_BYTES;

	int r = answer(helper, &reply, err);
	for (size_t at = 0; r == 0 && at < size;) {
		ssize_t n = pread(sums, out + at, size - at, (off_t)at);
		if (n <= 0)
			return err_set(err, -EBADMSG, "the helper program told too few digests");
		at += (size_t)n;
	}
	return r;
}

int layer_hash_files(struct layer_helper *helper, int dir, const char *const *paths, size_t count,
		     unsigned char *out, struct err *err)
{
	struct layer_hashing hashing;

	int r = layer_hash_start(helper, dir, paths, count, &hashing, err);
	return r < 0 ? r : layer_hash_finish(helper, &hashing, out, err);
}

int layer_is_archive(struct layer_helper *helper, int file, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_PEEK;
	r.fds[LAYER_SLOT_IN] = file;
	int result = ask(helper, &r, &reply, err);
	return result < 0 ? result : reply.is_archive;
}

void layer_digest_clear(struct layer_digest *digest)
{
	free(digest->digest);
	free(digest->inside);
	free(digest->compression);
	strv_clear(&digest->notes);
	*digest = (struct layer_digest){ 0 };
}

int layer_unarchive(struct layer_helper *helper, int archive, int dir, struct layer_members *out,
		    struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_UNARCHIVE;
	r.fds[LAYER_SLOT_IN] = archive;
	r.fds[LAYER_SLOT_DIR] = dir;
	int result = ask(helper, &r, &reply, err);
	if (result < 0)
		return result;
	*out = reply.members;
	reply.members = (struct layer_members){ 0 };
	return 0;
}

void layer_members_clear(struct layer_members *members)
{
	struct layer_reply reply = { .members = *members };

	layer_reply_clear(&reply);
	*members = (struct layer_members){ 0 };
}

int layer_archive(struct layer_helper *helper, const struct layer_archive *req, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_ARCHIVE;
	r.flags = req->flags;
	r.parts = req->parts;
	r.fds[LAYER_SLOT_OUT] = req->out;
	r.fds[LAYER_SLOT_DIR] = req->dir;
	put_folders(&r, &req->more);
	return ask(helper, &r, &reply, err);
}

int layer_single(struct layer_helper *helper, int out, int flags, struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_SINGLE;
	r.flags = flags;
	r.fds[LAYER_SLOT_OUT] = out;
	return ask(helper, &r, &reply, err);
}

int layer_single_start(struct layer_helper *helper, const struct layer_apply *req, struct err *err)
{
	struct layer_request r = no_request;

	r.op = LAYER_OP_SINGLE_ADD;
	r.max_bytes = req->max_bytes;
	r.fds[LAYER_SLOT_IN] = req->blob;
	r.fds[LAYER_SLOT_MORE] = req->more;
	return request(helper, &r, err);
}

int layer_single_end(struct layer_helper *helper, const char *trailer, int64_t *out_size,
		     struct err *err)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	struct layer_request r = no_request;

	r.op = LAYER_OP_SINGLE_END;
	r.name = (char *)trailer;
	int result = ask(helper, &r, &reply, err);
	if (result == 0)
		*out_size = reply.digest.size;
	return result;
}

int layer_pack_start(struct layer_helper *helper, const struct layer_pack *req, struct err *err)
{
	struct layer_request r = no_request;

	r.op = LAYER_OP_PACK;
	r.flags = req->flags;
	r.kind = req->kind;
	r.name = (char *)req->name;
	r.as = (char *)req->as;
	if (req->owners)
		r.owners = *req->owners;
	r.lower = req->lower;
	r.mounted = req->mounted;
	r.undone = req->undone;
	r.fds[LAYER_SLOT_STORE] = req->lower.count ? req->store : -1;
	put_folders(&r, &req->more);
	r.fds[LAYER_SLOT_DIR] = req->dir;
	r.fds[LAYER_SLOT_OUT] = req->out;
	r.time = req->time;
	return request(helper, &r, err);
}

int layer_pack_finish(struct layer_helper *helper, struct layer_digest *out, struct err *err)
{
	return take_digest(helper, out, err);
}

int layer_pack(struct layer_helper *helper, const struct layer_pack *req, struct layer_digest *out,
	       struct err *err)
{
	const int r = layer_pack_start(helper, req, err);

	return r < 0 ? r : take_digest(helper, out, err);
}

static int between(struct layer_helper *helper, int op, int in, int diff, int to,
		   struct layer_digest *out, struct err *err)
{
	struct layer_request r = no_request;

	r.op = op;
	r.fds[LAYER_SLOT_IN] = in;
	r.fds[LAYER_SLOT_DIR] = diff;
	r.fds[LAYER_SLOT_OUT] = to;
	return digest_answer(helper, &r, out, err);
}

int layer_recipe(struct layer_helper *helper, int blob, int diff, int to, struct layer_digest *out,
		 struct err *err)
{
	return between(helper, LAYER_OP_RECIPE, blob, diff, to, out, err);
}

int layer_follow(struct layer_helper *helper, int recipe, int diff, int to,
		 struct layer_digest *out, struct err *err)
{
	return between(helper, LAYER_OP_FOLLOW, recipe, diff, to, out, err);
}
