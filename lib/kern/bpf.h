/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf - the words of a system call filter that a helper program writes for itself
 *
 * Containers' filters are libseccomp's; these are short lists, written in place so that the helpers need no
 * library for them. A jump counts instructions from the next one on.
 */
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* The machine whose system calls are numbered as ours; 0 where there is no filter. */
#if defined(__x86_64__)
#define BPF_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define BPF_MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define BPF_MACHINE AUDIT_ARCH_RISCV64
#else
#define BPF_MACHINE 0
#endif

#define BPF_LOAD(field)                                                                            \
	((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                    \
				      offsetof(struct seccomp_data, field)))
#define BPF_IF(how, value, yes, no)                                                                \
	((struct sock_filter)BPF_JUMP(BPF_JMP | (how) | BPF_K, (uint32_t)(value), (uint8_t)(yes),  \
				      (uint8_t)(no)))
#define BPF_ANSWER(value) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (value)))
