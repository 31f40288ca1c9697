/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepscan - the commands of a scanner, each in a box upon its image
 *
 * A box sees the root of the built image and one context, neither of which it can change, and a folder of its own to
 * write to. Its network and its limits are those of RUN; but it has none of the mounts, devices, secrets, capabilities,
 * namespaces, maps of ids and filters of calls that RUN is given. What it has written is read when all its processes have ended, as root of the
 * user namespace, because its file may belong to any id; the file's name was chosen by us, all else of it by strangers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/box.h"
#include "build/copykey.h"
#include "build/report.h"
#include "build/work.h"
#include "engine/launch.h"
#include "engine/outer.h"
#include "engine/remove.h"
#include "engine/rootplan.h"
#include "engine/tidy.h"

#define ROOTFS "/.rootfs"
#define CONTEXT "/.context%zu"
#define SCANS "/.scans"

enum { WRITABLE_MODE = 0777, ROOT_MODE = 0755, RESULT_MODE = 0600 };

/* One run of a command. */
struct scan {
	struct work *work;
	const struct sbom_command *command;
	char *context;				/* where one is shown, or NULL: */
	const struct build_context *additional; /* or NULL: the build's */
	struct strv words;
	struct strv env;
	struct strv security;
	char *shown;	   /* the words, for sentences */
	char *name;	   /* of the file that it writes */
	struct temp *out;  /* the folder of that file */
	struct temps made; /* that one, and others that end with the box */
	int lock;	   /* of the box */
};

static void auto_scan(struct scan *s)
{
	strv_clear(&s->words);
	strv_clear(&s->env);
	strv_clear(&s->security);
	free(s->shown);
	free(s->name);
	free(s->context);
	fd_close(s->lock);
	if (s->made.count)
		(void)!tidy_temps(s->work->engine, &s->made, NULL); /* else the next sweep */
	temps_clear(&s->made);
	free(s->made.items);
}

/* ---- how often -------------------------------------------------------------------------------- */

static size_t context_count(const struct build_options *options)
{
	size_t count = options->folder != NULL;

	for (size_t i = 0; i < options->contexts.count; i++)
		count += options->contexts.items[i].folder != NULL;
	return count;
}

static size_t run_count(const struct build_options *options)
{
	size_t count = 0;

	for (size_t i = 0; i < options->sbom.commands.count; i++)
		count += options->sbom.commands.items[i].context ? context_count(options) : 1;
	return count;
}

int step_scanner(struct work *work, struct err *err)
{
	const struct sbom *sbom = &work->options->sbom;
	const size_t runs = run_count(work->options);

	if (!runs) {
		(void)err_set(
			err, -EINVAL,
			"there is nothing to scan: no command says {ROOTFS}, and the build has "
			"no context");
		return err_hint(err, "give a folder as the last argument");
	}
	const int r = work_tool(work, sbom->image, &work->scanner, err);
	return r < 0 ? r : (int)runs + (sbom->image_output || sbom->image_purl_output);
}

/* ---- the box ---------------------------------------------------------------------------------- */

/* Whatever the umask. */
static int make_folder(struct scan *s, mode_t mode, struct temp **out, struct err *err)
{
	struct temp *temp = NULL;
	const int r = temp_dir(s->work->engine->store, mode, &temp, err);

	if (r < 0)
		return r;
	*vec_push(&s->made) = temp;
	*out = temp;
	return chmod(temp->path, mode) < 0
		       ? err_sys(err, -errno, "cannot set the mode of '%s'", temp->path)
		       : 0;
}

static struct mount_config *add_mount(struct container_config *config, const char *type,
				      const char *source, const char *target, const char *option)
{
	struct mount_config *m = vec_push(&config->mounts);

	*m = (struct mount_config){ .type = str_dup(type),
				    .source = str_dup(source),
				    .target = str_dup(target) };
	strv_add(&m->options, option);
	return m;
}

/* An image of nothing is an empty folder. */
static int add_root(struct scan *s, struct container_config *config, struct err *err)
{
	struct engine *engine = s->work->engine;
	const struct strv *layers = &s->work->sofar.layers;

	if (!layers->count) {
		struct temp *empty = NULL;
		const int r = make_folder(s, ROOT_MODE, &empty, err);
		if (r == 0)
			(void)add_mount(config, "bind", empty->path, ROOTFS, "ro");
		return r;
	}
	struct mount_config *mount = add_mount(config, "image", "build", ROOTFS, "ro");
	mount->name = str_dup("build");
	strv_extend(&mount->layers, layers);
	rootplan_stores(engine, &mount->layers, &mount->stores);
	return 0;
}

/* What is left out of the context is no part of it here, too. */
static int add_context(struct scan *s, struct container_config *config, struct err *err)
{
	const struct runmount mount = { .type = RUNMOUNT_BIND,
					.from = s->additional ? s->additional->name : NULL,
					.read_only = true };
	struct temp *copy = NULL;
	AUTO(mem) char *path = NULL;
	const int r = copykey_folder(s->work, &mount, &copy, &path, err);

	if (copy)
		*vec_push(&s->made) = copy;
	if (r == 0)
		(void)add_mount(config, "bind", path, s->context, "ro");
	return r;
}

static int adjust(void *data, struct container_config *config, unused_arg char **out_secrets,
		  struct err *err)
{
	struct scan *s = data;
	int r = add_root(s, config, err);

	if (r == 0 && s->context)
		r = add_context(s, config, err);
	if (r == 0)
		(void)add_mount(config, "bind", s->out->path, SCANS, "rw");
	return r;
}

/* What takes rights away holds, too. */
static void find_security(const struct strv *given, struct strv *out)
{
	for (size_t i = 0; i < given->count; i++)
		if (str_starts(given->items[i], "no-new-privileges") ||
		    str_starts(given->items[i], "mask"))
			strv_add(out, given->items[i]);
}

static struct create_args args_of(const struct scan *s)
{
	static const struct strv none = { 0 };
	struct create_args args = s->work->options->run;

	args.command = s->words;
	args.env = s->env;
	args.entrypoint = "";
	args.image_volume = "ignore";
	args.log_driver = "none";
	args.volumes = args.mounts = args.devices = args.groups = args.cap_add = none;
	args.security_opts = s->security;
	args.pid = args.ipc = args.uts = args.cgroupns = NULL;
	args.userns = NULL; /* the image's files show their owners */
	args.uid_maps = args.gid_maps = none;
	return args;
}

static int start(struct scan *s, const struct container_config *config, struct err *err)
{
	struct work *work = s->work;
	const struct launch_options options = { .attach = { .out = true, .errout = true },
						.sandbox = &work->sandbox };
	struct launch_result result;
	const int r = launch(work->engine, config, &options, &result, err);

	work->status = result.status;
	if (r < 0)
		return err_wrap(err, "cannot start the scanner '%s' of '%s'", s->shown,
				work->options->sbom.image);
	return result.status == 0
		       ? 0
		       : err_set(err, -ECHILD, "the scanner '%s' of '%s' ended with status %d",
				 s->shown, work->options->sbom.image, result.status);
}

static int run(struct scan *s, struct err *err)
{
	struct engine *engine = s->work->engine;
	AUTO(container_config) struct container_config *config = NULL;
	const struct create_step step = { .adjust = adjust, .data = s };
	const struct create_args args = args_of(s);

	/* Whoever the image's user is; the way to it is open to nobody else. */
	int r = make_folder(s, WRITABLE_MODE, &s->out, err);
	if (r == 0)
		r = box_make(engine, &s->work->scanner, &args, &step, &config, &s->lock, err);
	if (r < 0)
		return r;
	report_send(s->work->sock, &(struct report){ .kind = REPORT_BOX, .text = config->id });
	r = start(s, config, err);
	container_drop(engine, config->id);
	return r;
}

/* ---- what it wrote ---------------------------------------------------------------------------- */

struct taking {
	const struct scan *scan;
	int to; /* a file in memory */
};

static int wrong(const struct scan *s, int code, const char *what, struct err *err)
{
	return err_set(err, code, "the scanner '%s' was to write '" SCANS "/%s', %s", s->shown,
		       s->name, what);
}

static int check(const struct scan *s, const struct stat *st, struct err *err)
{
	if (S_ISLNK(st->st_mode))
		return wrong(s, -EBADMSG, "which is a link", err);
	if (!S_ISREG(st->st_mode))
		return wrong(s, -EBADMSG, "which is no file", err);
	if (st->st_size <= SBOM_MAX_BYTES)
		return 0;
	AUTO(mem) char *text = str_fmt("which has more than %d MiB", SBOM_MAX_BYTES >> 20);
	return wrong(s, -EFBIG, text, err);
}

/* Nobody else is there any more who could swap it. */
static int take_child(void *data, struct err *err)
{
	const struct taking *t = data;
	const struct scan *s = t->scan;
	AUTO(mem) char *bytes = NULL;
	AUTO(fd) int dir = open(s->out->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	size_t size;

	if (dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", s->out->path);
	if (fstatat(dir, s->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? wrong(s, -ENOENT, "and has not", err)
				       : err_sys(err, -errno, "cannot look at '%s'", s->name);
	int r = check(s, &st, err);
	if (r < 0)
		return r;
	AUTO(fd) int fd = openat(dir, s->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	r = fd < 0 ? -errno : fd_read_all(fd, SBOM_MAX_BYTES, &bytes, &size);
	if (r == 0)
		r = fd_write_all(t->to, bytes, size);
	return r < 0 ? err_sys(err, r, "cannot read what the scanner '%s' wrote", s->shown) : 0;
}

static int take(const struct scan *s, struct sbom_parts *parts, struct err *err)
{
	AUTO(fd) int memory = memfd_create("scan", MFD_CLOEXEC);
	struct taking taking = { s, memory };
	char *bytes = NULL;
	size_t size;

	if (memory < 0)
		return err_sys(err, -errno, "cannot make a file in memory");
	int r = outer_run(s->work->engine, 0, take_child, &taking, err);
	if (r < 0)
		return r;
	r = lseek(memory, 0, SEEK_SET) < 0 ? -errno
					   : fd_read_all(memory, SBOM_MAX_BYTES, &bytes, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read what the scanner '%s' wrote", s->shown);
	*vec_push(parts) =
		(struct sbom_part){ .command = str_dup(s->shown), .bytes = bytes, .size = size };
	return 0;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static int scan_one(struct scan *s, struct sbom_parts *parts, struct err *err)
{
	struct work *work = s->work;
	s->name = str_fmt("scan%zu.json", parts->count);
	AUTO(mem) char *output = str_fmt(SCANS "/%s", s->name);
	const struct sbom_places places = {
		.rootfs = ROOTFS,
		.context = s->context,
		.output = output,
	};

	sbom_command_words(s->command, &work->scanner.config->config.shell, &places, &s->words);
	s->shown = str_dup(s->command->text);
	strv_extend(&s->env, &work->options->run.env);
	find_security(&work->options->run.security_opts, &s->security);
	if (work->options->dated) /* for those that date what they write */
		strv_addf(&s->env, "SOURCE_DATE_EPOCH=%lld", (long long)work->options->time);
	AUTO(mem) char *words = str_join(&s->words, " ");
	AUTO(mem)
	char *of = s->additional ? str_fmt(" (context %s)", s->additional->name) : str_dup("");
	AUTO(mem) char *text = str_fmt("SCAN %s%s", words, of);
	work_tell_step(work, text);
	int r = run(s, err);
	if (r == 0)
		r = take(s, parts, err);
	if (r == 0)
		report_send(work->sock, &(struct report){ .kind = REPORT_DONE,
							  .number = work->number,
							  .of = work->of });
	return r;
}

/* @number: of the context, from 0; or -1 */
static int scan_context(struct work *work, const struct sbom_command *command, ssize_t number,
			const struct build_context *additional, struct sbom_parts *parts,
			struct err *err)
{
	AUTO(scan)
	struct scan scan = {
		.work = work,
		.command = command,
		.context = number < 0 ? NULL : str_fmt(CONTEXT, (size_t)number),
		.additional = additional,
		.lock = -1,
	};

	return scan_one(&scan, parts, err);
}

/* The build's context first. */
static int scan_command(struct work *work, const struct sbom_command *command,
			struct sbom_parts *parts, struct err *err)
{
	const struct build_contexts *contexts = &work->options->contexts;
	ssize_t number = 0;
	int r = 0;

	if (!command->context)
		return scan_context(work, command, -1, NULL, parts, err);
	if (work->options->folder)
		r = scan_context(work, command, number++, NULL, parts, err);
	for (size_t i = 0; r == 0 && i < contexts->count; i++)
		if (contexts->items[i].folder)
			r = scan_context(work, command, number++, &contexts->items[i], parts, err);
	return r;
}

/* Whoever has built it writes that where the user wants it. */
static int leave(const struct sbom *sbom, const struct sbom_merged *found, struct err *err)
{
	AUTO(fd) int dir = open(sbom->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno : 0;

	if (r == 0)
		r = file_write(dir, SBOM_FILE, RESULT_MODE, found->bytes, found->size);
	if (r == 0)
		r = file_write(dir, SBOM_PURL_FILE, RESULT_MODE, found->purls,
			       strlen(found->purls));
	return r < 0 ? err_sys(err, r, "cannot keep what was found in '%s'", sbom->folder) : 0;
}

int step_scan(struct work *work, struct err *err)
{
	const struct sbom *sbom = &work->options->sbom;
	AUTO(sbom_parts) struct sbom_parts parts = { 0 };
	AUTO(sbom_merged) struct sbom_merged found = { 0 };
	int r = 0;

	work->line = 0;
	for (size_t i = 0; r == 0 && i < sbom->commands.count; i++)
		r = scan_command(work, &sbom->commands.items[i], &parts, err);
	if (r == 0)
		r = sbom_merge(sbom->strategy, &parts, &found, err);
	if (r == 0)
		r = leave(sbom, &found, err);
	return r == 0 && (sbom->image_output || sbom->image_purl_output)
		       ? step_sbom(work, &found, err)
		       : r;
}
