/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what is left of this process's rights while it reads the container's frames
 *
 * The filter is written by hand: it is short, and this program shall not load a library for it. Calls
 * that are not allowed fail with EPERM instead of killing: a library that probes for a comfort must
 * not take a container's network down.
 */
#include "cubby-net/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/sys.h"
#include "net/bridge.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OUR_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define OUR_ARCH AUDIT_ARCH_S390X
#else
#error "name this machine's audit architecture"
#endif

enum { PROGRAM_MAX = 256, X32_BIT = 0x40000000, BACKLOG = 128 };

/* --- files ------------------------------------------------------------------------------------ */

static int listen_here(int *out_listener, struct err *err)
{
	const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = BRIDGE_SOCKET };
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof name) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return err_sys(err, -errno, "cannot open the network's socket");
	*out_listener = take_fd(fd);
	return 0;
}

int sandbox_files(int *out_listener, struct err *err)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, -errno, "cannot leave the host's files");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/proc", "tmpfs", flags, "mode=0700,size=4k,nr_inodes=2") < 0 ||
	    chdir("/proc") < 0)
		return err_sys(err, -errno, "cannot make an empty root");
	/* The root of an initramfs cannot be pivoted; then the old one stays, out of reach. */
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		(void)umount2(".", MNT_DETACH);
	if (chroot(".") < 0 || chdir("/") < 0)
		return err_sys(err, -errno, "cannot enter an empty root");
	int r = out_listener ? listen_here(out_listener, err) : 0;
	if (r == 0 && mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | flags, NULL) < 0)
		r = err_sys(err, -errno, "cannot keep an empty root as it is");
	return r;
}

/* --- capabilities ----------------------------------------------------------------------------- */

static int drop_capabilities(bool net_admin)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* Those the kernel does not know refuse; CAP_SETPCAP goes with the rest below. */
	for (unsigned cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (net_admin)
		data[0].effective = data[0].permitted = 1U << CAP_NET_ADMIN |
							1U << CAP_NET_BIND_SERVICE;
	return sys_capset(&head, data);
}

/* --- system calls ----------------------------------------------------------------------------- */

static const uint32_t always[] = {
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
	SYS_read,
	SYS_pread64,
	SYS_write,
	SYS_writev,
	SYS_ppoll,
	SYS_epoll_pwait,
	SYS_splice,
	SYS_recvfrom,
	SYS_sendto,
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_accept4,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_close,
	SYS_shutdown,
	SYS_epoll_ctl,
	SYS_pipe2,
	SYS_fcntl,
	SYS_dup3,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_getsockname,
	SYS_getpeername,
	SYS_clock_gettime,
	SYS_timerfd_settime,
	SYS_getrandom,
	SYS_futex,
	SYS_sched_yield,
	SYS_getrusage,
	SYS_brk,
	SYS_fstat,
	SYS_newfstatat, /* what fstat(3) is; there are no files that a path could name */
	SYS_madvise,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
#if SANITIZED
	/* In a build for tests: its memory lies where it wants, and it says what it found. */
	SYS_mmap,
	SYS_munmap,
	SYS_getpid,
	SYS_gettid,
	SYS_tgkill,
	SYS_sigaltstack,
	SYS_rt_sigaction,
#endif
};

static const uint32_t families[] = { AF_INET, AF_INET6, AF_NETLINK };
static const uint32_t self[] = { 0 }; /* the calling thread alone is placed */
static const uint32_t ioctls[] = { FIONREAD, FIONBIO, SIOCOUTQ, SIOCGIFINDEX, TUNGETIFF };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short size;
};

static void emit(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	bug_unless(p->size < PROGRAM_MAX);
	p->code[p->size++] = (struct sock_filter){ code, yes, no, k };
}

static void emit_return(struct program *p, uint32_t what)
{
	emit(p, BPF_RET | BPF_K, what, 0, 0);
}

static void emit_load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static size_t low_half(unsigned arg)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at : at + 4;
}

static size_t high_half(unsigned arg)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at + 4 : at;
}

/* Refuses unless the word equals; goes on otherwise. */
static void require(struct program *p, size_t offset, uint32_t value)
{
	emit_load(p, offset);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
}

/* Opens the block of one system call: it is jumped over when the number is another. */
static unsigned short begin(struct program *p, uint32_t number)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0);
	return p->size;
}

static void end(struct program *p, unsigned short start, uint32_t what)
{
	emit_return(p, what);
	p->code[start - 1].jf = (uint8_t)(p->size - start);
}

static void allow_one_of(struct program *p, uint32_t number, unsigned arg, const uint32_t *values,
			 size_t count)
{
	unsigned short start = begin(p, number);

	emit_load(p, low_half(arg));
	for (size_t i = 0; i < count; i++) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, values[i], 0, 1);
		emit_return(p, SECCOMP_RET_ALLOW);
	}
	end(p, start, SECCOMP_RET_ERRNO | EPERM);
}

/* The pointer is compared, not the text: it lies in memory that nobody can write or replace. */
static void allow_open(struct program *p, int dir, const char *name)
{
	uint64_t address = (uint64_t)(uintptr_t)name;
	unsigned short start = begin(p, SYS_openat);

	require(p, low_half(0), (uint32_t)dir);
	require(p, low_half(1), (uint32_t)address);
	require(p, high_half(1), (uint32_t)(address >> 32));
	require(p, low_half(2), O_RDONLY | O_CLOEXEC);
	end(p, start, SECCOMP_RET_ALLOW);
}

/* New memory only, where the kernel likes, never executable. */
static void allow_mmap(struct program *p)
{
	unsigned short start = begin(p, SYS_mmap);

	require(p, low_half(0), 0);
	require(p, high_half(0), 0);
	emit_load(p, low_half(2));
	emit(p, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_load(p, low_half(3));
	emit(p, BPF_JMP | BPF_JSET | BPF_K, MAP_FIXED, 0, 1);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	end(p, start, SECCOMP_RET_ALLOW);
}

static void build(struct program *p, int dir, const char *name)
{
	emit_load(p, offsetof(struct seccomp_data, arch));
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	emit_return(p, SECCOMP_RET_KILL_PROCESS);
	emit_load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	emit(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	emit_return(p, SECCOMP_RET_KILL_PROCESS);
#endif
	for (size_t i = 0; i < array_len(always); i++) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, always[i], 0, 1);
		emit_return(p, SECCOMP_RET_ALLOW);
	}
	allow_one_of(p, SYS_socket, 0, families, array_len(families));
	allow_one_of(p, SYS_ioctl, 1, ioctls, array_len(ioctls));
	allow_one_of(p, SYS_sched_getaffinity, 0, self, array_len(self));
	allow_one_of(p, SYS_sched_setaffinity, 0, self, array_len(self));
	allow_open(p, dir, name);
	allow_mmap(p);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
}

/* What the filter refuses anyway, and memory with the container's traffic in it. */
static int lower_limits(void)
{
	static const struct rlimit none;

	if (setrlimit(RLIMIT_NPROC, &none) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	return 0;
}

int sandbox_seal(bool net_admin, int dir, const char *name, struct err *err)
{
	struct program p = { 0 };
	int r = drop_capabilities(net_admin);

	if (r < 0)
		return err_sys(err, r, "cannot drop capabilities");
	r = lower_limits();
	if (r < 0)
		return err_sys(err, r, "cannot lower limits");
	build(&p, dir, name);
	const struct sock_fprog filter = { p.size, p.code };
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
		return err_sys(err, -errno, "cannot restrict system calls");
	return 0;
}
