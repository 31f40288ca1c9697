/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vigil - whether to wait for what comes next awake
 *
 * To be put to sleep and woken again takes longer than many a server needs to answer a short message; several
 * times as long where processors are virtual and have gone to rest meanwhile. So who has passed a short message
 * on may look for the next one for a moment before it sleeps, and offer the processor to others between two
 * looks. It does so only while that has been worth it lately: what came soon earns credit, a wait that was for
 * nothing costs more than that. One in which others took the processor for long costs much more, and each time
 * twice as much: who is woken goes before those who work without a pause, who waits awake is one of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vigil {
	int credit;
	int price; /* of a crowded processor */
};

/* Nanoseconds. */
enum {
	VIGIL_LENGTH = 200000, /* a wait's */
	VIGIL_SHARED =
		20000, /* between two looks, when others have run meanwhile: the wait is given up */
	VIGIL_CROWDED = 100000, /* they are not those who are waited for */
};

/**
 * vigil_worth() - whether to wait awake
 * @vigil:	zeroed at first
 *
 * Return: the answer.
 */
bool vigil_worth(const struct vigil *vigil);

/**
 * vigil_slept() - what was slept for has come
 * @vigil:	learns
 * @after:	nanoseconds since the last message passed, which being woken is a part of
 */
void vigil_slept(struct vigil *vigil, int64_t after);

/**
 * vigil_kept() - what was waited for awake has come
 * @vigil:	learns
 */
void vigil_kept(struct vigil *vigil);

/**
 * vigil_missed() - a wait was given up
 * @vigil:	learns
 * @away:	nanoseconds between the last two looks
 */
void vigil_missed(struct vigil *vigil, int64_t away);
