/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * envfile - files of NAME=VALUE lines: --env-file and --label-file
 *
 * As docker reads them: white space in front of a line is cut, '#' begins a comment line, quotes are
 * part of the value.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"

/**
 * envfile_parse() - read the text of an environment file
 * @text:	whole
 * @host:	a NAME alone takes the caller's value, and is left out when there is none
 * @out:	assignments are set; a later one replaces an earlier one of its name
 * @err:	names the line
 *
 * Return: 0; -EINVAL for a line without name or with white space in the name.
 */
must_check int envfile_parse(const char *text, const struct host *host, struct strv *out,
			     struct err *err);

/**
 * envfile_load() - read an environment file
 * @path:	of the file, "-" is none
 * @host:	as envfile_parse()
 * @out:	as envfile_parse()
 * @err:	names the file and the line
 *
 * Return: 0; -ENOENT; -EINVAL; otherwise what the kernel said.
 */
must_check int envfile_load(const char *path, const struct host *host, struct strv *out,
			    struct err *err);

/**
 * envfile_labels() - read a file of labels
 * @path:	of the file
 * @out:	KEY=VALUE are set; a KEY alone has an empty value
 * @err:	names the file and the line
 *
 * Return: as envfile_load().
 */
must_check int envfile_labels(const char *path, struct strv *out, struct err *err);

/**
 * envfile_assign() - take one --env argument
 * @text:	NAME=VALUE, or NAME for the caller's value
 * @host:	the caller's environment
 * @out:	changed; NAME without a value at the caller removes nothing and adds nothing
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int envfile_assign(const char *text, const struct host *host, struct strv *out,
			      struct err *err);
