/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * labels - lists of KEY=VALUE as objects, for templates and documents
 */
#pragma once

#include "base/json.h"
#include "base/str.h"

/**
 * labels_map() - the object of a list
 * @labels:	KEY=VALUE, or KEY alone for an empty value
 *
 * Return: the object, to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *labels_map(const struct strv *labels);
