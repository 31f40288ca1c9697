/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * thread - threads that do one thing and end
 */
#include "base/thread.h"

enum { STACK_BYTES = 128 << 10 };

int thread_small(pthread_t *out, void *(*fn)(void *data), void *data)
{
	pthread_attr_t how;
	int r = pthread_attr_init(&how);

	if (r != 0)
		return r;
	r = pthread_attr_setstacksize(&how, STACK_BYTES);
	if (r == 0)
		r = pthread_create(out, &how, fn, data);
	(void)pthread_attr_destroy(&how);
	return r;
}
