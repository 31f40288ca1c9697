/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what cubby and the registry helper (cubby-remote) say to each other
 */
#include "remote/protocol.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"

static const struct jfield message_fields[] = {
	J_INT("kind", struct remote_message, kind),
	J_I64("job", struct remote_message, job),
	J_TEXT("domain", struct remote_message, domain),
	J_TEXT("path", struct remote_message, path),
	J_TEXT("tag", struct remote_message, tag),
	J_TEXT("digest", struct remote_message, digest),
	J_TEXT("known", struct remote_message, known),
	J_TEXT("mediaType", struct remote_message, media_type),
	J_I64("size", struct remote_message, size),
	J_INT("code", struct remote_message, code),
	J_TEXT("text", struct remote_message, text),
	J_TEXT("hint", struct remote_message, hint),
	J_TEXT("user", struct remote_message, user),
	J_TEXT("secret", struct remote_message, secret),
	J_TEXT("token", struct remote_message, token),
	J_RAW("settings", struct remote_message, settings),
	J_BOOL("look", struct remote_message, look),
	J_BOOL("pushing", struct remote_message, pushing),
	J_TEXT("mount", struct remote_message, mount),
	J_STRV("also", struct remote_message, also),
	J_INT("how", struct remote_message, how),
	J_END,
};

int remote_message_send(int sock, const struct remote_message *message, const int *fds,
			size_t count)
{
	AUTO(json) cJSON *doc = jfield_save(message_fields, message);
	AUTO(mem) char *text = json_print(doc, 0);
	size_t size = strlen(text);

	if (size > REMOTE_PACKET_MAX)
		return -EMSGSIZE;
	ssize_t n = fd_send(sock, text, size, fds, count);
	/* Settings may hold a password. */
	explicit_bzero(text, size);
	return n < 0 ? (int)n : 0;
}

/* Keeps the first descriptors that came and closes the rest. */
static void keep_fds(const int *came, size_t count, int *fds)
{
	for (size_t i = 0; i < REMOTE_MAX_FDS; i++)
		fds[i] = i < count ? came[i] : -1;
	for (size_t i = REMOTE_MAX_FDS; i < count; i++)
		fd_close(came[i]);
}

static int parse_message(const char *text, size_t size, struct remote_message *out)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(remote_message) struct remote_message message = { 0 };

	if (json_parse(text, size, &doc, NULL) < 0 ||
	    jfield_load(message_fields, doc, &message, NULL) < 0)
		return -EBADMSG;
	*out = message;
	message = (struct remote_message){ 0 };
	return 1;
}

int remote_message_recv(int sock, struct remote_message *out, int *fds)
{
	AUTO(mem) char *text = mem_alloc(REMOTE_PACKET_MAX + 1, 1);
	int came[FD_PASS_MAX];
	size_t count = 0;

	ssize_t n = fd_recv(sock, text, REMOTE_PACKET_MAX, came, &count);
	if (n <= 0)
		return (int)n;
	keep_fds(came, count, fds);
	int r = parse_message(text, (size_t)n, out);
	for (size_t i = 0; r < 0 && i < REMOTE_MAX_FDS; i++)
		fd_close(fds[i]);
	explicit_bzero(text, (size_t)n);
	return r;
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}

void remote_message_clear(struct remote_message *message)
{
	wipe(message->secret);
	wipe(message->token);
	jfield_clear(message_fields, message);
}
