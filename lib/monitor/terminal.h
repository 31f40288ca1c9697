/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * terminal - the user's terminal: raw mode and back, its size
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "base/macros.h"

struct terminal {
	int fd;
	bool raw;
	struct termios saved;
};

/**
 * terminal_raw() - hand every key through as it is
 * @fd:		the terminal; borrowed until terminal_restore()
 * @out:	what it was before; set on success only
 *
 * Return: 0; -ENOTTY when it is no terminal.
 */
must_check int terminal_raw(int fd, struct terminal *out);

/**
 * terminal_restore() - make a terminal what it was
 * @terminal:	may be zeroed; restored once
 */
void terminal_restore(struct terminal *terminal);

/**
 * terminal_size() - how large a terminal is
 * @fd:		the terminal
 * @out_rows:	set on success only
 * @out_columns: set on success only
 *
 * Return: 0; -ENOTTY when it is no terminal.
 */
must_check int terminal_size(int fd, uint16_t *out_rows, uint16_t *out_columns);

/**
 * terminal_resize() - give a terminal a size
 * @fd:		either side of it
 * @rows:	of characters
 * @columns:	of characters
 *
 * Return: 0 or a negative errno.
 */
must_check int terminal_resize(int fd, uint16_t rows, uint16_t columns);

static inline void auto_terminal(struct terminal *terminal)
{
	terminal_restore(terminal);
}
