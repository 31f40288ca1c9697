/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gitwords - what git said when it failed, as one sentence
 *
 * git tells the cause somewhere among guesses ("Please make sure you have the correct access rights"), each way of
 * reaching a host in words of its own. Here the line with the cause is found, and what it means to who builds.
 * Its words are those of LC_ALL=C.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/**
 * gitwords_text() - what failed, and git's own words for it
 * @said:	its standard error
 * @status:	its exit status
 *
 * Return: what goes behind "cannot fetch '…': ", to be freed; never NULL.
 */
must_check char *gitwords_text(const char *said, int status);

/**
 * gitwords_hint() - what can be done about it
 * @said:	its standard error
 *
 * Return: a sentence, to which the address belongs where it ends with a space, or NULL when nothing is known that would
 * help; lives forever.
 */
const char *gitwords_hint(const char *said);

/**
 * gitwords_final() - whether asking the same host in another way is of no use
 * @said:	its standard error
 *
 * Return: the answer.
 */
bool gitwords_final(const char *said);

/**
 * gitwords_missing() - whether a branch, a tag or a commit is not there
 * @said:	its standard error
 *
 * Return: the answer.
 */
bool gitwords_missing(const char *said);
