/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - the system call filter that belongs to a spec
 *
 * The cache lies in the user's cache folder. A file's name is a short hash of its key, the key (profile,
 * capabilities, versions) stands in the file before the filter and must be equal, so two keys that share
 * a name only replace each other.
 */
#include "run/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "config.h"
#include "kern/caps.h"

/* Made by the build: the usual filters and their table. */
#include "seccomp-filters.inc"

enum { PROFILE_MAX = 1 << 20, FILTER_MAX = 1 << 16, MESSAGE_MAX = 1 << 12, FILE_MODE = 0600 };
enum { DIR_MODE = 0700 };
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

struct key {
	char *text;
	size_t size;
};

static void auto_key(struct key *key)
{
	free(key->text);
}

static uint64_t bounding_set(const struct runtime_spec *spec)
{
	uint64_t set = 0;

	for (size_t i = 0; i < spec->caps.bounding.count; i++) {
		int number = caps_parse(spec->caps.bounding.items[i]);
		if (number >= 0)
			set |= CAP_BIT(number);
	}
	return set;
}

static bool find_usual(uint64_t caps, bool emulate, struct filter *out)
{
	for (size_t i = 0; i < array_len(usual_filters); i++) {
		const struct usual_filter *f = &usual_filters[i];
		if (f->caps != (caps & ASKED_CAPS) || f->emulate != emulate)
			continue;
		*out = (struct filter){ .code = f->code, .size = f->size };
		return true;
	}
	return false;
}

static struct key make_key(const char *profile, uint64_t caps, bool emulate)
{
	struct key key;

	key.text = str_fmt("%s %s %llx %d\n%s", PACKAGE_VERSION, SECCOMP_VERSION,
			   (unsigned long long)caps, emulate, str_or(profile, "default"));
	key.size = strlen(key.text) + 1;
	return key;
}

static char *cache_path(const struct host *host, const struct key *key)
{
	const char *dir = host_env(host, "XDG_CACHE_HOME");
	uint64_t hash = FNV_START;

	for (size_t i = 0; i < key->size; i++)
		hash = (hash ^ (unsigned char)key->text[i]) * FNV_PRIME;
	if (dir && dir[0] == '/')
		return str_fmt("%s/cubby/seccomp/%016llx", dir, (unsigned long long)hash);
	return str_fmt("%s/.cache/cubby/seccomp/%016llx", host->home, (unsigned long long)hash);
}

static bool read_cache(const char *path, const struct key *key, struct filter *out)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	if (file_read(AT_FDCWD, path, PROFILE_MAX + FILTER_MAX, &text, &size) < 0)
		return false;
	if (size <= key->size || memcmp(text, key->text, key->size) != 0)
		return false;
	out->size = size - key->size;
	out->code = out->owned = mem_copy(text + key->size, out->size);
	return true;
}

/* A cache that cannot be written costs the next start some milliseconds, nothing else. */
static void write_cache(const char *path, const struct key *key, const struct filter *filter)
{
	AUTO(mem) char *dir = str_ndup(path, (size_t)(strrchr(path, '/') - path));
	AUTO(mem) char *bytes = mem_alloc(key->size + filter->size, 1);

	memcpy(bytes, key->text, key->size);
	memcpy(bytes + key->size, filter->code, filter->size);
	if (file_tree_make(dir, DIR_MODE) == 0)
		(void)!file_replace(AT_FDCWD, path, FILE_MODE, bytes, key->size + filter->size,
				    false);
}

static int memory_file(const char *text)
{
	return fd_memory("cubby-seccomp", text, text ? strlen(text) : 0);
}

static int read_back(int fd, size_t max, char **out, size_t *out_size)
{
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd_read_all(fd, max, out, out_size);
}

static int run_helper(const struct host *host, char *const *argv, const char *profile,
		      const int io[2], struct err *err)
{
	AUTO(mem) char *program = host_helper(host, "cubby-seccomp");
	AUTO(fd) int in = memory_file(profile);
	AUTO(fd) int pidfd = -1;

	if (in < 0)
		return err_sys(err, in, "cannot hand the profile over");
	const struct spawn_fd fds[] = { { in, 0 }, { io[0], 1 }, { io[1], 2 } };
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	pid_t pid = spawn_start(&spawn, &pidfd, err);
	return pid < 0 ? (int)pid : proc_wait(pidfd);
}

static int compile(const struct host *host, const char *profile, uint64_t caps, bool emulate,
		   struct filter *out, struct err *err)
{
	AUTO(mem) char *hex = str_fmt("%llx", (unsigned long long)caps);
	AUTO(mem) char *message = NULL;
	AUTO(mem) char *code = NULL;
	AUTO(fd) int result = memory_file(NULL);
	AUTO(fd) int said = memory_file(NULL);
	char name[] = "cubby-seccomp", word_default[] = "default", word_emulate[] = "emulate";
	char *argv[5] = { name, hex };
	int argc = 2;

	if (!profile)
		argv[argc++] = word_default;
	if (emulate)
		argv[argc++] = word_emulate;
	if (result < 0 || said < 0)
		return err_sys(err, min_of(result, said), "cannot make a memory file");
	const int io[2] = { result, said };
	int r = run_helper(host, argv, profile, io, err);
	if (r < 0)
		return r;
	if (r > 0) {
		bool spoke = read_back(said, MESSAGE_MAX, &message, NULL) == 0 && *message;
		return err_set(err, -EINVAL, "%s",
			       spoke ? str_trim(message) : "cubby-seccomp failed");
	}
	r = read_back(result, FILTER_MAX, &code, &out->size);
	if (r < 0)
		return err_sys(err, r, "cannot read the filter");
	out->code = out->owned = take_ptr(code);
	return 0;
}

static int find_or_compile(const struct host *host, const char *profile, uint64_t caps,
			   bool emulate, struct filter *out, struct err *err)
{
	AUTO(key) struct key key = make_key(profile, caps, emulate);
	AUTO(mem) char *path = cache_path(host, &key);

	if (read_cache(path, &key, out))
		return 0;
	int r = compile(host, profile, caps, emulate, out, err);
	if (r == 0)
		write_cache(path, &key, out);
	return r;
}

int filter_find(const struct host *host, const struct runtime_spec *spec, struct filter *out,
		struct err *err)
{
	AUTO(mem) char *profile = NULL;
	uint64_t caps = bounding_set(spec);

	*out = (struct filter){ 0 };
	if (str_eq(spec->seccomp, "unconfined")) {
		if (spec->emulate_root)
			*out = (struct filter){ .code = unconfined_one,
						.size = sizeof unconfined_one };
		return 0;
	}
	if (str_empty(spec->seccomp) || str_eq(spec->seccomp, "default"))
		return find_usual(caps, spec->emulate_root, out)
			       ? 0
			       : find_or_compile(host, NULL, caps, spec->emulate_root, out, err);
	int r = file_read(AT_FDCWD, spec->seccomp, PROFILE_MAX, &profile, NULL);
	if (r < 0)
		return err_sys(err, r, "cannot read the seccomp profile '%s'", spec->seccomp);
	r = find_or_compile(host, profile, caps, spec->emulate_root, out, err);
	return r < 0 ? err_wrap(err, "cannot use the seccomp profile '%s'", spec->seccomp) : 0;
}

void filter_clear(struct filter *filter)
{
	free(filter->owned);
	*filter = (struct filter){ 0 };
}
