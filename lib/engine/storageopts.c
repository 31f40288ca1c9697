/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * storageopts - what --storage-opt says, as podman's settings name it
 */
#include "engine/storageopts.h"

#include <errno.h>
#include <unistd.h>

#include "rootfs/plan.h"

#define PRIVILEGED "the kernel lets no user set it"

static int take_program(struct storage_options *out, const char *value, struct err *err)
{
	if (*value == 0) {
		str_set(&out->mount_program, NULL);
		return 0;
	}
	if (*value != '/')
		return err_set(err, -EINVAL,
			       "--storage-opt mount_program: '%s' is no absolute path", value);
	if (access(value, X_OK) < 0) {
		err_sys(err, -errno, "--storage-opt mount_program: cannot use '%s'", value);
		return err_hint(err,
				"install the package 'fuse-overlayfs', or leave the option out: "
				"the kernel's overlay is used where it can be");
	}
	str_set(&out->mount_program, value);
	return 0;
}

static int take_mountopt(struct storage_options *out, const char *value, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };

	strv_clear(&out->mountopt);
	strv_split(&parts, value, ',');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = str_trim(parts.items[i]);
		if (strpbrk(part, "\\\n"))
			return err_set(err, -EINVAL, "--storage-opt mountopt: '%s' is no option",
				       part);
		if (*part)
			strv_add(&out->mountopt, part);
	}
	return 0;
}

static int read_bool(const char *name, const char *value, bool *out, struct err *err)
{
	if (!str_eq(value, "true") && !str_eq(value, "false") && !str_eq(value, "1") &&
	    !str_eq(value, "0"))
		return err_set(err, -EINVAL, "--storage-opt %s: '%s' is neither true nor false",
			       name, value);
	*out = *value == 't' || *value == '1';
	return 0;
}

static int take_ignore(struct storage_options *out, const char *value, struct err *err)
{
	return read_bool("ignore_chown_errors", value, &out->ignore_chown_errors, err);
}

static int take_skip(unused_arg struct storage_options *out, const char *value, struct err *err)
{
	bool skip = true;
	int r = read_bool("skip_mount_home", value, &skip, err);

	if (r < 0 || skip)
		return r;
	return err_set(err, -EOPNOTSUPP,
		       "--storage-opt skip_mount_home=false: the folder of the store is never "
		       "mounted on itself");
}

/* What containers/storage knows and we have not. */
static const struct {
	const char *name;
	const char *why;
} refused[] = {
	{ "size", "sizes of writable layers need quotas of the file system, which only the host's "
		  "root may set" },
	{ "inodes", "numbers of files need quotas of the file system, which only the host's root "
		    "may set" },
	{ "force_mask", "files keep the modes that their layers say" },
	{ "imagestore", "images lie in the folder of --root; --store names others to use as well" },
	{ "additionalimagestore", "it is --store DIR here" },
	{ "additionallayerstore", "layers lie in the folder of --root" },
	{ "use_composefs", "layers are folders" },
	{ "sync", "what is synced when is the store's matter" },
};

static const struct {
	const char *name;
	int (*take)(struct storage_options *out, const char *value, struct err *err);
} known[] = {
	{ "mount_program", take_program },
	{ "mountopt", take_mountopt },
	{ "ignore_chown_errors", take_ignore },
	{ "skip_mount_home", take_skip },
};

static const char *without_driver(const char *name)
{
	static const char *const drivers[] = { "overlay.", "overlay2.", "fuse-overlayfs.", "." };

	for (size_t i = 0; i < array_len(drivers); i++) {
		const char *rest = str_starts(name, drivers[i]);
		if (rest)
			return rest;
	}
	return name;
}

static int take(struct storage_options *out, const char *typed, struct err *err)
{
	AUTO(mem) char *text = str_dup(typed);
	const char *value = str_cut(text, '=');
	const char *name = without_driver(text);

	if (!value || !*name)
		return err_set(err, -EINVAL, "--storage-opt: '%s' is no NAME=VALUE", typed);
	for (size_t i = 0; i < array_len(known); i++)
		if (str_eq(name, known[i].name))
			return known[i].take(out, value, err);
	for (size_t i = 0; i < array_len(refused); i++)
		if (str_eq(name, refused[i].name))
			return err_set(err, -EOPNOTSUPP, "--storage-opt %s is not there: %s", name,
				       refused[i].why);
	err_set(err, -EINVAL, "--storage-opt: there is no option '%s'", text);
	return err_hint(err,
			"options are overlay.mount_program=FILE, overlay.mountopt=OPTION,... and "
			"overlay.ignore_chown_errors=true");
}

int storage_options_parse(const struct strv *typed, const char *driver, struct storage_options *out,
			  struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < typed->count && r == 0; i++)
		r = take(out, typed->items[i], err);
	if (r == 0 && str_eq(driver, "copy") && (out->mount_program || out->mountopt.count))
		return err_set(err, -EINVAL,
			       "--storage-opt: the storage driver 'copy' mounts nothing");
	return r;
}

/* What the kernel's overlay takes from a user, and what it refuses one. */
static const struct {
	const char *text;
	const char *why; /* NULL: taken */
} of_overlay[] = {
	{ "volatile", NULL },
	{ "index=on", NULL },
	{ "index=off", NULL },
	{ "xino=on", NULL },
	{ "xino=off", NULL },
	{ "xino=auto", NULL },
	{ "metacopy=off", NULL },
	{ "redirect_dir=off", NULL },
	{ "redirect_dir=nofollow", NULL },
	{ "nfs_export=off", NULL },
	{ "userxattr", NULL },
	{ "metacopy=on", PRIVILEGED },
	{ "redirect_dir=on", PRIVILEGED },
	{ "redirect_dir=follow", PRIVILEGED },
	{ "nfs_export=on", PRIVILEGED },
};

static int fit_one(const char *option, struct err *err)
{
	if (rootfs_attribute(option))
		return 0;
	for (size_t i = 0; i < array_len(of_overlay); i++) {
		if (!str_eq(option, of_overlay[i].text))
			continue;
		return !of_overlay[i].why ? 0
					  : err_set(err, -EOPNOTSUPP,
						    "--storage-opt mountopt: '%s' is refused: %s",
						    option, of_overlay[i].why);
	}
	err_set(err, -EINVAL, "--storage-opt mountopt: the kernel's overlay has no option '%s'",
		option);
	return err_hint(err, "options of fuse-overlayfs need --storage-opt "
			     "overlay.mount_program=/usr/bin/fuse-overlayfs");
}

int storage_options_fit(const struct strv *options, const char *driver, struct err *err)
{
	int r = 0;

	for (size_t i = 0; str_eq(driver, "overlay") && i < options->count && r == 0; i++)
		r = fit_one(options->items[i], err);
	return r;
}

void storage_options_clear(struct storage_options *options)
{
	free(options->mount_program);
	strv_clear(&options->mountopt);
	*options = (struct storage_options){ 0 };
}
