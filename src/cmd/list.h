/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list - every command under every name it has
 */
#pragma once

#include "cli/command.h"

extern const struct command_list command_list;
