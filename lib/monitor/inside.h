/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inside - the state of a monitor, shared by the files that it is made of
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "monitor/args.h"
#include "monitor/clients.h"
#include "monitor/course.h"
#include "monitor/log.h"
#include "monitor/protocol.h"
#include "monitor/restart.h"
#include "monitor/streams.h"

enum { HELPERS_MAX = 4, EVENT_DETAIL = 32 };

struct monitor {
	struct monitor_args args;
	struct loop *loop;
	struct log *log; /* NULL: nothing is logged */
	struct streams *streams;
	struct clients *clients;
	struct client *first; /* who started it; NULL once it is gone */
	int signals;	      /* signalfd */
	struct source *signal_source;
	struct source *kill_timer; /* SIGKILL after a stop, or after --timeout */
	struct source *settle_timer;
	int helpers[HELPERS_MAX];
	size_t helper_count;
	int pidfd; /* of PID 1, borrowed; -1 before the start and after the end */
	int handles[HANDLE_COUNT];
	bool passthrough;
	bool remove;
	bool stopped; /* somebody asked for its end by stop */
	bool reaped;  /* PID 1 has ended with the status */
	bool ended;   /* and everything was done about it */
	int status;
	struct container_config *reloaded; /* what args.config is, once it was changed */
	struct notify {
		int sock; /* of the program's messages, or -1 */
		struct source *source;
	} notify;
	struct health {
		struct course course;
		struct health_log log;
		struct source *timer;
		int sock; /* to the check that runs, or -1 */
		struct source *source;
		int64_t asked;	 /* when that began, clock_now() */
		int64_t timeout; /* how long it may take, ns */
		bool unsaved;	 /* the store has not what was noted last */
	} health;
	int group; /* the container's control group, borrowed; -1: it has none of its own */
	struct oom {
		int fd; /* its memory.events, or -1 */
		struct source *source;
		int64_t count;
	} oom;
	struct hog {
		struct source *timer;
		int proc; /* procfs of our pid namespace, or -1 */
		int host; /* the host's, or -1 */
	} hog;
	struct rest {
		struct restart policy;
		struct source *timer;
		int64_t delay; /* waited before the last start, ns */
		int64_t begun; /* the last start, clock_mono() */
		bool resting;  /* between two runs */
		bool due;      /* the time has come, but a client has not taken all yet */
		bool last;     /* somebody ended it: there is no further run */
		bool forced;   /* there is one whatever the policy says, and at once */
	} rest;
};

/**
 * monitor_end() - the container has ended for good
 * @m:	its PID 1 is gone
 *
 * Everything is done about it in the order that monitor.h numbers.
 */
void monitor_end(struct monitor *m);

/**
 * monitor_tell_end() - log the events of the end of a run, and of a stop; before anybody who waits hears of it
 * @m:	with the status
 */
void monitor_tell_end(const struct monitor *m);

/**
 * monitor_check() - look whether the container has ended
 * @m:	started
 */
void monitor_check(struct monitor *m);
