/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * thread - threads that do one thing and end
 */
#pragma once

#include <pthread.h>

#include "base/macros.h"

/**
 * thread_small() - start a thread with a small stack
 * @out:	to be joined; set on success only
 * @fn:		needs a few pages of stack
 * @data:	handed to @fn
 *
 * The usual stack of 8 MiB may be given huge pages, each of which is written full of zeros when it is first touched, and
 * copied with each fork.
 *
 * Return: 0, or a positive errno as pthread_create(3).
 */
must_check int thread_small(pthread_t *out, void *(*fn)(void *data), void *data);
