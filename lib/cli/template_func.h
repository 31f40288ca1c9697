/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_func - the functions of templates: Go's, and those docker and podman add
 *
 * Go: and or not eq ne lt le gt ge index slice len print printf println html js urlquery
 * docker and podman: json join split title lower upper pad truncate
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/template_value.h"

/**
 * func_known() - whether a function is there
 * @name:	its name
 *
 * Return: whether it is.
 */
bool func_known(const char *name);

/**
 * func_call() - call a function
 * @name:	a known one; "and" and "or" get all their arguments evaluated
 * @args:	values; each may be NULL
 * @count:	how many
 * @arena:	keeps what is made
 * @out:	its value, which may be NULL; set on success only
 * @err:	names the function and what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int func_call(const char *name, const cJSON *const *args, size_t count,
			 struct arena *arena, const cJSON **out, struct err *err);
