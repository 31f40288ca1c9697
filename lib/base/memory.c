/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory - staying small while nothing happens
 *
 * Of a helper's proportional memory two thirds are clean pages of code and tables, its own and its
 * libraries', nearly all of them read once: by the dynamic linker, an initialiser or a start.
 */
#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/macros.h"

enum { HEAP_ONLY = 1 << 30, TRIM_ABOVE = 1 << 20, LARGE = 256 << 10 };

void memory_tame(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, HEAP_ONLY);
	mallopt(M_TRIM_THRESHOLD, TRIM_ABOVE);
}

void memory_apart(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE);
}

/* Segments that can be written hold relocated pages, which no file has. */
static int forget_object(struct dl_phdr_info *info, size_t size unused_arg, void *data)
{
	uintptr_t page = *(const uintptr_t *)data;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
		uintptr_t to = info->dlpi_addr + h->p_vaddr + h->p_filesz;
		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
			(void)madvise((void *)from, to - from, MADV_DONTNEED); /* only a wish */
	}
	return 0;
}

void memory_settle(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	malloc_trim(0);
	(void)dl_iterate_phdr(forget_object, &page);
}
