/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime_spec - what a runtime needs to know to make a container: OCI's config.json as a struct
 *
 * A plain value, printed as JSON. Sets and lists are as the specification has them; what it has no word
 * for stands at the end and is printed as annotations of ours.
 *
 * Source: OCI runtime-spec v1.1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"

#define RUNTIME_SPEC_VERSION "1.1.0"

/* With emulate_root: a file that tells apt not to change user, which it would check. */
#define RUNTIME_APT_CONFIG "/dev/.apt.conf"

enum runtime_namespace {
	RUNTIME_PID,
	RUNTIME_NETWORK,
	RUNTIME_IPC,
	RUNTIME_UTS,
	RUNTIME_CGROUP,
	RUNTIME_MOUNT,
	RUNTIME_USER,
	RUNTIME_NAMESPACES
};

/* Names as the specification has them: "pid", "network", ... */
extern const char *const runtime_namespace_names[RUNTIME_NAMESPACES];

struct id_list {
	uint32_t *items;
	size_t count;
};

struct runtime_map {
	uint32_t inside;
	uint32_t outside; /* in the namespace of the runtime's caller */
	uint32_t count;
};

struct runtime_maps {
	struct runtime_map *items;
	size_t count;
};

struct runtime_mount {
	char *destination; /* absolute, in the container */
	char *type;	   /* "bind" or a file system */
	char *source;	   /* bind: absolute, on the host */
	char *subpath;	   /* bind: what is mounted of the source, links staying inside; or NULL */
	struct strv options;
};

struct runtime_mounts {
	struct runtime_mount *items;
	size_t count;
};

struct runtime_device {
	char *source; /* on the host; bound, as nobody without root can make a node */
	char *path;   /* absolute, in the container */
};

struct runtime_devices {
	struct runtime_device *items;
	size_t count;
};

struct runtime_rlimit {
	const char *name; /* "RLIMIT_NOFILE", static */
	int resource;	  /* RLIMIT_* */
	uint64_t soft;	  /* UINT64_MAX: none */
	uint64_t hard;
};

struct runtime_rlimits {
	struct runtime_rlimit *items;
	size_t count;
};

/* Names as "CAP_CHOWN". */
struct runtime_caps {
	struct strv bounding;
	struct strv permitted;
	struct strv effective;
	struct strv inheritable;
	struct strv ambient;
};

/* When a hook runs. */
enum runtime_hook_kind {
	RUNTIME_HOOK_PRESTART,
	RUNTIME_HOOK_CREATE_RUNTIME, /* by the runtime, when the container's mounts are made */
	RUNTIME_HOOK_CREATE_CONTAINER, /* then in the container's namespaces, before its root is entered */
	RUNTIME_HOOK_START_CONTAINER, /* a program of the container's, before its own one is executed */
	RUNTIME_HOOK_POSTSTART,	      /* by the runtime again, when that runs */
	RUNTIME_HOOK_POSTSTOP,	      /* when nothing of the container is left */
	RUNTIME_HOOK_KINDS
};

/* Names as the specification has them: "prestart", "createRuntime", ... */
extern const char *const runtime_hook_names[RUNTIME_HOOK_KINDS];

struct runtime_hook {
	enum runtime_hook_kind kind;
	char *path;
	struct strv args; /* args[0] included */
	struct strv env;
	int timeout;  /* seconds; 0: none */
	char *origin; /* file that asks for it, to be told with what it did wrong; or NULL */
};

struct runtime_hooks {
	struct runtime_hook *items;
	size_t count;
};

struct runtime_spec {
	/* process */
	struct strv args;
	struct strv env;
	char *cwd;
	bool terminal;
	uint32_t uid;
	uint32_t gid;
	struct id_list groups;
	uint32_t umask;
	struct runtime_caps caps;
	struct runtime_rlimits rlimits;
	bool no_new_privs;
	bool scores; /* oom_score is to be set */
	int oom_score;

	/* root, mounts */
	bool read_only;
	struct runtime_mounts mounts;
	struct runtime_devices devices;
	struct strv masked;
	struct strv read_only_paths;

	/* namespaces */
	bool own[RUNTIME_NAMESPACES]; /* made for this container; else inherited or joined */
	struct runtime_maps uids;     /* of the own user namespace */
	struct runtime_maps gids;
	char *hostname;
	char *domainname;
	struct strv sysctls; /* name=value */
	char *seccomp;	     /* NULL: the default profile; "unconfined"; else the path of one */

	/* hooks; the rest is set where there are any */
	struct runtime_hooks hooks;
	char *id;		 /* of the container */
	char *bundle;		 /* absolute: the folder of config.json */
	char *root_path;	 /* absolute: where hooks see the root */
	struct strv annotations; /* KEY=VALUE */

	/* beyond the specification */
	char *program;	   /* what is executed in place of args[0]; no look-up; or NULL */
	char *cpus;	   /* list of processors that it is bound to; NULL: as the caller is */
	bool keep_groups;  /* the caller's groups stay */
	bool init;	   /* an init of ours stays PID 1 */
	bool emulate_root; /* chown and its like answer success without effect */
};

/**
 * runtime_hook_kind() - when a hook runs that is called so
 * @name:	"createRuntime", ...
 *
 * Return: the enum runtime_hook_kind; -EINVAL for any other word.
 */
must_check int runtime_hook_kind(const char *name);

/**
 * runtime_hooks_clear() - release a list of hooks
 * @list:	empty afterwards
 */
void runtime_hooks_clear(struct runtime_hooks *list);

static inline void auto_runtime_hooks(struct runtime_hooks *list)
{
	runtime_hooks_clear(list);
}

/**
 * runtime_maps_outside() - what an id of the container is for the runtime's caller
 * @maps:	of the container's own user namespace
 * @own:	whether it has one: else every id is itself
 * @id:		in the container
 * @out:	set on success only
 *
 * Return: 0; -ERANGE when it is not mapped.
 */
must_check int runtime_maps_outside(const struct runtime_maps *maps, bool own, uint32_t id,
				    uint32_t *out);

/**
 * runtime_spec_json() - the config.json of a spec
 * @spec:	printed
 *
 * Return: the document, to be released with cJSON_Delete.
 */
must_check cJSON *runtime_spec_json(const struct runtime_spec *spec);

/**
 * runtime_spec_free() - release a spec
 * @spec:	may be NULL
 */
void runtime_spec_free(struct runtime_spec *spec);

DEFINE_AUTO_PTR(runtime_spec, struct runtime_spec, runtime_spec_free)
