/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container - what is known of one container: its immutable configuration and its state
 *
 * containers/<id>/config.json	written once by create, never changed but by rename and update
 * containers/<id>/state.json	replaced whole by its only writer: the monitor while one lives, else the
 *				holder of the container's lock
 *
 * The state repeats what `ps` shows, so that a listing reads one small file a container.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "oci/resources.h"
#include "store/endpoint.h"
#include "store/health.h"

enum { CONTAINER_ID_HEX = 64, CONTAINER_ID_SHORT = 12 };

enum container_status {
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_RESTARTING,
	CONTAINER_REMOVING,
	CONTAINER_EXITED,
	CONTAINER_DEAD,
};

/* Names of enum container_status, both ways: "created", "running", ... */
extern const char *const container_status_names[];

/* One mount, as the user or the image asked for it; sources are absolute. */
struct mount_config {
	char *type;	     /* "bind", "volume", "tmpfs", "ramfs", "devpts", "image" */
	char *source;	     /* bind: path on the host; volume: its name; image: its id */
	char *name;	     /* image: its name, to show */
	char *target;	     /* absolute path in the container */
	char *subpath;	     /* volume, image: what is mounted of it; NULL for all */
	struct strv options; /* ro, rw, z, Z, U, O, nocopy, rprivate, noexec, size=..., mode=... */
	struct strv labels;  /* volume: of one that is made for it */
	struct strv layers;  /* image: keys, lowest first */
	struct strv stores;  /* image: as container_config.image_stores */
	bool anonymous;	     /* volume: removed with the container by rm -v and --rm */
	bool from_image;     /* the image asked for it */
};

struct mount_list {
	struct mount_config *items;
	size_t count;
};

/* A secret that the container is given; its bytes stand in secrets.json (engine/secretuse.h). */
struct secret_use {
	char *name;
	char *id;
	bool env;     /* a variable instead of a file */
	char *target; /* its name; of a file: below /run/secrets, or absolute */
	int64_t uid;  /* of the file, in the container */
	int64_t gid;
	int mode;
};

struct secret_uses {
	struct secret_use *items;
	size_t count;
};

struct container_config {
	char *id; /* 64 lower-case hex digits, random */
	char *name;
	int64_t created; /* ns since the epoch */

	/* what it runs */
	char *image_id;	    /* hex of the config digest; NULL with --rootfs */
	char *image_name;   /* the reference as shown, for example docker.io/library/nginx:latest */
	char *image_digest; /* of the manifest */
	char *platform;	    /* os/arch[/variant] of the image */
	struct strv image_stores; /* paths of the other stores that its layers lie in */
	char *rootfs;		  /* --rootfs: absolute path */
	bool rootfs_overlay;	  /* --rootfs DIR:O */
	struct strv
		layers; /* keys, lowest first; of a step of a build also the name of a temporary object: a
			     * layer that is still being hashed */
	char *driver;	     /* "overlay", "fuse-overlayfs", "copy" */
	char *mount_program; /* --storage-opt: instead of the fuse-overlayfs in PATH, or NULL */
	struct strv mount_options;
	bool show_owners; /* of a step of a build: its layers are shown with other owners, below "overlay" */

	/* the process */
	struct strv entrypoint;
	struct strv command; /* entrypoint and command together are argv */
	struct strv env;     /* complete, but for HOME, which depends on the image's passwd */
	char *workdir;
	char *user;	    /* as typed, or the image's; NULL is root */
	bool passwd;	    /* numbers without a line in passwd and group get one */
	char *passwd_entry; /* how it looks; NULL is the usual way */
	char *group_entry;
	struct strv host_users; /* lines of passwd to be added */
	struct strv groups;	/* --group-add; "keep-groups" stands alone */
	bool tty;
	bool open_stdin;
	bool init;
	char *init_path;      /* of the host: runs the command as its child, in place of ours */
	bool systemd;	      /* the first process is systemd */
	int64_t systemd_size; /* bytes of each of its folders in memory; 0: the kernel's usual */
	int stop_signal;      /* number */
	int stop_timeout;     /* seconds; INT_MAX: for ever */
	int timeout;	      /* seconds until it is killed; 0 for none */
	char *umask;	      /* octal digits; NULL is 0022 */
	char *timezone;	      /* --tz; NULL for none */
	char *detach_keys;

	/* namespaces: "private", "host", "container:ID", "ns:PATH"; NULL is private */
	char *pid_mode;
	char *ipc_mode;
	char *uts_mode;
	char *cgroupns_mode;
	char *userns_mode; /* "host", "keep-id[:uid=N,gid=N]", "nomap", "auto[:…]", "private"; NULL is host */
	char *uid_map; /* "auto" and "private": lines of idmap_print(), nested in the user's own */
	char *gid_map;

	/* network */
	char *network_mode; /* "slirp": the default network alone; "bridge": those of endpoints; "none",
			     * "host", "pasta", "container:ID", "ns:PATH" */
	struct strv
		network_options; /* of the default network: k=v, as slirp4netns:k=v,...; of pasta: its
				      * own */
	struct endpoints endpoints; /* of "bridge" */
	struct strv ports; /* normalized: IP:HOST:CONTAINER/PROTO, HOST empty for a random one */
	bool publish_all;
	char *network_rate; /* of rate_print(): up=10mbit,...; NULL for no limit */
	struct strv expose; /* 80/tcp, image's and own */
	char *hostname;
	char *domainname;
	struct strv dns;
	struct strv dns_search;
	struct strv dns_options;
	struct strv add_hosts; /* NAME:IP */
	bool no_hosts;
	char *hosts_file; /* what /etc/hosts begins with: absolute, "image", or NULL */
	bool no_hostname;

	/* files */
	bool read_only;
	bool read_only_tmpfs; /* /tmp, /run, /var/tmp stay writable */
	struct mount_list mounts;
	struct strv cdi_devices; /* "vendor.com/class=name", looked up at each start */
	struct strv cdi_folders; /* where; empty: the usual ones */
	struct strv
		hook_folders; /* whose hooks are looked up at each start; the last outweighs the rest */
	struct strv devices; /* HOST:CONTAINER:rwm */
	int64_t shm_size;    /* bytes; 0 is 64 MiB */
	struct secret_uses secrets;

	/* limits */
	struct resources resources;
	char *cgroups; /* "enabled", "disabled", "no-conmon", "split"; NULL: where a limit needs one */
	char *cgroup_manager; /* "systemd", "cgroupfs"; NULL: the first that works */
	char *cgroup_parent;

	/* rights */
	bool privileged;
	struct strv cap_add;
	struct strv cap_drop;
	bool no_new_privs;
	char *seccomp; /* NULL: default; "unconfined"; else path of the profile kept in the record */
	struct strv mask;
	struct strv unmask;
	struct strv proc_options; /* of /proc: hidepid=2, … */
	struct strv ulimits;	  /* nofile=1024:2048 */
	struct strv sysctls;	  /* k=v */

	/* keeping */
	struct strv labels;	 /* k=v */
	struct strv annotations; /* k=v */
	char *log_driver;	 /* "json-file", "k8s-file", "journald", "none", "passthrough" */
	struct strv log_options; /* max-size=10m, max-file=3 */
	struct strv attach;	 /* create --attach: what start --attach carries; none means all */
	char *pidfile;		 /* absolute; so is the next */
	char *monitor_pidfile;	 /* --conmon-pidfile */
	char *cidfile;
	struct health_config health;
	char *sdnotify;		    /* "conmon", "container", "healthy"; NULL is ignore */
	struct strv requires;	    /* ids of containers that are started before */
	char *restart;		    /* "on-failure:3", "always", ...; NULL is no */
	bool remove;		    /* --rm */
	bool build;		    /* a step of a build: listed only where asked for */
	struct strv create_command; /* the command line that made it */
};

/* Table of struct container_config; for jfield_load, jfield_save and jfield_clear. */
extern const struct jfield container_config_fields[];

struct container_state {
	enum container_status status;
	char *status_name; /* only for the table; status is the truth once loaded */
	char *host_id;	   /* where it ran last */
	char *boot_id;
	int pid; /* PID 1 of the container as the host's /proc shows it; 0 when none runs */
	int64_t pid_start;
	int monitor_pid;
	int64_t monitor_start;
	int64_t started; /* ns since the epoch */
	int64_t finished;
	int exit_code;
	char *error; /* why it could not start, or was lost */
	bool oom_killed;
	bool stopped_by_user;
	int restarts;
	int64_t paused;	     /* when, or 0 */
	int64_t log_entries; /* records that its last run gave the journal */
	int fallbacks; /* enum fallback: what holds limits of its last run instead of a cgroup */
	char *cgroup;  /* of its last run, as /proc/PID/cgroup names it; NULL: none of its own */
	char *cgroup_manager; /* that made it: "systemd", "cgroupfs" */
	int64_t memory;	      /* bytes that it may use; 0: no limit */
	struct strv ports;    /* as they are published: IP:HOST:CONTAINER/PROTO */
	struct attachments attachments;
	char *ip_address; /* of the first attachment, as are the next three */
	char *ip6_address;
	char *mac_address;
	char *gateway;

	/* repeated from the configuration for listings */
	char *id;
	char *name;
	char *image_name;
	char *image_id;
	char *command; /* entrypoint and command joined by spaces */
	int64_t created;
	struct strv labels;
	struct strv mounts;   /* sources of binds, names of volumes */
	char *network;	      /* network_mode */
	struct strv networks; /* names of the endpoints */
	char *restart;
	char *health; /* of health_status_names; NULL: not checked */
	bool remove;
	bool build;
	bool tty;
};

/* Table of struct container_state; use container_state_load/save of store/record.h. */
extern const struct jfield container_state_fields[];

/**
 * container_config_mounts() - what a container has mounted of volumes and of the host
 * @config:	of the container
 * @out:	names of volumes, and absolute paths, are added
 */
void container_config_mounts(const struct container_config *config, struct strv *out);

/**
 * container_config_layers() - all layers of the store that a container needs: its root's and mounted images'
 * @config:	of the container
 * @out:	keys are added
 */
void container_config_layers(const struct container_config *config, struct strv *out);

/**
 * container_state_networks() - repeat in a state what networks a configuration names
 * @state:	changed
 * @config:	of the same container
 */
void container_state_networks(struct container_state *state, const struct container_config *config);

/**
 * container_config_free() - release a configuration
 * @config:	may be NULL
 */
void container_config_free(struct container_config *config);

/**
 * container_state_free() - release a state
 * @state:	may be NULL
 */
void container_state_free(struct container_state *state);

DEFINE_AUTO_PTR(container_config, struct container_config, container_config_free)
DEFINE_AUTO_PTR(container_state, struct container_state, container_state_free)
