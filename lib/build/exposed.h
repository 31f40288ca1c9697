/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exposed - ports as EXPOSE names them: 80, 80/udp, 8000-8010/tcp
 *
 * Source: Dockerfile reference, "EXPOSE". An address or a port of the host before a ':' says nothing here; docker
 * warns of it, and so does build/lint.h.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

/**
 * exposed_parse() - the ports of a word
 * @word:	without variables
 * @out:	"80/tcp" of each port is added, on success only
 * @err:	names the word
 *
 * Return: 0 or -EINVAL.
 */
must_check int exposed_parse(const char *word, struct strv *out, struct err *err);
