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
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"

enum { FOLDERS_OPEN = 32 };

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
};

static void auto_git(struct git *git)
{
	free(git->program);
	strv_clear(&git->env);
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
	strv_add(out, "GIT_TERMINAL_PROMPT=0");
	strv_add(out, "GIT_ALLOW_PROTOCOL=git:http:https:ssh");
}

static int run_git(const struct git *git, const char *const *words, bool quiet, struct err *err)
{
	AUTO(strv) struct strv argv = { 0 };
	AUTO(fd) int pidfd = -1;
	const struct spawn_fd fds[] = { { quiet ? -1 : STDERR_FILENO, STDERR_FILENO } };

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
	return pid < 0 ? (int)pid : proc_wait(pidfd);
}

#define ORIGIN "config", "remote.origin.url"
#define SUBMODULES "submodule", "-q", "update", "--init", "--recursive"
#define GIT(git, quiet, err, ...)                                                                  \
	run_git(git, (const char *const[]){ __VA_ARGS__, NULL }, quiet, err)

static int done(const struct git *git, int status, struct err *err)
{
	if (status <= 0)
		return status;
	return err_set(err, -EIO, "cannot fetch '%s'%s%s: git ended with status %d",
		       git->source->shown, git->source->ref ? " at " : "",
		       str_or(git->source->ref, ""), status);
}

/* Neither a server without that skill nor one that hides commits gives less than all. */
static int fetch(const struct git *git, struct err *err)
{
	const struct gitsource *s = git->source;
	const char *ref = str_or(s->ref, "HEAD");

	int r = GIT(git, true, err, "fetch", "-q", "--depth", "1", "--no-tags", "--", s->address,
		    ref);
	if (r > 0 && s->ref)
		r = GIT(git, false, err, "fetch", "-q", "--", s->address, "+refs/*:refs/all/*");
	else if (r > 0)
		r = GIT(git, false, err, "fetch", "-q", "--no-tags", "--", s->address, ref);
	else
		return r < 0 ? r : GIT(git, false, err, "checkout", "-q", "--detach", "FETCH_HEAD");
	if (r == 0 && !s->ref)
		return GIT(git, false, err, "checkout", "-q", "--detach", "FETCH_HEAD");
	AUTO(mem) char *branch = str_fmt("refs/all/heads/%s", ref);
	AUTO(mem) char *tag = str_fmt("refs/all/tags/%s", ref);
	if (r == 0)
		r = GIT(git, true, err, "checkout", "-q", "--detach", branch);
	if (r > 0)
		r = GIT(git, true, err, "checkout", "-q", "--detach", tag);
	return r > 0 ? GIT(git, false, err, "checkout", "-q", "--detach", ref) : r;
}

/* Their addresses may be relative to that of the repository. */
static int fetch_submodules(const struct git *git, struct err *err)
{
	int r = GIT(git, false, err, ORIGIN, git->source->address);

	if (r == 0)
		r = GIT(git, true, err, SUBMODULES, "--depth", "1");
	return r > 0 ? GIT(git, false, err, SUBMODULES) : r;
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
	struct git git = { .program = host_tool(host, "git"), .folder = folder, .source = source };

	if (!git.program) {
		(void)err_set(err, -ENOSYS, "'%s' needs the program git, which is not there",
			      source->shown);
		return err_hint(err, "install the package git");
	}
	make_env(host, &git.env);
	int r = GIT(&git, false, err, "init", "-q", "--template=");
	if (r == 0)
		r = fetch(&git, err);
	if (r == 0)
		r = fetch_submodules(&git, err);
	if (r == 0 && keep)
		r = GIT(&git, false, err, ORIGIN, source->shown);
	r = done(&git, r, err);
	return r < 0 || keep ? r : drop_repository(&git, err);
}
