/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - giving up what reading strangers' bytes does not need
 *
 * The filter forbids what an intruder would want and lets the rest through: threads, memory and
 * files of a libc that changes with every release could not be listed for long. It is written by
 * hand because libseccomp would cost more start-up time than everything else here.
 */
#include "layer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/macros.h"
#include "kern/bpf.h"
#include "kern/sys.h"

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 CLONE_NEWCGROUP)

enum { LAST_CAPABILITY_TRIED = 63, X32_BIT = 0x40000000 };

static const int kept_capabilities[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
					 CAP_SETFCAP };

static const int forbidden[] = {
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kill,
	SYS_pidfd_open,
	SYS_pidfd_getfd,
	SYS_pidfd_send_signal,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_mount_setattr,
	SYS_setns,
	SYS_unshare,
	SYS_bpf,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_syslog,
	SYS_acct,
	SYS_quotactl,
	SYS_open_by_handle_at,
	SYS_name_to_handle_at,
	SYS_personality,
	SYS_fanotify_init,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_settimeofday,
	SYS_clock_settime,
};

int sandbox_join(int userns, struct err *err)
{
	AUTO(fd) int fd = userns;

	if (setns(fd, CLONE_NEWUSER) < 0)
		return err_sys(err, -errno, "cannot enter the user namespace");
	(void)setgroups(0, NULL); /* refused where the map holds one id */
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot become root of the user namespace");
	/* A change of ids took it away. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, -errno, "cannot ask for the death signal");
	return 0;
}

/* An empty file system, mounted nowhere but as our root. */
static int empty_root(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	AUTO(fd) int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	AUTO(fd)
	int root = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
				MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID);
	if (root < 0 || fchdir(root) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

static uint64_t kept_mask(void)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < array_len(kept_capabilities); i++)
		mask |= UINT64_C(1) << kept_capabilities[i];
	return mask;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	uint64_t kept = kept_mask();

	int r = sys_capget(&head, data);
	if (r < 0)
		return r;
	for (int c = 0; c <= LAST_CAPABILITY_TRIED; c++)
		if (!(kept >> c & 1))
			(void)prctl(PR_CAPBSET_DROP,
				    c); /* without privilege, or unknown: no gain */
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(kept >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return sys_capset(&head, data);
}

static int set_limits(void)
{
	/* One descriptor a level is needed where a path is walked. */
	const struct rlimit files = { 1024, 1024 }, none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	return setrlimit(RLIMIT_NOFILE, &files) < 0 && errno != EPERM ? -errno : 0;
}

/* Each jump goes to the return at the end that fits; the list is shorter than a jump's reach. */
static int set_filter(void)
{
	enum { HEAD = 4, CLONE = 4, LISTED = array_len(forbidden), TAIL = 4 };
	struct sock_filter code[HEAD + LISTED + CLONE + TAIL];
	size_t n = 0;

	if (!BPF_MACHINE || SANITIZED)
		return 0;
	const size_t allow = HEAD + LISTED + CLONE, refuse = allow + 1, missing = allow + 2,
		     kill = allow + 3;
#define TO(label) ((label)-n - 1)

	code[n] = BPF_LOAD(arch), n++;
	code[n] = BPF_IF(BPF_JEQ, BPF_MACHINE, 0, TO(kill)), n++;
	code[n] = BPF_LOAD(nr), n++;
	code[n] = BPF_IF(BPF_JGE, X32_BIT, TO(refuse), 0), n++;
	for (size_t i = 0; i < LISTED; i++)
		code[n] = BPF_IF(BPF_JEQ, forbidden[i], TO(refuse), 0), n++;
	/* libc falls back to clone(), whose flags can be looked at. */
	code[n] = BPF_IF(BPF_JEQ, SYS_clone3, TO(missing), 0), n++;
	code[n] = BPF_IF(BPF_JEQ, SYS_clone, 0, TO(allow)), n++;
	code[n] = BPF_LOAD(args[0]), n++;
	code[n] = BPF_IF(BPF_JSET, NEW_NAMESPACES, TO(refuse), TO(allow)), n++;
	code[n++] = BPF_ANSWER(SECCOMP_RET_ALLOW);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
	code[n++] = BPF_ANSWER(SECCOMP_RET_KILL_PROCESS);
#undef TO
	const struct sock_fprog program = { .len = (unsigned short)n, .filter = code };
	bug_unless(n == array_len(code));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int sandbox_enter(struct err *err)
{
	if (!SANITIZED)
		(void)empty_root(); /* refused without privilege */
	int r = drop_capabilities();
	if (r < 0)
		return err_sys(err, r, "cannot drop capabilities");
	r = set_limits();
	if (r < 0)
		return err_sys(err, r, "cannot set limits");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot forbid new privileges");
	r = set_filter();
	return r < 0 ? err_sys(err, r, "cannot set the system call filter") : 0;
}
