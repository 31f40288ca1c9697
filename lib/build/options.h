/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options - how an image is to be built
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "build/sbom.h"
#include "engine/create_args.h"
#include "engine/registry.h"

enum build_squash {
	BUILD_LAYERS,	  /* a layer for each step that changes files */
	BUILD_SQUASH,	  /* what this build adds is one layer */
	BUILD_SQUASH_ALL, /* one layer with everything */
};

/* A --build-context: a name that FROM, COPY --from and mounts may use. */
struct build_context {
	char *name;
	char *folder;  /* absolute; or NULL */
	char *image;   /* or NULL */
	char *address; /* from where .folder is fetched; or NULL */
};

struct build_contexts {
	struct build_context *items;
	size_t count;
	struct strv names; /* of all */
};

/* A --secret, read. */
struct build_secret {
	char *id;
	char *bytes;
	size_t size;
};

struct build_secrets {
	struct build_secret *items;
	size_t count;
};

/* A --cache-to. */
struct build_cache_to {
	char *ref; /* as typed */
	bool less; /* only what the target is built upon, not all stages that it copies from */
};

struct build_cache_tos {
	struct build_cache_to *items;
	size_t count;
};

struct input;

struct build_options {
	const char *folder;	 /* the context, absolute; NULL: there is none */
	const char *ignore_name; /* of the file whose rules leave files of it out; NULL: none are */
	const char *ignore_text;
	struct build_contexts contexts;
	const char *target;	   /* --target, or NULL: the last stage */
	struct strv args;	   /* --build-arg, NAME=VALUE */
	struct strv platform_args; /* NAME=VALUE of TARGETPLATFORM and its kin */
	char *platform;		   /* os/arch[/variant], or NULL: this machine's */
	struct strv labels;	   /* KEY=VALUE */
	struct strv unset_env;	   /* --unsetenv: names */
	struct strv env;	   /* --env: NAME=VALUE for the image */
	const char *os_version;	   /* that the image needs, or NULL: the base's */
	struct strv
		os_features; /* that it needs beside the base's; "NAME-": not, "-": none of the base's */
	struct strv unset_labels; /* keys that are not taken over from the base */
	bool no_base_labels;	  /* none is */
	bool created_annotation;  /* the manifest says when the image was made */
	bool no_cache;
	struct strv no_cache_filter; /* names of stages that are built anew */
	int64_t cache_ttl;	     /* ns: older steps are done again; 0: never */
	struct strv cache_from;	     /* names of build/shared.h, as typed */
	struct build_cache_tos cache_to;
	struct strv shared; /* KEY=NAME@DIGEST: steps that registries keep */
	int pull;	    /* enum create_pull */
	int jobs;	    /* stages at a time; 0: one for each processor */
	int time_flags;	    /* LAYER_CLAMP, LAYER_STAMP, or 0 */
	bool dated;	    /* .time is when all of it is made */
	int64_t time;	    /* seconds since the epoch, with .dated and .time_flags */
	enum build_squash squash;
	bool docker; /* documents of docker's form */
	bool omit_history;
	struct input *input;	  /* what RUN reads; or NULL: nothing */
	bool compat_volumes;	  /* what RUN does in a folder that VOLUME names is undone */
	bool save_stages;	  /* what a stage has come to is wanted, too */
	bool stage_labels;	  /* and images say which stage they are */
	struct strv layer_labels; /* KEY=VALUE of images of stages alone */
	bool keep_failed;	  /* what a stage that failed had come to is wanted */
	struct build_secrets secrets;
	struct strv ssh;		/* ID=SOCKET */
	bool allow_insecure;		/* RUN --security=insecure */
	struct create_args run;		/* how RUN runs: network, limits, rights; borrowed texts */
	struct strv uid_maps, gid_maps; /* those of .run, INSIDE:OUTSIDE:COUNT */
	struct strv run_key;		/* what a command can see of that, OPTION=VALUE */
	struct registry_access access;
	const struct watch *watch; /* of pulls; or NULL */
	struct sbom sbom;	   /* what the target is scanned by */
};
