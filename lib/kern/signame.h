/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signame - names and numbers of signals
 *
 * Source: signal(7).
 */
#pragma once

#include "base/err.h"

/**
 * signame_parse() - read a signal as --signal and STOPSIGNAL take it
 * @text:	"QUIT", "SIGQUIT", "sigquit", "3", "RTMIN+3", "SIGRTMAX-1"
 * @out:	number 1 to 64, set on success only
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int signame_parse(const char *text, int *out, struct err *err);

/**
 * signame_print() - the name of a signal
 * @number:	1 to 64
 *
 * Return: "SIGTERM", "SIGRTMIN+3"; the number itself when it has no name; to be freed.
 */
must_check char *signame_print(int number);
