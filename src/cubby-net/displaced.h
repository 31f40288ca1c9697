/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * displaced - how often others took the processor from the calling thread
 */
#pragma once

#include <sys/resource.h>

/**
 * times_displaced() - how often the thread could have run on and others ran
 *
 * Offering the processor counts where somebody takes it.
 *
 * Return: the count since the thread began, or 0 where it cannot be had.
 */
static inline long times_displaced(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) < 0 ? 0 : usage.ru_nivcsw;
}
