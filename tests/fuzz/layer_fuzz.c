/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_fuzz - any bytes as a layer on disk, over a lower one; nothing outside may change
 *
 * The first byte chooses: a tar that is applied and fixed up, or a journal that is worked off on a
 * layer that is there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "layer/apply.h"
#include "layer/client.h"
#include "layer/fixup.h"
#include "layer/journal.h"
#include "tarsum.h"

enum { MAX_PLAIN = 4 << 20, FLAGS = LAYER_ONE_ID, PATH_LIMIT = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Below a folder of our own: canary, diff/, lower/; only diff may change. */
struct place {
	char path[PATH_LIMIT];
	int base;
	int diff;
};

static void must(bool done)
{
	bug_unless(done);
}

/* Root of a user namespace with one id, as the unpacker of a user without sub-ids is. */
static void become_root(void)
{
	AUTO(mem) char *uids = str_fmt("0 %u 1", (unsigned int)getuid());
	AUTO(mem) char *gids = str_fmt("0 %u 1", (unsigned int)getgid());

	if (unshare(CLONE_NEWUSER) < 0)
		return;
	must(file_write(AT_FDCWD, "/proc/self/setgroups", 0, "deny", 4) == 0);
	must(file_write(AT_FDCWD, "/proc/self/uid_map", 0, uids, strlen(uids)) == 0);
	must(file_write(AT_FDCWD, "/proc/self/gid_map", 0, gids, strlen(gids)) == 0);
}

int LLVMFuzzerInitialize(unused_arg int *argc, unused_arg char ***argv)
{
	become_root();
	return 0;
}

static void make_lower(const struct place *p)
{
	must(mkdirat(p->base, "lower", 0755) == 0 && mkdirat(p->base, "lower/real", 0750) == 0);
	must(mkdirat(p->base, "lower/secret", 0700) == 0);
	must(file_write(p->base, "lower/file", 0644, "below", 5) == 0);
	must(symlinkat("real", p->base, "lower/alias") == 0);
	must(symlinkat("../../../../..", p->base, "lower/out") == 0);
}

static void make_place(struct place *p)
{
	const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	(void)snprintf(p->path, sizeof p->path, "%s/cubby-fuzz.XXXXXX", where);
	must(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(p->base >= 0 && file_write(p->base, "canary", 0644, "sings", 5) == 0);
	must(mkdirat(p->base, "diff", 0755) == 0);
	make_lower(p);
	p->diff = openat(p->base, "diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(p->diff >= 0);
}

static size_t count(int at, const char *name)
{
	size_t n = 0;
	DIR *dir = fdopendir(openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	must(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void check_place(const struct place *p)
{
	AUTO(mem) char *canary = NULL;
	AUTO(mem) char *below = NULL;

	must(file_read(p->base, "canary", 100, &canary, NULL) == 0 && str_eq(canary, "sings"));
	must(file_read(p->base, "lower/file", 100, &below, NULL) == 0 && str_eq(below, "below"));
	/* with "." and ".." */
	must(count(p->base, ".") == 5 && count(p->base, "lower") == 7);
	must(count(p->base, "lower/real") == 2 && count(p->base, "lower/secret") == 2);
}

static void drop_place(struct place *p)
{
	fd_close(p->diff);
	fd_close(p->base);
	must(file_tree_remove(AT_FDCWD, p->path) == 0);
}

static void fix_up(const struct place *p, int journal)
{
	AUTO(strv) struct strv lower = { 0 };
	AUTO(err) struct err err = { 0 };

	strv_add(&lower, "lower");
	const struct layer_fixup req = { .diff = p->diff,
					 .journal = journal,
					 .store = p->base,
					 .lower = lower,
					 .flags = FLAGS };
	int r = fixup_layer(&req, &err);
	must(r == 0 || err.text);
}

static void apply(const struct place *p, uint8_t *bytes, size_t size)
{
	AUTO(fd) int blob = memfd_create("blob", MFD_CLOEXEC);
	AUTO(fd) int journal = memfd_create("journal", MFD_CLOEXEC);
	AUTO(err) struct err err = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	const struct layer_apply req = { .blob = blob,
					 .more = -1,
					 .diff = p->diff,
					 .journal = journal,
					 .flags = FLAGS,
					 .max_bytes = MAX_PLAIN };

	tarsum_mend(bytes, size);
	must(fd_write_all(blob, (const char *)bytes, size) == 0);
	int r = apply_layer(&req, &applied, &err);
	must(r == 0 || err.text);
	if (r == 0 && applied.deferred)
		fix_up(p, journal);
}

/* Something for the journal's paths to meet. */
static void work_off(const struct place *p, const uint8_t *bytes, size_t size)
{
	AUTO(fd) int fd = memfd_create("journal", MFD_CLOEXEC);
	AUTO(journal) struct journal journal = { 0 };

	must(mkdirat(p->diff, "alias", 0755) == 0 && mkdirat(p->diff, "real", 0755) == 0);
	must(file_write(p->diff, "alias/x", 0644, "x", 1) == 0);
	must(symlinkat("../..", p->diff, "up") == 0);
	must(fd_write_all(fd, (const char *)bytes, size) == 0);
	if (journal_load(fd, &journal) == 0)
		fix_up(p, fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct place place;

	if (size < 1)
		return 0;
	AUTO(mem) uint8_t *bytes = mem_copy(data + 1, size - 1);
	make_place(&place);
	if (data[0] & 1)
		work_off(&place, bytes, size - 1);
	else
		apply(&place, bytes, size - 1);
	check_place(&place);
	drop_place(&place);
	return 0;
}
