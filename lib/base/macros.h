/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * macros - what every file may use: cleanup, hand-over, attributes, checks of invariants
 *
 * AUTO(type) releases a variable on every way out of its scope by calling auto_<type>(&variable);
 * each owner type defines that function beside its _free. take_ptr() and take_fd() hand over and are
 * the only way to skip a release. bug_unless() aborts: it is for what cannot happen, never for input.
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#define must_check __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define no_return __attribute__((noreturn))
#define unused_arg __attribute__((unused))

#define AUTO(type) __attribute__((cleanup(auto_##type)))

/* Defines auto_<type>() for a pointer that its _free function takes. */
#define DEFINE_AUTO_PTR(name, ctype, release)                                                      \
	static inline void auto_##name(ctype **p)                                                  \
	{                                                                                          \
		release(*p);                                                                       \
	}

#define take_ptr(ptr)                                                                              \
	({                                                                                         \
		__auto_type taken_ = (ptr);                                                        \
		(ptr) = NULL;                                                                      \
		taken_;                                                                            \
	})

#define take_fd(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

#define array_len(a) (sizeof(a) / sizeof((a)[0]))

#define min_of(a, b)                                                                               \
	({                                                                                         \
		__auto_type a_ = (a);                                                              \
		__auto_type b_ = (b);                                                              \
		a_ < b_ ? a_ : b_;                                                                 \
	})

#define max_of(a, b)                                                                               \
	({                                                                                         \
		__auto_type a_ = (a);                                                              \
		__auto_type b_ = (b);                                                              \
		a_ > b_ ? a_ : b_;                                                                 \
	})

#define bug_unless(cond)                                                                           \
	do {                                                                                       \
		if (__builtin_expect(!(cond), 0))                                                  \
			abort();                                                                   \
	} while (0)

/* Whether the sanitizers are compiled in: they need more memory, and look at their own process in the end. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif
