/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_folder - the folder of the user's that a build's files are written to
 */
#include "cmd/build_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "engine/imagetree.h"

enum { FOLDER_MODE = 0755 };

/* Return: 1 when it was made; 0 when it was there; or a negative errno. */
static int make(const char *path, struct err *err)
{
	if (mkdir(path, FOLDER_MODE) == 0)
		return 1;
	return errno == EEXIST ? 0 : err_sys(err, -errno, "cannot make '%s'", path);
}

static int write_files(struct app *app, const struct strv *layers, const char *dest, int until,
		       struct err *err)
{
	AUTO(mem) char *path = realpath(dest, NULL);

	if (!path)
		return err_sys(err, -errno, "cannot open '%s'", dest);
	return imagetree_unpack(app->engine, layers, path, until, err);
}

/* Folders that hold what nobody may enter are the caller's, too, so all of it can be removed. */
static int write_new(struct app *app, const struct strv *layers, const char *dest, int until,
		     struct err *err)
{
	const int made = make(dest, err);

	if (made < 0)
		return made;
	const int r = write_files(app, layers, dest, until, err);
	if (r == 0 || !made)
		return r;
	const int left = file_tree_remove(AT_FDCWD, dest);
	if (left < 0 && left != -ENOENT)
		app_warn(app, "cannot remove '%s', which is not whole: %s", dest, strerror(-left));
	return r;
}

/* linux/arm/v7: linux_arm_v7, as docker's buildx names it */
static int write_platform(struct app *app, const struct strv *layers, const char *dest,
			  const char *platform, int until, struct err *err)
{
	AUTO(mem) char *name = str_dup(platform);

	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	AUTO(mem) char *path = str_fmt("%s/%s", dest, name);
	const int made = make(dest, err);
	if (made < 0)
		return made;
	const int r = write_new(app, layers, path, until, err);
	if (r < 0 && made)
		(void)rmdir(dest); /* it is empty, or somebody has put something there */
	return r;
}

int build_folder_write(struct app *app, const struct strv *layers, const char *dest,
		       const char *platform, struct err *err)
{
	struct interrupt interrupt;
	int r = interrupt_hold(&interrupt);

	if (r < 0)
		return err_sys(err, r, "cannot listen to signals");
	r = platform ? write_platform(app, layers, dest, platform, interrupt.fd, err)
		     : write_new(app, layers, dest, interrupt.fd, err);
	/* One that came ends the process here. */
	interrupt_release(&interrupt, false);
	return r;
}
