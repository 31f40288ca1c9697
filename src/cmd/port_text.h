/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port_text - published ports as ps shows them
 */
#pragma once

#include <stdint.h>

#include "base/str.h"

/* One published port. */
struct port_line {
	char *ip;
	char *proto;
	int64_t outside;
	int64_t inside;
};

/**
 * port_line_parse() - take a published port apart
 * @text:	"IP:HOST:CONTAINER/PROTO", an IPv6 address in brackets or not
 * @out:	to be released with port_line_clear; set on success only
 *
 * Return: 0 or -EINVAL.
 */
must_check int port_line_parse(const char *text, struct port_line *out);

/**
 * port_line_clear() - release a published port
 * @line:	empty afterwards
 */
void port_line_clear(struct port_line *line);

/**
 * port_lines_print() - published ports as one text, with ranges merged
 * @ports:	of a container's state
 *
 * Return: for example "0.0.0.0:8080->80/tcp, 0.0.0.0:9000-9002->9000-9002/tcp"; to be freed.
 */
must_check char *port_lines_print(const struct strv *ports);
