/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - what the process that builds a stage tells the one that started it
 *
 *	stage's process				the command
 *	step {number, of, text, line} ───────▶	shows it
 *	box {id} ────────────────────────────▶	removes that container when this process is gone
 *	cached | done {key} ─────────────────▶	shows it
 *	warn {text} ─────────────────────────▶	shows it
 *	...
 *	progress {size, have, state, text}: of a blob that is pulled, where events are wanted
 *	end {sofar} | failed {code, status, text, hint, line, sofar} ─▶ waits for the process
 *
 * One datagram of a socket pair each, JSON. What steps print goes another way, a pipe. Nobody waits for an answer. When
 * the command dies, this process is killed by the kernel; when this process dies without a last word, its end is
 * the failure.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "build/sofar.h"

enum report_kind {
	REPORT_STEP,
	REPORT_BOX,
	REPORT_CACHED,
	REPORT_DONE,
	REPORT_WARN,
	REPORT_PROGRESS,
	REPORT_END,
	REPORT_FAILED,
};

struct report {
	enum report_kind kind;
	int number, of;	    /* REPORT_STEP: from 1 */
	int line;	    /* of the Dockerfile; 0: none */
	int code;	    /* REPORT_FAILED: negative errno */
	int status;	    /* exit status of a command that failed, else 0 */
	char *text;	    /* the instruction, the id, the key, the sentence */
	char *hint;	    /* or NULL */
	int64_t size, have; /* REPORT_PROGRESS: bytes of the blob .text */
	int state;	    /* likewise: enum watch_state */
	bool partial; /* REPORT_FAILED: the uppermost layer of .sofar is what the step has written */
	struct sofar sofar; /* REPORT_END; REPORT_FAILED: or without .config */
};

/**
 * report_send() - tell
 * @sock:	the stage's end
 * @report:	what
 *
 * Nobody listening is no failure: then this process is about to be killed.
 */
void report_send(int sock, const struct report *report);

/**
 * report_receive() - hear
 * @sock:	the command's end, readable
 * @out:	to be released with report_clear; set on success only
 * @err:	what is wrong
 *
 * Return: 1; 0 at the end; otherwise a negative errno.
 */
must_check int report_receive(int sock, struct report *out, struct err *err);

/**
 * report_clear() - release
 * @report:	zeroed afterwards
 */
void report_clear(struct report *report);

static inline void auto_report(struct report *report)
{
	report_clear(report);
}
