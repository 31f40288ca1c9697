/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clients - the command lines that speak to a monitor
 *
 * Their number is bounded and their room is there before the container starts. Output goes to each
 * socket at once; what a socket cannot take is kept, and the container's stream is not read meanwhile:
 *
 *   (1) the client that started the container never loses a byte, however slow it is;
 *   (2) any other that takes nothing for STUCK_SECONDS is dropped;
 *   (3) a client that wants nothing of a stream is not asked about it.
 *
 * Only the same user is let in, by the kernel's word (SO_PEERCRED).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "monitor/logformat.h"
#include "monitor/wire.h"

enum clients_limits { CLIENTS_MAX = 256, STUCK_SECONDS = 10 };

enum client_wait {
	CLIENT_WAITS_NOT,
	CLIENT_WAITS_EXIT, /* asked ATTACH or WAIT: hears EXIT */
	CLIENT_WAITS_STOP, /* asked STOP: hears DONE */
};

struct clients;

struct client {
	struct clients *owner;
	int fd; /* -1: the place is free */
	struct source *source;
	bool foreground;  /* it started the container */
	bool detached;	  /* it said so: its going does not end stdin */
	bool checks;	  /* waits for the result of a health check */
	bool leaving;	  /* hung up on as soon as it has everything */
	uint32_t streams; /* enum monitor_streams, once attached */
	enum client_wait waits;
	bool behind[STREAM_COUNT]; /* the outbox of the stream has more for it, */
	size_t sent[STREAM_COUNT]; /* from here on */
	int64_t progress;	   /* when it last took something, clock_mono() */
	bool owes_taken;
	bool owes_end; /* the answer to what it waits for */
	char *in;      /* room for MONITOR_PAYLOAD: input that the container has not taken yet */
	size_t in_at, in_size;
};

struct clients_hooks {
	void *data;
	/* A request came; descriptors are closed afterwards. */
	void (*request)(void *data, struct client *c, const struct wire *in, const int *fds,
			size_t count);
	/* A client has gone or was dropped; it is released afterwards. */
	void (*gone)(void *data, struct client *c);
	/* Everybody has what was kept of this stream. */
	void (*room)(void *data, enum stream stream);
};

/**
 * clients_new() - room for clients
 * @loop:	serves them
 * @hooks:	copied
 * @out:	to be released with clients_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int clients_new(struct loop *loop, const struct clients_hooks *hooks,
			   struct clients **out);

/**
 * clients_listen() - open the control socket
 * @clients:	new
 * @err:	what failed
 *
 * Changes the working directory of the process to a tmpfs of its own; needs CAP_SYS_ADMIN over the
 * mount namespace.
 *
 * Return: 0 or a negative errno.
 */
must_check int clients_listen(struct clients *clients, struct err *err);

/**
 * clients_adopt() - take a connected client
 * @clients:	has a free place
 * @fd:		belongs to @clients from now on, also on failure
 * @out:	the client, valid until it is gone; may be NULL; set on success only
 *
 * Return: 0; -EMFILE when there is no place; otherwise a negative errno.
 */
must_check int clients_adopt(struct clients *clients, int fd, struct client **out);

/**
 * clients_output() - give output to all who want it
 * @clients:	any
 * @stream:	of the container
 * @bytes:	at most MONITOR_PAYLOAD; copied where they must be kept
 * @size:	how many
 *
 * Return: true when everybody has it; false when some was kept: room() is called later.
 */
must_check bool clients_output(struct clients *clients, enum stream stream, const char *bytes,
			       size_t size);

/**
 * clients_want() - whether somebody wants output
 * @clients:	any
 * @stream:	of the container
 *
 * Return: the answer.
 */
bool clients_want(const struct clients *clients, enum stream stream);

/**
 * clients_each() - call a function for every client
 * @clients:	any
 * @fn:		may let clients go
 * @data:	handed to @fn
 */
void clients_each(struct clients *clients, void (*fn)(void *data, struct client *c), void *data);

/**
 * clients_ended() - tell all who wait that the container has ended, behind what they still get
 * @clients:	any
 * @status:	exit status
 */
void clients_ended(struct clients *clients, int status);

/**
 * clients_round() - tell all who wait that one of several runs has ended, and hang up on them
 * @clients:	any
 * @status:	exit status
 *
 * As with clients_ended() they get everything first. Who comes later waits for the next end.
 */
void clients_round(struct clients *clients, int status);

/**
 * clients_leaving() - whether somebody has not taken all of the last run yet
 * @clients:	any
 *
 * Return: the answer; when it becomes no, gone() was called.
 */
bool clients_leaving(const struct clients *clients);

/**
 * client_waits() - remember what a client waits for; told at once when the container has ended
 * @c:		who asked
 * @what:	CLIENT_WAITS_EXIT or CLIENT_WAITS_STOP
 */
void client_waits(struct client *c, enum client_wait what);

/**
 * clients_catch_up() - take in and serve all who have come and asked up to now
 * @clients:	any
 */
void clients_catch_up(struct clients *clients);

/**
 * clients_dismiss() - close all that have everything; no more are let in
 * @clients:	any
 *
 * The others are closed as soon as they have taken what is kept for them; the loop has no source of
 * @clients left then.
 */
void clients_dismiss(struct clients *clients);

/**
 * client_done() - answer DONE
 * @c:		who asked
 * @number:	payload
 */
void client_done(struct client *c, int32_t number);

/**
 * client_failed() - answer FAILED
 * @c:		who asked
 * @err:	what failed
 * @status:	exit status for the program
 */
void client_failed(struct client *c, const struct err *err, int status);

/**
 * client_taken() - say that its input was written
 * @c:	the client
 */
void client_taken(struct client *c);

/**
 * clients_free() - close all and release
 * @clients:	may be NULL
 */
void clients_free(struct clients *clients);

DEFINE_AUTO_PTR(clients, struct clients, clients_free)
