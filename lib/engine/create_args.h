/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create_args - what the user asked for, as typed
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "engine/healthplan.h"
#include "engine/resourceargs.h"
#include "engine/watch.h"

enum create_pull {
	CREATE_PULL_MISSING,
	CREATE_PULL_ALWAYS,
	CREATE_PULL_NEVER,
	CREATE_PULL_NEWER,
};

/* NULL-ended: "missing", "always", "never", "newer". */
extern const char *const create_pull_names[];

/* As typed; texts are borrowed, lists owned. NULL, negative and empty mean "not given". */
struct create_args {
	const char *image;   /* first argument; with --rootfs the folder, DIR[:O] */
	struct strv command; /* the arguments behind it */
	bool rootfs;	     /* the first argument is a folder */
	const char *name;
	const char *platform;	/* --platform, --arch/--os/--variant joined */
	int pull;		/* enum create_pull */
	const char *entrypoint; /* "" clears; a JSON list is taken */
	struct strv env;	/* NAME=VALUE or NAME */
	struct strv env_files;
	bool env_host;
	struct strv env_merge;
	struct strv unset_env;
	bool unset_env_all;
	bool http_proxy; /* the caller's proxy variables go in; default true for podman */
	const char *workdir;
	const char *user;
	struct strv groups;
	int passwd; /* --passwd: -1 not given, 0, 1 */
	const char *passwd_entry;
	const char *group_entry;
	struct strv host_users;
	bool tty;
	bool interactive;
	bool init;
	const char *init_path;
	const char *systemd; /* "true", "false", "always" */
	const char *systemd_size;
	const char *stop_signal;
	int stop_timeout; /* -1: the image's or 10; INT_MAX: for ever */
	int timeout;
	const char *umask;
	const char *timezone;
	const char *detach_keys;

	const char *pid;
	const char *ipc;
	const char *uts;
	const char *cgroupns;
	const char *userns;
	struct strv uid_maps;
	struct strv gid_maps;
	const char *subuid; /* --subuidname */
	const char *subgid;

	struct strv networks; /* --network */
	const char *network_rate;
	struct strv network_aliases;
	struct strv links; /* NAME[:ALIAS] */
	const char *ip;
	const char *ip6;
	const char *mac_address;
	struct strv publish;		     /* -p */
	const struct activation *activation; /* sockets at hand for them; or NULL */
	bool publish_all;
	struct strv expose;
	const char *hostname;
	const char *domainname;
	struct strv dns;
	struct strv dns_search;
	struct strv dns_options;
	struct strv add_hosts;
	bool no_hosts;
	const char *hosts_file;
	bool no_hostname;

	bool read_only;
	bool read_only_tmpfs; /* default true for podman */
	struct strv volumes;  /* -v */
	struct strv mounts;   /* --mount */
	struct strv tmpfs;    /* --tmpfs */
	struct strv volumes_from;
	const char *image_volume; /* "anonymous" (default), "bind", "tmpfs", "ignore" */
	struct strv devices;
	const char *gpus;     /* --gpus, as typed */
	const char *shm_size; /* as typed */
	struct strv secrets;  /* --secret */

	struct resource_args resources;
	const char *cgroups; /* "enabled", "disabled", "no-conmon", "split" */
	const char *cgroup_parent;

	bool privileged;
	struct strv cap_add;
	struct strv cap_drop;
	struct strv security_opts;
	struct strv ulimits;
	struct strv sysctls;

	struct strv labels;
	struct strv label_files;
	struct strv annotations;
	const char *log_driver;
	struct strv log_options;
	const char *cidfile;
	const char *pidfile;
	const char *monitor_pidfile;
	struct strv attach;  /* names of streams */
	const char *restart; /* as typed */
	struct health_args health;
	const char *sdnotify; /* as typed; NULL: podman's container, docker's ignore */
	struct strv requires; /* names; "a,b" are two */
	bool remove;
	bool replace;
	struct strv command_line; /* what was typed, for inspect */

	/* --tls-verify, --authfile, --creds, --cert-dir, --quiet for a pull */
	int tls_verify; /* -1: not given, 0, 1 */
	const char *authfile;
	const char *creds;
	const char *cert_dir;
	int retries;	     /* --retry; -1: not given */
	int64_t retry_delay; /* nanoseconds; 0: not given */
	bool quiet;
	const struct watch *watch; /* told of a pull's progress; or NULL */
};

/**
 * create_args_clear() - release the lists
 * @args:	empty afterwards
 */
void create_args_clear(struct create_args *args);
