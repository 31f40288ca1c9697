/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what cubby and the registry helper (cubby-remote) say to each other
 *
 * One SOCK_SEQPACKET, descriptor 3 of the helper. One message is one packet: a JSON object of the table
 * below, with descriptors beside it. The helper serves any number of jobs at once; the parent numbers
 * them.
 *
 *	parent                                   helper
 *	  │ SETTINGS {settings} ───────────────────▶ │  first, once; never answered
 *	  │ MANIFEST {job, domain, path,             │
 *	  │           tag | digest, known} ────────▶ │
 *	  │ ◀────────── DONE {job, digest, media_type, size} + [memfd: the bytes]
 *	  │             (no memfd when the digest is the known one)
 *	  │ TAGS {job, domain, path} ──────────────▶ │
 *	  │ ◀────────── DONE {job} + [memfd: a JSON list of tags, all valid]
 *	  │ BLOB {job, domain, path, digest, size}   │
 *	  │      + [file] or [file, pipe] ─────────▶ │  appends to the file from its size on
 *	  │ ◀────────── PROGRESS {job, size}         │  bytes in the file; at most ten a second
 *	  │ ◀────────── DONE {job, digest, size}     │  size and digest were checked
 *	  │ CHECK {job, domain} ───────────────────▶ │  do name and password let us in?
 *	  │ ◀────────── DONE {job}
 *	  │ SEARCH {job, domain, text, size} ──────▶ │  at most so many repositories
 *	  │ ◀────────── DONE {job} + [memfd: a JSON list of remote/found.h]
 *	  │ VERIFY {job, text, secret} + [file] ───▶ │  is the base64 signature (text) of the file
 *	  │ ◀────────── DONE {job}                   │  by one of the PEM keys (secret)? -EKEYREJECTED
 *	  │ FILE {job, text} ──────────────────────▶ │  what an address (text) that is no registry's gives
 *	  │ ◀────────── DONE {job} + [memfd: the bytes]; -ENOENT
 *	  │      or {job, text, size} + [file] ────▶ │  into the file, at most so many bytes; it gets
 *	  │ ◀────────── DONE {job, digest, size}     │  the time that the answer tells, or the epoch's
 *	  │ UPLOAD {job, domain, path, digest, size, │
 *	  │         mount, also} [+ file] ─────────▶ │  without a file: is the blob there, or can it be
 *	  │                                          │  mounted? (-ENOENT)
 *	  │ MORE {job, size, digest} ──────────────▶ │  of a file that grows; with digest: it is whole
 *	  │ ◀────────── PROGRESS {job, size}         │  bytes that were sent
 *	  │ ◀────────── DONE {job, digest, size, how}│  the registry has it
 *	  │ PUT {job, domain, path, tag | digest,    │
 *	  │      media_type} + [file] ─────────────▶ │  a manifest; without a name: under its digest
 *	  │ ◀────────── DONE {job, digest}           │
 *	  │ CANCEL {job} ──────────────────────────▶ │  nothing more is said of the job
 *	  │ ◀────────── DONE {job, code, text, hint} │  failed: code is a negative errno
 *	  │ ◀────────── HELPER {job, domain, text}   │  ask the credential helper (text) about a
 *	  │ CREDENTIALS {job, user, secret | token   │  registry; the helper counts these by itself
 *	  │              | code, text} ────────────▶ │
 *
 * The file is a regular one, open for reading and writing, its offset of no account. What it holds already
 * is hashed, not fetched. Into the pipe (non-blocking for the helper, a full one is fine) goes one byte
 * each time the file has grown; the helper closes it when the job is over, whatever its end.
 * DONE with -ESTALE says that what the file held at the start, or what a mirror gave, was wrong; the file is
 * then empty, and the job may be asked for again. Without a pipe nobody has read it, and the helper begins
 * again by itself.
 *
 * MANIFEST with .look asks for the digest under a name and brings no bytes. .pushing and .also tell what
 * rights to ask for: pushing to the repository, and reading those that blobs may be mounted from.
 *
 * The file of an UPLOAD is read, at places of the helper's choosing. With a negative size it grows: each
 * MORE tells how far it may be read, the one with a digest is the last.
 *
 * Who waits: the parent for DONE; the helper for requests and for registries. If the parent dies the helper
 * is killed (PDEATHSIG) or reads the end of the socket, and leaves at once; files keep what came. If the
 * helper dies the parent reads the end and fails every job with -EPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum remote_protocol {
	REMOTE_FD = 3,
	REMOTE_PACKET_MAX = 64 << 10, /* bytes */
	REMOTE_MAX_FDS = 2,
};

enum remote_kind {
	REMOTE_NOTHING,
	REMOTE_SETTINGS,
	REMOTE_MANIFEST,
	REMOTE_BLOB,
	REMOTE_TAGS,
	REMOTE_CANCEL,
	REMOTE_PROGRESS,
	REMOTE_DONE,
	REMOTE_CHECK,
	REMOTE_SEARCH,
	REMOTE_VERIFY,
	REMOTE_HELPER,
	REMOTE_CREDENTIALS,
	REMOTE_UPLOAD,
	REMOTE_MORE,
	REMOTE_PUT,
	REMOTE_FILE,
};

/* How a registry came to have a blob. */
enum remote_how {
	REMOTE_HOW_UNSAID,
	REMOTE_HOW_THERE,   /* it had it */
	REMOTE_HOW_MOUNTED, /* it took it from another repository of its own */
	REMOTE_HOW_SENT,
};

struct remote_message {
	int kind; /* enum remote_kind */
	int64_t job;
	char *domain;
	char *path;
	char *tag;
	char *digest;
	char *known; /* a digest; of a file, and at its end, a validator */
	char *media_type;
	int64_t size;
	int code; /* 0 or a negative errno */
	char *text;
	char *hint;
	char *user;
	char *secret;
	char *token; /* an identity token */
	cJSON *settings;
	bool look;	  /* REMOTE_MANIFEST: only ask for the digest */
	bool pushing;	  /* ask for the right to push along */
	char *mount;	  /* REMOTE_UPLOAD: repository that is likely to have the blob, or NULL */
	struct strv also; /* repositories whose blobs may be mounted */
	int how;	  /* enum remote_how */
};

/**
 * remote_message_send() - send one message
 * @sock:	the socket
 * @message:	what
 * @fds:	descriptors that go along; they stay open here
 * @count:	how many
 *
 * Return: 0; -EMSGSIZE when it is too large; -EPIPE; otherwise what sendmsg(2) said.
 */
must_check int remote_message_send(int sock, const struct remote_message *message, const int *fds,
				   size_t count);

/**
 * remote_message_recv() - receive one message
 * @sock:	the socket
 * @out:	zeroed; to be released with remote_message_clear; set on success only
 * @fds:	room for REMOTE_MAX_FDS, filled with -1 where none came; owned by the caller
 *
 * Return: 1; 0 at the end; -EAGAIN; -EBADMSG when it is no message; otherwise what recvmsg(2) said.
 */
must_check int remote_message_recv(int sock, struct remote_message *out, int *fds);

/**
 * remote_message_clear() - release a message
 * @message:	zeroed afterwards
 */
void remote_message_clear(struct remote_message *message);

static inline void auto_remote_message(struct remote_message *message)
{
	remote_message_clear(message);
}
