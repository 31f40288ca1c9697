/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_sbom - the options of a build that have its image scanned, and the files that come of it
 */
#include "cmd/build_sbom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/newfile.h"
#include "engine/engine.h"

enum { FILE_MODE = 0644, FOLDER_MODE = 0700 };

#define A struct sbom_typed
const struct opt build_sbom_opts[] = {
	OPT_WORDS(
		0, "sbom", "PRESET", A, preset,
		"syft syft-cyclonedx syft-spdx trivy trivy-cyclonedx trivy-spdx false",
		"have a scanner list what is in the image, and in the context: syft[-cyclonedx], "
		"syft-spdx, trivy[-cyclonedx], trivy-spdx. Needs a place for the list; false is no scan"),
	OPT_TEXT(0, "sbom-scanner-image", "IMAGE", A, image, COMPLETE_IMAGES,
		 "scan with this image"),
	OPT_LIST(0, "sbom-scanner-command", "COMMAND", A, commands, COMPLETE_NONE,
		 "run this of it, which scans {ROOTFS}, or {CONTEXT} once for each build context, and "
		 "writes {OUTPUT}"),
	OPT_WORDS(0, "sbom-merge-strategy", "HOW", A, strategy,
		  "cat merge-cyclonedx-by-component-name-and-version "
		  "merge-spdx-by-package-name-and-versioninfo",
		  "make one list of several: cat, merge-cyclonedx-by-component-name-and-version, "
		  "merge-spdx-by-package-name-and-versioninfo"),
	OPT_TEXT(0, "sbom-output", "FILE", A, output, COMPLETE_FILE, "write the list to FILE"),
	OPT_TEXT(0, "sbom-purl-output", "FILE", A, purl_output, COMPLETE_FILE,
		 "write the package URLs that the list has to FILE, as JSON"),
	OPT_TEXT(0, "sbom-image-output", "PATH", A, image_output, COMPLETE_NONE,
		 "put the list into the image, in a layer on top"),
	OPT_TEXT(0, "sbom-image-purl-output", "PATH", A, image_purl_output, COMPLETE_NONE,
		 "put its package URLs into the image"),
	OPT_END,
};
#undef A

/* ---- beforehand ------------------------------------------------------------------------------- */

/* Before an hour of work is done for it. */
static int check_file(const char *name, const char *path, struct err *err)
{
	AUTO(mem) char *folder = NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct stat st;

	if (str_empty(path))
		return 0;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(err, -EISDIR, "--%s: '%s' is a folder", name, path);
	folder = slash ? str_ndup(path, (size_t)(slash - path) + 1) : str_dup(".");
	if (stat(folder, &st) < 0)
		return err_sys(err, -errno, "--%s: cannot write '%s'", name, path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "--%s: '%s' is no folder", name, folder);
	/* A link that leads nowhere yet is written through. */
	if (lstat(path, &st) == 0 && access(path, F_OK) < 0)
		return 0;
	return access(access(path, F_OK) == 0 ? path : folder, W_OK) == 0
		       ? 0
		       : err_sys(err, -errno, "--%s: cannot write '%s'", name, path);
}

int build_sbom_read(const struct sbom_typed *typed, struct build_options *options, struct err *err)
{
	int r = sbom_choose(typed, &options->sbom, err);

	if (r == 0)
		r = check_file("sbom-output", typed->output, err);
	if (r == 0)
		r = check_file("sbom-purl-output", typed->purl_output, err);
	return r;
}

int build_sbom_begin(struct app *app, struct build_options *options, struct temp **out,
		     struct err *err)
{
	if (!options->sbom.image)
		return 0;
	const int r = temp_dir(app->engine->store, FOLDER_MODE, out, err);
	if (r == 0)
		options->sbom.folder = (*out)->path;
	return r;
}

/* ---- afterwards ------------------------------------------------------------------------------- */

/* "a/b.json" is "a/b_linux_arm_v7.json" of linux/arm/v7. */
static char *path_of(const char *path, const char *platform)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	const char *end = dot && dot > name ? dot : name + strlen(name);
	AUTO(mem) char *suffix = platform ? str_fmt("_%s", platform) : str_dup("");

	for (char *c = suffix; *c; c++)
		if (*c == '/')
			*c = '_';
	return str_fmt("%.*s%s%s", (int)(end - path), path, suffix, end);
}

static int write_one(const char *path, const char *folder, const char *name, const char *platform,
		     struct err *err)
{
	AUTO(newfile) struct newfile file = { .fd = -1 };
	AUTO(mem) char *bytes = NULL;
	size_t size;

	if (str_empty(path))
		return 0;
	AUTO(mem) char *to = path_of(path, platform);
	AUTO(mem) char *from = str_fmt("%s/%s", folder, name);
	int r = file_read(AT_FDCWD, from, SIZE_MAX / 2, &bytes, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", from);
	r = newfile_open(to, FILE_MODE, &file);
	if (r == 0)
		r = fd_write_all(file.fd, bytes, size);
	if (r == 0)
		r = newfile_done(&file);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", to) : 0;
}

int build_sbom_write(const struct sbom_typed *typed, const struct build_options *options,
		     const char *platform, struct err *err)
{
	const struct sbom *sbom = &options->sbom;

	if (!sbom->folder)
		return 0;
	const int r = write_one(typed->output, sbom->folder, SBOM_FILE, platform, err);
	return r < 0 ? r
		     : write_one(typed->purl_output, sbom->folder, SBOM_PURL_FILE, platform, err);
}
