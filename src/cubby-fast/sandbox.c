/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what is left of this process's rights while it answers a container's calls
 */
#include "cubby-fast/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kern/calls.h"
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

int sandbox_narrow(struct err *err)
{
	const int r = drop_capabilities();

	if (r < 0)
		return err_sys(err, r, "cannot drop capabilities");
	return calls_allow(allowed, array_len(allowed), 0, err);
}
