/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notice - socket calls of a container that somebody else answers (--network fast)
 */
#include "run/notice.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "kern/bpf.h"
#include "kern/landlock.h"
#include "kern/seccomp.h"

/* Numbers of x32, which share the architecture. */
enum { OTHER_NUMBERS = 0x40000000 };

static const char word[] = "listener";

static uint32_t low_half(unsigned int arg)
{
	const size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	return (uint32_t)(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at : at + 4);
}

#define LOAD_ARG(arg) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low_half(arg)))

static int load(void)
{
	const struct sock_filter code[] = {
		BPF_LOAD(arch),
		BPF_IF(BPF_JEQ, BPF_MACHINE, 0, 8),
		BPF_LOAD(nr),
		BPF_IF(BPF_JGE, OTHER_NUMBERS, 6, 0),
		BPF_IF(BPF_JEQ, SYS_io_uring_setup, 5, 0),
		BPF_IF(BPF_JEQ, SYS_connect, 10, 0),
		BPF_IF(BPF_JEQ, SYS_bind, 9, 0),
		BPF_IF(BPF_JEQ, SYS_sendto, 3, 0),
		BPF_IF(BPF_JEQ, SYS_sendmmsg, 2, 0),
		BPF_IF(BPF_JEQ, SYS_sendmsg, 3, 5),
		BPF_ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
		LOAD_ARG(3),
		BPF_IF(BPF_JA, 1, 0, 0),
		LOAD_ARG(2),
		BPF_IF(BPF_JSET, MSG_FASTOPEN, 2, 0),
		BPF_ANSWER(SECCOMP_RET_ALLOW),
		BPF_ANSWER(SECCOMP_RET_USER_NOTIF),
		BPF_ANSWER(SECCOMP_RET_ERRNO | EOPNOTSUPP),
	};

	return BPF_MACHINE ? seccomp_listen(code, sizeof code) : -ENOTSUP;
}

static int refuse(struct err *err)
{
	(void)err_set(err, -ENOTSUP, "--network fast: this kernel cannot confine sockets");
	return err_hint(err, "it needs Linux 6.7 or newer with Landlock (lsm=landlock,...), on "
			     "x86-64, arm64 or riscv64");
}

int notice_begin(int sock, struct err *err)
{
	int r = BPF_MACHINE ? landlock_forbid_tcp() : -ENOTSUP;

	if (r == -ENOTSUP)
		return refuse(err);
	if (r < 0)
		return err_sys(err, r, "cannot confine sockets");
	AUTO(fd) int listener = load();
	if (listener < 0)
		return err_sys(err, listener, "cannot have socket calls answered");
	ssize_t n = fd_send(sock, word, sizeof word, &listener, 1);
	return n < 0 ? err_sys(err, (int)n, "cannot hand over what answers socket calls") : 0;
}

int notice_take(int sock)
{
	char text[sizeof word];
	int fds[FD_PASS_MAX];
	size_t count = 0;
	ssize_t n = fd_recv(sock, text, sizeof text, fds, &count);

	for (size_t i = 1; i < count; i++)
		fd_close(fds[i]);
	if (n <= 0)
		return n ? (int)n : -EPIPE;
	return count ? fds[0] : -EBADMSG;
}
