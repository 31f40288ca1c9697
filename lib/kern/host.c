/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - the facts about this machine and this caller, measured once and passed
 *
 * /etc/passwd is read as a file first: asking the name service loads its modules, which takes longer
 * than starting a container. It is asked only for users that the file does not have.
 */
#include "kern/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "kern/sys.h"

enum { PASSWD_BYTES = 16 << 20, SMALL_BYTES = 4096 };

extern char **environ;

/* Home and name of a user from a line of /etc/passwd: name:x:uid:gid:gecos:home:shell */
static bool passwd_line(const char *line, uid_t uid, char **out_name, char **out_home)
{
	AUTO(strv) struct strv parts = { 0 };
	uint64_t number;

	strv_split(&parts, line, ':');
	if (parts.count < 6 || str_u64(parts.items[2], UINT32_MAX, &number) < 0 || number != uid)
		return false;
	*out_name = str_dup(parts.items[0]);
	*out_home = str_dup(parts.items[5]);
	return true;
}

static bool passwd_file(uid_t uid, char **out_name, char **out_home)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv lines = { 0 };

	if (file_read(AT_FDCWD, "/etc/passwd", PASSWD_BYTES, &text, NULL) < 0)
		return false;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++)
		if (passwd_line(lines.items[i], uid, out_name, out_home))
			return true;
	return false;
}

static bool passwd_service(uid_t uid, char **out_name, char **out_home)
{
	enum { ROOM = 64 << 10 };
	AUTO(mem) char *room = mem_alloc(ROOM, 1);
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, room, ROOM, &found) != 0 || !found)
		return false;
	*out_name = str_dup(entry.pw_name);
	*out_home = str_dup(entry.pw_dir);
	return true;
}

static void measure_user(struct host *host)
{
	char *home = NULL;
	const char *given = strv_env_get(&host->env, "HOME");

	if (!passwd_file(host->uid, &host->user, &home) &&
	    !passwd_service(host->uid, &host->user, &home))
		host->user = str_fmt("%u", (unsigned int)host->uid);
	if (given && given[0] == '/')
		str_set(&home, given);
	else if (str_empty(home))
		str_set(&home, "/");
	host->home = home;
}

static char *read_line(const char *path)
{
	AUTO(mem) char *text = NULL;

	if (file_read(AT_FDCWD, path, SMALL_BYTES, &text, NULL) < 0)
		return NULL;
	return str_dup(str_trim(text));
}

/* Becomes a file name in the store. */
static char *host_identity(const char *hostname)
{
	AUTO(mem) char *machine = read_line("/etc/machine-id");
	char *id = str_fmt("%s-%s", str_empty(machine) ? "unknown" : machine, hostname);

	for (char *c = id; *c; c++)
		if (*c == '/' || *c == '.' || (unsigned char)*c <= ' ')
			*c = '_';
	return id;
}

static int measure_machine(struct host *host, struct err *err)
{
	struct utsname uts;

	if (uname(&uts) < 0)
		return err_sys(err, -errno, "cannot ask for the kernel's name");
	host->kernel = str_dup(uts.release);
	host->machine = str_dup(uts.machine);
	host->hostname = str_dup(uts.nodename);
	if (sscanf(uts.release, "%d.%d", &host->kernel_major, &host->kernel_minor) != 2)
		host->kernel_major = host->kernel_minor = 0;
	host->host_id = host_identity(uts.nodename);
	host->boot_id = read_line("/proc/sys/kernel/random/boot_id");
	if (!host->boot_id)
		return err_set(err, -ENOENT, "cannot read /proc/sys/kernel/random/boot_id");
	return 0;
}

static bool has_sys_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (sys_capget(&head, data) < 0)
		return false;
	return data[0].effective & (1U << CAP_SYS_ADMIN);
}

static bool in_initial_userns(void)
{
	AUTO(mem) char *map = read_line("/proc/self/uid_map");
	unsigned int inside = 1, outside = 1, count = 0;

	if (!map || sscanf(map, "%u %u %u", &inside, &outside, &count) != 3)
		return false;
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

static char *self_path(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);

	return n > 0 && n < (ssize_t)sizeof path ? str_ndup(path, (size_t)n) : str_dup("");
}

/* The first folder that has our helpers; what is looked for costs one access(2) each. */
static char *find_libexec(const struct host *host)
{
	const char *given = host_env(host, "CUBBY_LIBEXEC");

	if (!str_empty(given))
		return str_dup(given);
	const char *slash = strrchr(host->self, '/');
	if (!slash)
		return str_dup(LIBEXEC_DIR);
	int dir = (int)(slash - host->self);
	AUTO(mem) char *beside = str_fmt("%.*s/cubby-layer", dir, host->self);
	if (access(beside, X_OK) == 0)
		return str_ndup(host->self, (size_t)dir);
	AUTO(mem) char *below = str_fmt("%.*s/../libexec/cubby", dir, host->self);
	if (access(below, X_OK) == 0)
		return take_ptr(below);
	return str_dup(LIBEXEC_DIR);
}

int host_measure(struct host *out, struct err *err)
{
	AUTO(host) struct host host = { .uid = geteuid(), .gid = getegid() };

	for (char **e = environ; e && *e; e++)
		strv_add(&host.env, *e);
	measure_user(&host);
	int r = measure_machine(&host, err);
	if (r < 0)
		return r;
	host.root = host.uid == 0 && has_sys_admin();
	host.initial_userns = in_initial_userns();
	host.self = self_path();
	host.libexec = find_libexec(&host);
	*out = host;
	host = (struct host){ 0 };
	return 0;
}

void host_clear(struct host *host)
{
	char *owned[] = { host->user,	 host->home,	host->kernel, host->machine, host->hostname,
			  host->boot_id, host->host_id, host->self,   host->libexec };

	for (size_t i = 0; i < array_len(owned); i++)
		free(owned[i]);
	strv_clear(&host->env);
	*host = (struct host){ 0 };
}

const char *host_env(const struct host *host, const char *name)
{
	return strv_env_get(&host->env, name);
}

char *host_tool(const struct host *host, const char *name)
{
	AUTO(strv) struct strv dirs = { 0 };

	strv_split(&dirs, str_or(host_env(host, "PATH"), ""), ':');
	strv_split(&dirs, "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", ':');
	for (size_t i = 0; i < dirs.count; i++) {
		if (dirs.items[i][0] != '/')
			continue; /* never from the folder we happen to be in */
		char *path = str_fmt("%s/%s", dirs.items[i], name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

char *host_helper(const struct host *host, const char *name)
{
	return str_fmt("%s/%s", host->libexec, name);
}
