/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory - staying small while nothing happens
 */
#pragma once

/**
 * memory_tame() - one heap, grown by brk alone
 *
 * For a process whose sandbox unmaps nothing and protects nothing anew. Called before the first thread.
 */
void memory_tame(void);

/**
 * memory_apart() - large blocks are mapped each time, and unmapped when they are freed
 *
 * Otherwise the first that is freed lets the next ones come from the heap, where what is allocated as zeros has to be
 * written. For a process that allocates the same large blocks again and again, and touches little of them.
 */
void memory_apart(void);

/**
 * memory_settle() - give back what starting took
 *
 * The free part of the heap, and the pages of code that only start-up ran: they are the page
 * cache's, and come back from there when they are needed.
 */
void memory_settle(void);
