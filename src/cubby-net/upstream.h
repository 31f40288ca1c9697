/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upstream - questions for names passed on to servers outside
 *
 * Each question has a socket of its own, so a port and an id that nobody can guess, and is connected to
 * the server that is asked: only that one's answers are heard, and only one that repeats the question
 * counts. A server that is silent for a second, unreachable, or says that it failed or will not, passes
 * the question to the next one. A question that came over TCP goes on over TCP.
 *
 * Sockets are made by the thread that calls, in the network namespace that it is in. There is one
 * descriptor to wait for, whatever is under way.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "cubby-net/resolver.h"

struct upstream;
struct ask; /* a question under way */

/**
 * typedef upstream_fn - a question has come to its end
 * @data:	what upstream_new() was given
 * @asker:	what upstream_ask() was given
 * @answer:	with the id of the question as it was given, and may be changed; NULL: nobody answered
 * @size:	bytes, at least a header
 *
 * The struct ask is gone.
 */
typedef void (*upstream_fn)(void *data, void *asker, uint8_t *answer, size_t size);

/**
 * upstream_new() - nothing is asked yet
 * @resolver:	who is asked; must outlive the result
 * @done:	takes the answers
 * @data:	handed to @done
 * @out:	to be released with upstream_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int upstream_new(struct resolver *resolver, upstream_fn done, void *data,
			    struct upstream **out);

/**
 * upstream_free() - forget all questions; their askers are not told
 * @upstream:	may be NULL
 */
void upstream_free(struct upstream *upstream);

/**
 * upstream_ask() - pass a question on
 * @upstream:	asks
 * @question:	copied; message_parse() liked it
 * @size:	bytes
 * @end:	bytes of its header and question section
 * @stream:	over TCP
 * @servers:	who is asked instead of the resolver's, copied; NULL or empty: the resolver's
 * @asker:	handed to the callback
 *
 * Return: the question under way, or NULL when nobody can be asked at the moment. The callback is
 * never called from here.
 */
must_check struct ask *upstream_ask(struct upstream *upstream, const uint8_t *question, size_t size,
				    size_t end, bool stream, const struct servers *servers,
				    void *asker);

/**
 * upstream_cancel() - nobody waits for an answer any more
 * @upstream:	its owner
 * @ask:	released; may be NULL
 */
void upstream_cancel(struct upstream *upstream, struct ask *ask);

/**
 * upstream_fd() - what to wait for
 * @upstream:	its owner
 *
 * Return: a descriptor that can be read when upstream_serve() has something to do.
 */
int upstream_fd(const struct upstream *upstream);

/**
 * upstream_timeout() - how long to wait
 * @upstream:	its owner
 *
 * Return: milliseconds after which upstream_serve() has something to do in any case, or -1.
 */
int upstream_timeout(const struct upstream *upstream);

/**
 * upstream_serve() - take answers, pass on what waited too long
 * @upstream:	calls back; not to be called from there
 */
void upstream_serve(struct upstream *upstream);

DEFINE_AUTO_PTR(upstream, struct upstream, upstream_free)
