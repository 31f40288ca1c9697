/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_text - the functions of templates that make texts
 */
#pragma once

#include "base/err.h"
#include "cli/template_value.h"

/* One call of a function. */
struct func {
	const cJSON *const *args; /* as many as the function takes at least */
	size_t count;
	struct arena *arena; /* keeps what is made */
	struct err *err;
};

/* Return: 0 with *out set, or -EINVAL with what is wrong. */
typedef int func_run(struct func *func, const cJSON **out);

func_run text_html, text_join, text_js, text_lower, text_pad, text_print, text_printf, text_println,
	text_split, text_title, text_truncate, text_upper, text_urlquery;
