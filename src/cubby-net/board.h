/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * board - bytes that one process shows others, who never see them half written
 *
 * A memory file: a head, and two pages of equal size. (1) The head's turn counts the writes; what was
 * written last lies on the page of the turn's last bit. (2) The other page is written first, then the turn:
 * a writer that is killed between leaves what was there. (3) A reader who finds the same turn before and
 * after has read the whole of it. (4) Once sealed the file keeps its size, and nobody but the writer's
 * mapping changes it, so its descriptor may be given away.
 *
 * Readers do not map it and trust nothing in it: who gave it to them may be somebody else's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

enum { BOARD_PAGE = 2 << 20 }; /* memory only as far as it is written */

struct board;

/**
 * board_new() - an empty board
 * @out:	to be released with board_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int board_new(struct board **out);

/**
 * board_free() - release a board; its readers keep what is written
 * @board:	may be NULL
 */
void board_free(struct board *board);

/**
 * board_fd() - what readers are given
 * @board:	the board
 *
 * Return: a descriptor, the board's.
 */
int board_fd(const struct board *board);

/**
 * board_write() - replace what is shown
 * @board:	the board
 * @data:	copied
 * @size:	bytes
 *
 * Return: 0 or -EFBIG, and then what was shown is.
 */
must_check int board_write(struct board *board, const void *data, size_t size);

/**
 * board_read() - take what is shown, when it is new
 * @fd:		of somebody's board; may be anything
 * @turn:	of the last time, 0 before; set when something new was read
 * @out:	the bytes, to be freed; set when something new was read
 * @out_size:	how many
 *
 * Return: 1 when it is new; 0 when it is not; -EBADMSG when this is no board; -EAGAIN when it changes
 * without end; or what pread(2) said.
 */
must_check int board_read(int fd, uint64_t *turn, uint8_t **out, size_t *out_size);

DEFINE_AUTO_PTR(board, struct board, board_free)
