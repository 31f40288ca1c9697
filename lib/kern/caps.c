/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps - sets of capabilities: names, and giving them to the calling process
 */
#include "kern/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <strings.h>
#include <sys/prctl.h>

#include "kern/sys.h"

/* By number; capabilities(7). */
static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

enum { PREFIX = 4, NUMBERS = 64 };

int caps_parse(const char *name)
{
	for (size_t i = 0; i < array_len(names); i++)
		if (!strcasecmp(name, names[i]) || !strcasecmp(name, names[i] + PREFIX))
			return (int)i;
	return -EINVAL;
}

const char *caps_name(int number)
{
	return number >= 0 && (size_t)number < array_len(names) ? names[number] : NULL;
}

uint64_t caps_all(void)
{
	return CAP_BIT(array_len(names)) - 1;
}

void caps_list(uint64_t set, struct strv *out)
{
	for (size_t i = 0; i < array_len(names); i++)
		if (set & CAP_BIT(i))
			strv_add(out, names[i]);
}

int caps_current(uint64_t *out)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	int r = sys_capget(&head, data);

	if (r < 0)
		return r;
	*out = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

int caps_bound(uint64_t keep)
{
	for (int i = 0; i < NUMBERS; i++) {
		if (keep & CAP_BIT(i))
			continue;
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* beyond the last one that the kernel knows */
			return 0;
		return -errno;
	}
	return 0;
}

int caps_set(const struct cap_sets *sets)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.permitted = (uint32_t)(sets->permitted >> 32 * i),
			.effective = (uint32_t)(sets->effective >> 32 * i),
			.inheritable = (uint32_t)(sets->inheritable >> 32 * i),
		};
	return sys_capset(&head, data);
}

int caps_raise(uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	for (int i = 0; i < NUMBERS; i++)
		if ((ambient & CAP_BIT(i)) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return -errno;
	return 0;
}
