/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_pipe - the expressions of a Go template
 *
 * A pipe has commands, a command has operands; a pipe may begin with what its value is kept in.
 */
#pragma once

#include "cli/template_parser.h"

/**
 * pipe_parse() - read a pipe
 * @parser:	at its first token; at the one behind it afterwards
 * @out:	a node of kind NODE_PIPE, to be released with node_free(); set on success only
 *
 * Return: 0, or a negative errno and parser->err set.
 */
must_check int pipe_parse(struct parser *parser, struct node **out);
