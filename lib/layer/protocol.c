/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what a client and cubby-layer say to each other
 */
#include "layer/protocol.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

static const struct jfield part_fields[] = {
	J_TEXT("Name", struct layer_part, name),
	J_TEXT("Path", struct layer_part, path),
	J_TEXT("Text", struct layer_part, text),
	J_BOOL("Inflate", struct layer_part, inflate),
	J_I64("Size", struct layer_part, size),
	J_TEXT("Digest", struct layer_part, digest),
	J_END,
};

static const struct jfield member_fields[] = {
	J_TEXT("Name", struct layer_member, name),
	J_TEXT("File", struct layer_member, file),
	J_TEXT("Digest", struct layer_member, digest),
	J_I64("Size", struct layer_member, size),
	J_END,
};

const struct jfield layer_request_fields[] = {
	J_INT("Op", struct layer_request, op),
	J_INT("Slots", struct layer_request, slots),
	J_INT("Flags", struct layer_request, flags),
	J_INT("Kind", struct layer_request, kind),
	J_INT("Level", struct layer_request, level),
	J_I64("MaxBytes", struct layer_request, max_bytes),
	J_I64("Time", struct layer_request, time),
	J_STRV("Lower", struct layer_request, lower),
	J_STRV("Mounted", struct layer_request, mounted),
	J_STRV("Undone", struct layer_request, undone),
	J_LIST("Parts", struct layer_request, parts, part_fields),
	J_TEXT("Name", struct layer_request, name),
	J_TEXT("As", struct layer_request, as),
	J_I64("Uid", struct layer_request, owners.uid),
	J_I64("Gid", struct layer_request, owners.gid),
	J_TEXT("Uids", struct layer_request, owners.uids),
	J_TEXT("Gids", struct layer_request, owners.gids),
	J_END,
};

const struct jfield layer_applied_fields[] = {
	J_TEXT("DiffId", struct layer_applied, diff_id),
	J_TEXT("Digest", struct layer_applied, digest),
	J_TEXT("Compression", struct layer_applied, compression),
	J_I64("BlobSize", struct layer_applied, blob_size),
	J_I64("TarSize", struct layer_applied, tar_size),
	J_I64("DiskSize", struct layer_applied, disk_size),
	J_I64("Entries", struct layer_applied, entries),
	J_I64("Deferred", struct layer_applied, deferred),
	J_BOOL("HasRoot", struct layer_applied, has_root),
	J_STRV("Lost", struct layer_applied, lost),
	J_END,
};

const struct jfield layer_digest_fields[] = {
	J_TEXT("Digest", struct layer_digest, digest),
	J_I64("Size", struct layer_digest, size),
	J_TEXT("Inside", struct layer_digest, inside),
	J_I64("InsideSize", struct layer_digest, inside_size),
	J_TEXT("Compression", struct layer_digest, compression),
	J_STRV("Notes", struct layer_digest, notes),
	J_END,
};

const struct jfield layer_reply_fields[] = {
	J_INT("Code", struct layer_reply, code),
	J_TEXT("Text", struct layer_reply, text),
	J_TEXT("Hint", struct layer_reply, hint),
	J_STRUCT("Applied", struct layer_reply, applied, layer_applied_fields),
	J_STRUCT("Digest", struct layer_reply, digest, layer_digest_fields),
	J_LIST("Members", struct layer_reply, members, member_fields),
	J_TEXT("Archive", struct layer_reply, members.compression),
	J_BOOL("IsArchive", struct layer_reply, is_archive),
	J_END,
};

static int send_all(int sock, const char *data, size_t size)
{
	while (size) {
		ssize_t n = send(sock, data, size, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return errno == ECONNRESET ? -EPIPE : -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* Return: 0; -EPIPE when the stream ends before. */
static int recv_all(int sock, char *data, size_t size)
{
	while (size) {
		ssize_t n = read(sock, data, size);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return -EPIPE;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int message_send(int sock, const struct jfield *table, const void *st, const int *fds,
			size_t count)
{
	AUTO(json) cJSON *object = jfield_save(table, st);
	AUTO(mem) char *text = json_print(object, 0);
	uint32_t length = (uint32_t)strlen(text);

	if (strlen(text) > LAYER_MESSAGE_MAX)
		return -EMSGSIZE;
	ssize_t n = fd_send(sock, &length, sizeof length, fds, count);
	if (n != (ssize_t)sizeof length)
		return n == -ECONNRESET || n >= 0 ? -EPIPE : (int)n;
	return send_all(sock, text, length);
}

static int body_recv(int sock, uint32_t length, const struct jfield *table, void *out)
{
	AUTO(json) cJSON *object = NULL;

	if (length > LAYER_MESSAGE_MAX)
		return -EBADMSG;
	AUTO(mem) char *text = mem_alloc((size_t)length + 1, 1);
	int r = recv_all(sock, text, length);
	if (r == 0)
		r = json_parse(text, length, &object, NULL);
	return r < 0 ? r : jfield_load(table, object, out, NULL);
}

int layer_request_send(int sock, const struct layer_request *req)
{
	struct layer_request copy = *req;
	int fds[LAYER_SLOTS];
	size_t count = 0;

	copy.slots = 0;
	for (int i = 0; i < LAYER_SLOTS; i++) {
		if (req->fds[i] < 0)
			continue;
		copy.slots |= 1 << i;
		fds[count++] = req->fds[i];
	}
	return message_send(sock, layer_request_fields, &copy, fds, count);
}

/* Puts what came at the places that the request names. */
static int sort_fds(struct layer_request *req, int *fds, size_t count)
{
	size_t next = 0;

	for (int i = 0; i < LAYER_SLOTS; i++) {
		if (!(req->slots & 1 << i) || next == count)
			continue;
		req->fds[i] = take_fd(fds[next]);
		next++;
	}
	return next == count && next == (size_t)__builtin_popcount((unsigned int)req->slots)
		       ? 1
		       : -EBADMSG;
}

int layer_request_recv(int sock, struct layer_request *out)
{
	AUTO(layer_request) struct layer_request req = { 0 };
	int fds[FD_PASS_MAX];
	size_t count = 0;
	uint32_t length;

	for (int i = 0; i < LAYER_SLOTS; i++)
		req.fds[i] = -1;
	ssize_t n = fd_recv(sock, &length, sizeof length, fds, &count);
	if (n <= 0)
		return (int)n;
	int r = n == sizeof length ? body_recv(sock, length, layer_request_fields, &req) : -EBADMSG;
	if (r == 0)
		r = sort_fds(&req, fds, count);
	if (r < 0) {
		for (size_t i = 0; i < count; i++)
			fd_close(fds[i]);
		return r;
	}
	*out = req;
	req = (struct layer_request){ 0 };
	for (int i = 0; i < LAYER_SLOTS; i++)
		req.fds[i] = -1;
	return 1;
}

void layer_request_clear(struct layer_request *req)
{
	for (int i = 0; i < LAYER_SLOTS; i++)
		fd_close(take_fd(req->fds[i]));
	jfield_clear(layer_request_fields, req);
}

int layer_reply_send(int sock, const struct layer_reply *reply)
{
	return message_send(sock, layer_reply_fields, reply, NULL, 0);
}

int layer_reply_recv(int sock, struct layer_reply *out)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	uint32_t length;

	int r = recv_all(sock, (char *)&length, sizeof length);
	if (r == 0)
		r = body_recv(sock, length, layer_reply_fields, &reply);
	if (r < 0)
		return r;
	*out = reply;
	reply = (struct layer_reply){ 0 };
	return 0;
}

void layer_reply_clear(struct layer_reply *reply)
{
	jfield_clear(layer_reply_fields, reply);
}
