/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine - facts that only reports need: processors, memory, control groups, the distribution
 */
#include "kern/machine.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

enum { FILE_MAX = 64 << 10, NUMBER_MAX = 64, FIRST_FREE_PORT = 1024 };

/* A file with one number; the default when it is not there. */
static int64_t read_number(const char *path, int64_t otherwise)
{
	AUTO(mem) char *text = NULL;
	int64_t n;

	if (file_read(AT_FDCWD, path, NUMBER_MAX, &text, NULL) < 0 ||
	    str_i64(str_trim(text), INT64_MIN, INT64_MAX, &n) < 0)
		return otherwise;
	return n;
}

static bool can_open(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd >= 0;
}

/* The value of NAME= in /etc/os-release, without quotes. */
static char *release_value(const char *text, const char *name)
{
	AUTO(strv) struct strv lines = { 0 };

	strv_split(&lines, text, '\n');
	const char *value = strv_env_get(&lines, name);
	if (!value)
		return NULL;
	size_t n = strlen(value);
	bool quoted = n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value;
	return quoted ? str_ndup(value + 1, n - 2) : str_dup(value);
}

static void measure_system(struct machine *out)
{
	AUTO(mem) char *text = NULL;

	if (file_read(AT_FDCWD, "/etc/os-release", FILE_MAX, &text, NULL) >= 0) {
		out->system = release_value(text, "PRETTY_NAME");
		out->distro = release_value(text, "ID");
		out->release = release_value(text, "VERSION_ID");
	}
	if (!out->system)
		out->system = str_dup("Linux");
}

static int cgroup_version(void)
{
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs) != 0)
		return 0;
	return fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : access("/sys/fs/cgroup/memory", F_OK) == 0;
}

void machine_measure(struct machine *out)
{
	struct sysinfo info = { 0 };
	cpu_set_t set;

	*out = (struct machine){ .cpus = 1 };
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		out->cpus = CPU_COUNT(&set);
	if (sysinfo(&info) == 0) {
		out->memory = (int64_t)info.totalram * info.mem_unit;
		out->free = (int64_t)info.freeram * info.mem_unit;
		out->swap = (int64_t)info.totalswap * info.mem_unit;
		out->uptime = info.uptime;
	}
	out->cgroup = cgroup_version();
	measure_system(out);
	out->lowest_port =
		(int)read_number("/proc/sys/net/ipv4/ip_unprivileged_port_start", FIRST_FREE_PORT);
	out->fuse = can_open("/dev/fuse");
	out->tun = can_open("/dev/net/tun");
}

void machine_clear(struct machine *machine)
{
	free(machine->system);
	free(machine->distro);
	free(machine->release);
	*machine = (struct machine){ 0 };
}
