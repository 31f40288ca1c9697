/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registries_conf - which registries a name means, and how they are reached
 *
 * The ecosystem's registries.conf, format version 2: search registries and aliases for short names;
 * for each prefix of names a location, mirrors, whether TLS is optional, whether it is blocked; who
 * keeps names and passwords. Format version 1 is read as what it means in version 2; one file has one.
 * Files are merged in the order given: later search registries, helpers and the mode replace earlier ones,
 * a later [[registry]] replaces one of the same prefix, later aliases replace those of the same name.
 *
 * Source: containers-registries.conf(5), containers-registries.conf.d(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/reference.h"

struct registry_mirror {
	char *location; /* host[:port][/path] */
	bool insecure;
	char *pull_from; /* "all", "digest-only", "tag-only", or NULL */
};

struct registry_conf {
	char *prefix;	/* host[:port][/path], or "*.host"; NULL: the location */
	char *location; /* NULL: the name as it is */
	bool insecure;
	bool blocked;
	bool mirror_by_digest_only;
	struct {
		struct registry_mirror *items;
		size_t count;
	} mirrors;
};

/* What a short name without an alias means where several search registries may have it. */
enum short_name_mode {
	SHORT_NAME_UNSET,      /* as permissive */
	SHORT_NAME_ENFORCING,  /* nothing: it must be said which */
	SHORT_NAME_PERMISSIVE, /* the first that has it; there are no questions */
	SHORT_NAME_DISABLED,   /* likewise */
};

struct registries_conf {
	struct strv search;  /* unqualified-search-registries */
	struct strv aliases; /* "name=registry/path"; the last of a name counts */
	struct strv helpers; /* credential-helpers; "containers-auth.json" stands for the files */
	char *mode_name;     /* as written, or NULL */
	enum short_name_mode mode;
	struct {
		struct registry_conf *items;
		size_t count;
	} registries;
};

/* One place to ask for an image. */
struct registry_endpoint {
	char *host; /* host[:port]; docker.io stays so */
	char *path; /* repository there */
	bool insecure;
	bool mirror;
};

struct registry_endpoints {
	struct registry_endpoint *items;
	size_t count;
};

/**
 * registries_conf_add() - merge one file
 * @conf:	zeroed, or filled by earlier calls; unchanged on failure
 * @text:	of the file, ended with 0
 * @err:	says what is wrong, without naming the file
 *
 * Return: 0; -EBADMSG when it is damaged, or of two formats at once.
 */
must_check int registries_conf_add(struct registries_conf *conf, const char *text, struct err *err);

/**
 * registries_conf_load() - merge files; those that are not there are passed over
 * @conf:	zeroed, or filled by earlier calls
 * @files:	paths, in order
 * @err:	names the file
 *
 * Return: 0; as registries_conf_add; or what the kernel said.
 */
must_check int registries_conf_load(struct registries_conf *conf, const struct strv *files,
				    struct err *err);

/**
 * registries_conf_short() - what a short name may mean, in the order to try
 * @conf:	merged files
 * @ref:	parsed from a short name
 * @out:	whole names with tag and digest are added: the alias alone if there is one, else one
 *		for each search registry, else docker.io's
 * @err:	says that the name has to be a whole one, and lists what it may be
 *
 * Return: 0; -EINVAL when the mode is enforcing and there are several.
 */
must_check int registries_conf_short(const struct registries_conf *conf,
				     const struct reference *ref, struct strv *out,
				     struct err *err);

/**
 * registries_conf_endpoints() - where to ask for an image, in the order to try
 * @conf:	merged files
 * @ref:	parsed
 * @by_digest:	whether it is asked for by digest
 * @out:	mirrors, then the registry itself; to be released with registry_endpoints_clear; set on
 *		success only
 * @err:	says that the registry is blocked
 *
 * Return: 0; -EACCES when a file blocks it; -EBADMSG when a location is no name.
 */
must_check int registries_conf_endpoints(const struct registries_conf *conf,
					 const struct reference *ref, bool by_digest,
					 struct registry_endpoints *out, struct err *err);

/**
 * registries_conf_host() - where a registry as a whole is
 * @conf:	merged files
 * @domain:	host[:port]
 * @moved:	whether the host that a file gives as its location is meant; else the very one
 * @out:	one endpoint with an empty path; as registries_conf_endpoints()
 * @err:	says that the registry is blocked
 *
 * Return: 0; -EACCES when a file blocks it; -EBADMSG when a location is no name.
 */
must_check int registries_conf_host(const struct registries_conf *conf, const char *domain,
				    bool moved, struct registry_endpoints *out, struct err *err);

/**
 * registries_conf_clear() - release what was merged
 * @conf:	zeroed afterwards
 */
void registries_conf_clear(struct registries_conf *conf);

/**
 * registry_endpoints_keep_last() - leave only the registry itself, without its mirrors
 * @endpoints:	not empty
 */
void registry_endpoints_keep_last(struct registry_endpoints *endpoints);

/**
 * registry_endpoints_clear() - release a list
 * @endpoints:	empty afterwards
 */
void registry_endpoints_clear(struct registry_endpoints *endpoints);

static inline void auto_registries_conf(struct registries_conf *conf)
{
	registries_conf_clear(conf);
}

static inline void auto_registry_endpoints(struct registry_endpoints *endpoints)
{
	registry_endpoints_clear(endpoints);
}
