/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * platform_text - --platform, or --os, --arch and --variant in its place
 */
#pragma once

#include "base/err.h"
#include "cli/app.h"

struct platform_words {
	const char *platform; /* NULL: not given; likewise the others */
	const char *os;
	const char *arch;
	const char *variant;
};

/**
 * platform_text() - what is asked for as one text
 * @app:	facts stand for what is not said
 * @words:	as typed
 * @out:	"os/arch[/variant]", to be freed; NULL when nothing was given; set on success only
 * @err:	that both ways were taken
 *
 * Return: 0 or -EINVAL.
 */
must_check int platform_text(const struct app *app, const struct platform_words *words, char **out,
			     struct err *err);
