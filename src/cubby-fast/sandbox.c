/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what is left of this process's rights while it answers a container's calls
 */
#include "cubby-fast/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kern/bpf.h"
#include "kern/sys.h"

static const int allowed[] = {
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
	SYS_read,
	SYS_write,
	SYS_openat,
	SYS_close,
	SYS_ppoll,
	SYS_epoll_pwait,
	SYS_epoll_ctl,
	SYS_ioctl,
	SYS_fcntl,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_sendto,
	SYS_sendmsg,
	SYS_socket,
	SYS_connect,
	SYS_bind,
	SYS_getsockname,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_pidfd_open,
	SYS_kcmp,
	SYS_dup3,
	SYS_newfstatat,
	SYS_lseek,
	SYS_pidfd_getfd,
	SYS_process_vm_readv,
	SYS_brk,
	SYS_mmap,
	SYS_munmap,
	SYS_madvise,
	SYS_futex,
	SYS_clock_gettime,
	SYS_fstat,
	SYS_getrandom,
	SYS_getpid,
	SYS_gettid,
	SYS_tgkill,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
};

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	/* Those the kernel does not know refuse. */
	for (unsigned cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	data[0].effective = data[0].permitted = 1U << CAP_SYS_PTRACE | 1U << CAP_NET_BIND_SERVICE;
	return sys_capset(&head, data);
}

static int set_filter(void)
{
	enum { HEAD = 3, LISTED = array_len(allowed), TAIL = 3 };
	struct sock_filter code[HEAD + LISTED + TAIL];
	size_t n = 0;
	const size_t refuse = HEAD + LISTED, allow = refuse + 1, kill = refuse + 2;

	if (!BPF_MACHINE || SANITIZED)
		return 0;
	code[n] = BPF_LOAD(arch), n++;
	code[n] = BPF_IF(BPF_JEQ, BPF_MACHINE, 0, kill - n - 1), n++;
	code[n] = BPF_LOAD(nr), n++;
	for (size_t i = 0; i < LISTED; i++)
		code[n] = BPF_IF(BPF_JEQ, allowed[i], allow - n - 1, 0), n++;
	code[n++] = BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ALLOW);
	code[n++] = BPF_ANSWER(SECCOMP_RET_KILL_PROCESS);
	const struct sock_fprog program = { .len = (unsigned short)n, .filter = code };
	bug_unless(n == array_len(code));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int sandbox_narrow(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot forbid new privileges");
	int r = drop_capabilities();
	if (r < 0)
		return err_sys(err, r, "cannot drop capabilities");
	r = set_filter();
	return r < 0 ? err_sys(err, r, "cannot restrict system calls") : 0;
}
