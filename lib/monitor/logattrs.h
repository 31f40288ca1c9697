/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logattrs - what the records of a log say besides the text: a tag, labels, variables
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "monitor/logoptions.h"
#include "store/container.h"

/**
 * log_attrs() - what each record says besides the text
 * @options:	read
 * @config:	of the container
 * @out:	KEY=VALUE, sorted, each key once; added
 * @err:	the tag is no template; they are more than LOG_ATTRS_MAX
 *
 * Return: 0 or -EINVAL.
 */
must_check int log_attrs(const struct log_options *options, const struct container_config *config,
			 struct strv *out, struct err *err);

/**
 * log_tag() - fill in a tag
 * @template:	text with {{.ID}}, {{.FullID}}, {{.Name}}, {{.ImageName}}, {{.ImageID}},
 *		{{.ImageFullID}}, {{.DaemonName}}
 * @config:	of the container
 * @out:	to be freed; set on success only
 * @err:	names what cannot be filled in, and what can
 *
 * Return: 0 or -EINVAL.
 */
must_check int log_tag(const char *template, const struct container_config *config, char **out,
		       struct err *err);

/**
 * log_attrs_json() - the attributes as a member of a json-file record
 * @attrs:	of log_attrs()
 *
 * Return: to be freed: "\"attrs\":{…}," or, without any, "".
 */
must_check char *log_attrs_json(const struct strv *attrs);
