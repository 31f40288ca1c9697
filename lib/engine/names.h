/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - random names for containers
 */
#pragma once

#include "base/macros.h"

/**
 * name_random() - a random name, "adjective_noun"
 *
 * Return: the name, to be freed; never NULL. Whether it is free is for the store to say.
 */
must_check char *name_random(void);
