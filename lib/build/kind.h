/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kind - the instructions of a Dockerfile by name
 *
 * Source: Dockerfile reference, "Overview".
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

enum kind {
	KIND_ADD,
	KIND_ARG,
	KIND_CMD,
	KIND_COPY,
	KIND_ENTRYPOINT,
	KIND_ENV,
	KIND_EXPOSE,
	KIND_FROM,
	KIND_HEALTHCHECK,
	KIND_LABEL,
	KIND_MAINTAINER,
	KIND_ONBUILD,
	KIND_RUN,
	KIND_SHELL,
	KIND_STOPSIGNAL,
	KIND_USER,
	KIND_VOLUME,
	KIND_WORKDIR,
	KIND_COUNT,
};

/**
 * kind_parse() - the instruction of a name
 * @name:	in any case: "from", "FROM"
 *
 * Return: an enum kind, or -ENOENT.
 */
must_check int kind_parse(const char *name);

/**
 * kind_name() - the name of an instruction
 * @kind:	below KIND_COUNT
 *
 * Return: in upper case, lives forever.
 */
const char *kind_name(enum kind kind);

/**
 * kind_near() - which name a mistyped one was meant to be
 * @typed:	in any case
 *
 * Return: the name, which lives forever, or NULL when none is near.
 */
const char *kind_near(const char *typed);

/**
 * kind_takes_list() - whether the arguments may be a JSON list
 * @kind:	below KIND_COUNT; HEALTHCHECK's stands behind a word and does not count here
 *
 * Return: whether they may.
 */
bool kind_takes_list(enum kind kind);

/**
 * kind_takes_heredoc() - whether text may follow in the next lines
 * @kind:	below KIND_COUNT; ONBUILD takes what its trigger takes and does not count here
 *
 * Return: whether it may.
 */
bool kind_takes_heredoc(enum kind kind);
