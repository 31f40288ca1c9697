/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * watch - what a pull or a push tells while it works
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum watch_state {
	WATCH_WAITING,	 /* not begun */
	WATCH_ELSEWHERE, /* another process fetches it */
	WATCH_LOADING,	 /* .have grows */
	WATCH_UNPACKING, /* all bytes are here */
	WATCH_PRESENT,	 /* was here, or there, already */
	WATCH_DONE,
	WATCH_MOUNTED, /* the registry has taken it from its repository .from */
};

struct watch_layer {
	const char *digest; /* of the blob */
	int64_t size;	    /* bytes of the blob */
	int64_t have;
	enum watch_state state;
	const char *from;
};

/* All callbacks may be NULL. What they are given is borrowed for the call. */
struct watch {
	void (*begin)(void *data, const char *name); /* a registry is asked for this name */
	void (*wait)(void *data, const char *name);  /* another process fetches it: waiting */
	void (*change)(void *data, const struct watch_layer *layers, size_t count, size_t which);
	void (*end)(void *data); /* no change follows; also when it failed */
	void *data;
};
