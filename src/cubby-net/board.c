/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * board - bytes that one process shows others, who never see them half written
 */
#include "cubby-net/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

enum {
	MAGIC = 0x63626e74,
	LAYOUT = 1,
	FIRST_PAGE = 4096,
	FILE_SIZE = FIRST_PAGE + 2 * BOARD_PAGE,
	TRIES = 4,
};

struct head {
	uint32_t magic;
	uint32_t layout; /* changes when a reader of today would misread */
	uint64_t turn;	 /* 0: never written */
};

struct page {
	uint64_t turn;
	uint64_t size;
	uint8_t bytes[];
};

struct board {
	int fd;
	struct head *head; /* the whole file */
};

static size_t page_at(uint64_t turn)
{
	return FIRST_PAGE + (turn & 1) * (size_t)BOARD_PAGE;
}

int board_new(struct board **out)
{
	AUTO(board) struct board *b = mem_new(struct board);

	b->fd = memfd_create("names", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (b->fd < 0 || ftruncate(b->fd, FILE_SIZE) < 0)
		return -errno;
	void *map = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	b->head = map;
	*b->head = (struct head){ MAGIC, LAYOUT, 0 };
	if (fcntl(b->fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	*out = take_ptr(b);
	return 0;
}

void board_free(struct board *board)
{
	if (!board)
		return;
	if (board->head)
		(void)munmap(board->head, FILE_SIZE);
	fd_close(board->fd);
	free(board);
}

int board_fd(const struct board *board)
{
	return board->fd;
}

int board_write(struct board *board, const void *data, size_t size)
{
	uint64_t turn = board->head->turn + 1;
	struct page *page = (struct page *)((uint8_t *)board->head + page_at(turn));

	if (size > BOARD_PAGE - sizeof *page)
		return -EFBIG;
	page->turn = turn;
	page->size = size;
	if (size)
		memcpy(page->bytes, data, size);
	__atomic_store_n(&board->head->turn, turn, __ATOMIC_RELEASE);
	return 0;
}

static int read_part(int fd, void *out, size_t size, size_t at)
{
	ssize_t n = pread(fd, out, size, (off_t)at);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EBADMSG;
}

static int read_head(int fd, struct head *out)
{
	int r = read_part(fd, out, sizeof *out, 0);

	if (r < 0)
		return r;
	return out->magic == MAGIC && out->layout == LAYOUT ? 0 : -EBADMSG;
}

/* -EAGAIN when the page is not, or no longer, that of the turn. */
static int read_page(int fd, uint64_t turn, uint8_t **out, size_t *out_size)
{
	struct head after;
	struct page page;
	int r = read_part(fd, &page, sizeof page, page_at(turn));

	if (r < 0)
		return r;
	if (page.turn != turn)
		return -EAGAIN;
	if (page.size > BOARD_PAGE - sizeof page)
		return -EBADMSG;
	AUTO(mem) uint8_t *bytes = mem_alloc(page.size + 1, 1);
	r = read_part(fd, bytes, page.size, page_at(turn) + sizeof page);
	if (r == 0)
		r = read_head(fd, &after);
	if (r < 0)
		return r;
	if (after.turn != turn)
		return -EAGAIN;
	*out = take_ptr(bytes);
	*out_size = page.size;
	return 1;
}

int board_read(int fd, uint64_t *turn, uint8_t **out, size_t *out_size)
{
	int r = -EAGAIN;

	for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
		struct head head;
		r = read_head(fd, &head);
		if (r < 0)
			return r;
		if (head.turn == *turn || !head.turn)
			return 0;
		r = read_page(fd, head.turn, out, out_size);
		if (r > 0)
			*turn = head.turn;
	}
	return r;
}
