/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdilist - all descriptions of devices in some folders
 */
#pragma once

#include "base/err.h"
#include "oci/cdi.h"

struct cdi_file {
	char *path;
	size_t folder; /* its place in the list of folders */
	struct cdi_spec spec;
};

struct cdi_list {
	struct cdi_file *items;
	size_t count;
	char *damaged; /* what is wrong with the first file that cannot be used, or NULL */
};

/**
 * cdi_list_load() - read what is in some folders
 * @folders:	those that are not there are passed over
 * @program:	path of cubby-yaml
 * @out:	zeroed before; released with cdi_list_clear()
 */
void cdi_list_load(const struct strv *folders, const char *program, struct cdi_list *out);

/**
 * cdi_list_find() - the file that describes a device
 * @list:	loaded
 * @kind:	"vendor.com/class"
 * @name:	of the device
 * @out:	belongs to @list; set on success only
 * @err:	that there is none, or that two files do
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int cdi_list_find(const struct cdi_list *list, const char *kind, const char *name,
			     const struct cdi_file **out, struct err *err);

/**
 * cdi_list_clear() - release what it owns
 * @list:	empty afterwards
 */
void cdi_list_clear(struct cdi_list *list);

static inline void auto_cdi_list(struct cdi_list *list)
{
	cdi_list_clear(list);
}
