/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_call - what build tells of a Dockerfile instead of building it
 *
 *	--call check	what is likely not meant; also --check; see build_lint
 *	--call outline	what the target can be given
 *	--call targets	the stages
 *
 * As text, or with ,format=json as the document that docker's buildx prints.
 */
#pragma once

#include "base/json.h"
#include "build/options.h"
#include "build/stages.h"
#include "cli/app.h"
#include "cmd/build_opts.h"

enum build_call_kind {
	BUILD_CALL_BUILD,
	BUILD_CALL_CHECK,
	BUILD_CALL_OUTLINE,
	BUILD_CALL_TARGETS,
};

struct build_call {
	enum build_call_kind kind;
	bool json;
	bool ignore_status; /* findings of a check are no failure */
};

/**
 * build_call_parse() - what is asked for
 * @args:	--call and --check count
 * @out:	set on success only
 * @err:	names the word that is not known
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_call_parse(const struct build_args *args, struct build_call *out,
				struct err *err);

/**
 * build_call_tell() - print the outline or the targets
 * @app:	where to
 * @call:	one of these
 * @input:	what the stages were found with
 * @stages:	found
 * @target:	an index
 * @err:	as outline_find()
 *
 * Return: 0; as outline_find().
 */
must_check int build_call_tell(const struct app *app, const struct build_call *call,
			       const struct stages_input *input, const struct stages *stages,
			       size_t target, struct err *err);

/**
 * build_call_location() - where something stands, as buildx says it
 * @line:	an instruction
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *build_call_location(const struct dockerfile_line *line);
