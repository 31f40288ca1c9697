/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gitsource - a git repository as a build context or a source of ADD
 */
#include "build/gitsource.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "build/gitwords.h"

enum { FOLDERS_OPEN = 32, SAID_ROOM = 64 << 10 };

/* ---- addresses -------------------------------------------------------------------------------- */

static bool is_web(const char *address)
{
	return str_starts(address, "https://") || str_starts(address, "http://");
}

static bool is_address(const char *address)
{
	if (str_starts(address, "git://") || str_starts(address, "ssh://"))
		return true;
	if (str_starts(address, "git@"))
		return strchr(address, ':');
	return is_web(address) && str_ends(address, ".git");
}

static char *without_names(const char *address)
{
	const char *host = strstr(address, "://");
	const char *at = host ? strchr(host + 3, '@') : NULL;

	if (!at || strcspn(host + 3, "/") < (size_t)(at - host - 3))
		return str_dup(address);
	return str_fmt("%.*s%s", (int)(host + 3 - address), address, at + 1);
}

bool gitsource_parse(const char *text, struct gitsource *out)
{
	const char *hub = str_starts(text, "github.com/") ? "https://" : "";
	const char *fragment = strchr(text, '#');
	AUTO(mem) char *address = str_fmt("%s%.*s", hub, (int)strcspn(text, "#"), text);
	const char *colon = fragment ? strchr(fragment, ':') : NULL;
	AUTO(mem)
	char *ref = fragment ? str_ndup(fragment + 1, strcspn(fragment + 1, ":")) : str_dup("");

	/* A word that git could take for an option is none. */
	if ((!*hub && !is_address(address)) || *ref == '-')
		return false;
	out->shown = without_names(address);
	out->address = take_ptr(address);
	out->ref = *ref ? take_ptr(ref) : NULL;
	out->folder = colon && colon[1] ? str_dup(colon + 1) : NULL;
	return true;
}

void gitsource_clear(struct gitsource *source)
{
	free(source->address);
	free(source->shown);
	free(source->ref);
	free(source->folder);
	*source = (struct gitsource){ 0 };
}

/* ---- git -------------------------------------------------------------------------------------- */

struct git {
	char *program;
	const char *folder;
	const struct gitsource *source;
	struct strv env;
	int words;  /* gets the standard error of what runs */
	char *said; /* by the last that failed */
};

static void auto_git(struct git *git)
{
	free(git->program);
	strv_clear(&git->env);
	fd_close(git->words);
	free(git->said);
}

/* Who calls us from a hook of git has variables that name another repository. */
static void make_env(const struct host *host, struct strv *out)
{
	static const char *const kept[] = { "GIT_SSH", "GIT_SSL_", "GIT_PROXY" };

	for (size_t i = 0; i < host->env.count; i++) {
		const char *text = host->env.items[i];
		bool keep = !str_starts(text, "GIT_");
		for (size_t k = 0; !keep && k < array_len(kept); k++)
			keep = str_starts(text, kept[k]);
		if (keep)
			strv_add(out, text);
	}
	strv_env_set(out, "LC_ALL=C"); /* for gitwords.h */
	strv_add(out, "GIT_TERMINAL_PROMPT=0");
	strv_add(out, "GIT_ALLOW_PROTOCOL=git:http:https:ssh");
}

/*
 * No pipe: an ssh that stays for later connections would keep it open. It cannot grow, whatever a server makes git say.
 */
static int open_words(struct git *git, struct err *err)
{
	fd_close(take_fd(git->words));
	git->words = memfd_create("git", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (git->words >= 0 && ftruncate(git->words, SAID_ROOM) == 0 &&
	    fcntl(git->words, F_ADD_SEALS, F_SEAL_GROW) == 0)
		return 0;
	return err_sys(err, -errno, "cannot keep what git says");
}

static void read_words(struct git *git)
{
	char *text = mem_alloc(SAID_ROOM + 1, 1);

	if (pread(git->words, text, SAID_ROOM, 0) < 0)
		*text = 0;
	free(git->said);
	git->said = text;
}

static int run_git(struct git *git, const char *const *words, struct err *err)
{
	AUTO(strv) struct strv argv = { 0 };
	AUTO(fd) int pidfd = -1;
	int r = open_words(git, err);

	if (r < 0)
		return r;
	const struct spawn_fd fds[] = { { git->words, STDERR_FILENO } };
	strv_add(&argv, "git");
	strv_add(&argv, "-C");
	strv_add(&argv, git->folder);
	strv_add(&argv, "-c");
	strv_add(&argv, "core.hooksPath=/dev/null");
	strv_add(&argv, "-c");
	strv_add(&argv, "advice.detachedHead=false");
	for (; *words; words++)
		strv_add(&argv, *words);
	const struct spawn spawn = { .path = git->program,
				     .argv = argv.items,
				     .envp = git->env.items,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	const pid_t pid = spawn_start(&spawn, &pidfd, err);
	r = pid < 0 ? (int)pid : proc_wait(pidfd);
	if (r > 0)
		read_words(git);
	return r;
}

#define ORIGIN "config", "remote.origin.url"
#define SUBMODULES "submodule", "-q", "update", "--init", "--recursive"
#define GIT(git, err, ...) run_git(git, (const char *const[]){ __VA_ARGS__, NULL }, err)

static int failed(const struct git *git, int status, const char *what, struct err *err)
{
	const struct gitsource *s = git->source;
	AUTO(mem) char *text = gitwords_text(str_or(git->said, ""), status);
	const char *hint = gitwords_hint(str_or(git->said, ""));

	(void)err_set(err, -EIO, "cannot fetch %s'%s'%s%s: %s", what, s->shown,
		      s->ref ? " at " : "", str_or(s->ref, ""), text);
	if (gitwords_missing(str_or(git->said, "")))
		return err_hint(err, "git ls-remote %s shows what there is", s->shown);
	if (!hint)
		return -EIO;
	return err_hint(err, "%s%s", hint, str_ends(hint, " ") ? s->shown : "");
}

/* Neither a server without that skill nor one that hides commits gives less than all. */
static int fetch_any(struct git *git, struct err *err)
{
	const struct gitsource *s = git->source;
	const char *ref = str_or(s->ref, "HEAD");

	int r = GIT(git, err, "fetch", "-q", "--depth", "1", "--no-tags", "--", s->address, ref);
	if (r < 0 || (r > 0 && gitwords_final(git->said)))
		return r;
	if (r > 0 && s->ref)
		r = GIT(git, err, "fetch", "-q", "--", s->address, "+refs/*:refs/all/*");
	else if (r > 0)
		r = GIT(git, err, "fetch", "-q", "--no-tags", "--", s->address, ref);
	else
		return GIT(git, err, "checkout", "-q", "--detach", "FETCH_HEAD");
	if (r == 0 && !s->ref)
		return GIT(git, err, "checkout", "-q", "--detach", "FETCH_HEAD");
	AUTO(mem) char *branch = str_fmt("refs/all/heads/%s", ref);
	AUTO(mem) char *tag = str_fmt("refs/all/tags/%s", ref);
	if (r != 0)
		return r;
	r = GIT(git, err, "checkout", "-q", "--detach", branch);
	if (r > 0)
		r = GIT(git, err, "checkout", "-q", "--detach", tag);
	return r > 0 ? GIT(git, err, "checkout", "-q", "--detach", ref, "--") : r;
}

static int fetch(struct git *git, struct err *err)
{
	int r = GIT(git, err, "init", "-q", "--template=");

	if (r == 0)
		r = fetch_any(git, err);
	return r > 0 ? failed(git, r, "", err) : r;
}

/* Their addresses may be relative to that of the repository. */
static int fetch_submodules(struct git *git, struct err *err)
{
	int r = GIT(git, err, ORIGIN, git->source->address);

	if (r == 0)
		r = GIT(git, err, SUBMODULES, "--depth", "1");
	if (r > 0 && !gitwords_final(git->said))
		r = GIT(git, err, SUBMODULES);
	return r > 0 ? failed(git, r, "a submodule of ", err) : r;
}

static int drop_link(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	if (kind == FTW_F && str_eq(path + place->base, ".git") && unlink(path) < 0)
		return -errno;
	return 0;
}

/* Submodules have a file that tells where their repository is. */
static int drop_repository(const struct git *git, struct err *err)
{
	AUTO(mem) char *repository = str_fmt("%s/.git", git->folder);
	int r = file_tree_remove(AT_FDCWD, repository);

	if (r == 0)
		r = nftw(git->folder, drop_link, FOLDERS_OPEN, FTW_PHYS);
	return r < 0 ? err_sys(err, r, "cannot remove '%s'", repository) : 0;
}

int gitsource_fetch(const struct host *host, const struct gitsource *source, const char *folder,
		    bool keep, struct err *err)
{
	AUTO(git)
	struct git git = {
		.program = host_tool(host, "git"), .folder = folder, .source = source, .words = -1
	};

	if (!git.program) {
		(void)err_set(err, -ENOSYS, "'%s' needs the program git, which is not there",
			      source->shown);
		return err_hint(err, "install the package git");
	}
	make_env(host, &git.env);
	int r = fetch(&git, err);
	if (r == 0)
		r = fetch_submodules(&git, err);
	if (r == 0 && keep)
		r = GIT(&git, err, ORIGIN, source->shown);
	if (r > 0)
		r = failed(&git, r, "", err);
	return r < 0 || keep ? r : drop_repository(&git, err);
}
