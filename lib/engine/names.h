/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - random names for containers
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"

/**
 * name_random() - a random name, "adjective_noun", of 4,096
 * @numbers:	a number below this is appended, as docker does when names run out; 0 for none
 *
 * Return: the name, to be freed; never NULL. Whether it is free is for the store to say.
 */
must_check char *name_random(uint32_t numbers);
