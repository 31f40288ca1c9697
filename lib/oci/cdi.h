/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdi - descriptions of devices by their makers: the Container Device Interface
 *
 * A file says for one kind of device, "vendor.com/class", which devices there are and what a container needs
 * to use each: variables, nodes, mounts, groups, hooks. What is given outside of "devices" goes into every
 * container that has one of them. A device is asked for as "vendor.com/class=name".
 *
 * Only texts and values here; finding and reading the files is engine/cdi.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct cdi_node {
	char *path;	 /* inside; absolute */
	char *host_path; /* NULL: the same */
	char *type;	 /* "c", "b", "u", "p", or NULL */
	char *permissions;
};

struct cdi_mount {
	char *host_path;
	char *container_path;
	char *type; /* NULL: a bind */
	struct strv options;
};

struct cdi_hook {
	char *name; /* "createRuntime", "createContainer", ... */
	char *path;
	struct strv args; /* args[0] included; may be empty */
	struct strv env;
	int timeout; /* seconds; 0: none */
};

/* What a container needs. */
struct cdi_edits {
	struct strv env; /* NAME=VALUE */
	struct {
		struct cdi_node *items;
		size_t count;
	} nodes;
	struct {
		struct cdi_mount *items;
		size_t count;
	} mounts;
	struct {
		struct cdi_hook *items;
		size_t count;
	} hooks;
	cJSON *groups; /* list of numbers, or NULL */
	cJSON *rdt;    /* intelRdt: what this is is not looked at */
	cJSON *net;    /* netDevices: likewise */
};

struct cdi_device {
	char *name;
	struct cdi_edits edits;
};

/* One file. */
struct cdi_spec {
	char *version;
	char *kind;
	struct {
		struct cdi_device *items;
		size_t count;
	} devices;
	struct cdi_edits edits;
};

/**
 * cdi_split() - the parts of the name of a device
 * @text:	"vendor.com/class=name"
 * @out_kind:	"vendor.com/class", to be freed; set on success only
 * @out_name:	to be freed; set on success only
 *
 * Return: 0; -EINVAL for what is no such name, as every path is none.
 * Source: CDI specification 1.0.0, "Kind" and "Device names".
 */
must_check int cdi_split(const char *text, char **out_kind, char **out_name);

/**
 * cdi_load() - read a description
 * @value:	the file's JSON
 * @out:	zeroed before; released with cdi_spec_clear() in any case
 * @err:	what is wrong, without naming the file
 *
 * Return: 0; -EBADMSG.
 */
must_check int cdi_load(const cJSON *value, struct cdi_spec *out, struct err *err);

/**
 * cdi_device() - find a device
 * @spec:	loaded
 * @name:	without the kind
 *
 * Return: the device, which belongs to @spec, or NULL.
 */
const struct cdi_device *cdi_device(const struct cdi_spec *spec, const char *name);

/**
 * cdi_edits_add() - add what one device needs to what others need
 * @edits:	grows
 * @more:	copied
 */
void cdi_edits_add(struct cdi_edits *edits, const struct cdi_edits *more);

/**
 * cdi_edits_clear() - release what it owns
 * @edits:	empty afterwards
 */
void cdi_edits_clear(struct cdi_edits *edits);

/**
 * cdi_spec_clear() - release what it owns
 * @spec:	empty afterwards
 */
void cdi_spec_clear(struct cdi_spec *spec);

static inline void auto_cdi_edits(struct cdi_edits *edits)
{
	cdi_edits_clear(edits);
}

static inline void auto_cdi_spec(struct cdi_spec *spec)
{
	cdi_spec_clear(spec);
}
