/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * globals - the options of the program itself
 *
 * They stand in front of the command; the long ones may also stand behind it.
 */
#include "cmd/globals.h"

#include "base/log.h"
#include "engine/runtimeflag.h"

#define NO_DAEMON "there is no daemon or remote service to talk to"
#define NO_TLS "there is no daemon to talk to; for registries see --tls-verify of pull"

static const char *const log_levels[] = {
	[LOG_WARN] = "warn",   [LOG_TRACE] = "trace",	  [LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",   [LOG_WARNING] = "warning", [LOG_ERROR] = "error",
	[LOG_FATAL] = "fatal", [LOG_PANIC] = "panic",	  NULL,
};

const struct opt globals_opts[] = {
	OPT_FLAG('D', "debug", struct globals, debug, "write what happens to stderr"),
	OPT_ENUM('l', "log-level", "LEVEL", struct globals, log_level, log_levels,
		 "write messages from this level on: debug and trace are --debug"),
	OPT_TEXT(0, "root", "DIR", struct globals, root, COMPLETE_DIR,
		 "folder of images, containers and volumes"),
	OPT_HARMLESS_VALUE(0, "runroot", "DIR", "nothing is kept outside the folder of --root"),
	OPT_LIST(0, "store", "DIR", struct globals, stores, COMPLETE_DIR,
		 "use the images of this store too, which is only read from"),
	OPT_WORDS(0, "storage-driver", "DRIVER", struct globals, storage_driver,
		  "overlay fuse-overlayfs copy",
		  "how layers are joined: overlay, fuse-overlayfs or copy"),
	OPT_LIST(0, "storage-opt", "NAME=VALUE", struct globals, storage_opts, COMPLETE_NONE,
		 "for roots: overlay.mount_program=FILE, overlay.mountopt=OPTION,..., "
		 "overlay.ignore_chown_errors=true; holds for what is made and pulled with it"),
	OPT_TEXT(0, "runtime", "NAME", struct globals, runtime, COMPLETE_NONE,
		 "only cubby's own: cubby, or crun and runc, which mean it"),
	OPT_LIST(0, "runtime-flag", "NAME[=VALUE]", struct globals, runtime_flags, COMPLETE_NONE,
		 RUNTIME_FLAG_HELP),
	OPT_LIST(0, "cdi-spec-dir", "DIR", struct globals, cdi_folders, COMPLETE_DIR,
		 "folder with descriptions of devices (default /etc/cdi and /var/run/cdi)"),
	OPT_WORDS(0, "cgroup-manager", "WHO", struct globals, cgroup_manager, "systemd cgroupfs",
		  "who makes control groups: systemd or cgroupfs (default the first that can)"),
	OPT_REFUSED(0, "config", "there is no folder of settings; --root names the store"),
	OPT_REFUSED(0, "conmon", "the monitor is part of the program"),
	OPT_REFUSED('c', "connection", NO_DAEMON),
	OPT_REFUSED(0, "context", NO_DAEMON),
	OPT_WORDS(0, "events-backend", "BACKEND", struct globals, events_backend, "file",
		  "where events are kept: only file, in the folder of --root"),
	OPT_LIST(0, "hooks-dir", "DIR", struct globals, hook_folders, COMPLETE_DIR,
		 "folder with files of hooks, programs that are run when containers start and end"),
	OPT_REFUSED('H', "host", NO_DAEMON),
	OPT_REFUSED(0, "identity", NO_DAEMON),
	OPT_REFUSED(0, "imagestore", "images lie in the folder of --root"),
	OPT_REFUSED(0, "module", "there are no modules of settings"),
	OPT_REFUSED(0, "network-config-dir", "networks lie in the folder of --root"),
	OPT_REFUSED(0, "out", "redirect the output in the shell: > FILE"),
	OPT_REFUSED('r', "remote", NO_DAEMON),
	OPT_REFUSED(0, "ssh", NO_DAEMON),
	OPT_REFUSED(0, "syslog", "messages go to stderr"),
	OPT_REFUSED(0, "tls", NO_TLS),
	OPT_REFUSED(0, "tls-ca", NO_TLS),
	OPT_REFUSED(0, "tls-cert", NO_TLS),
	OPT_REFUSED(0, "tls-details", NO_TLS),
	OPT_REFUSED(0, "tls-key", NO_TLS),
	OPT_REFUSED(0, "tlscacert", NO_TLS),
	OPT_REFUSED(0, "tlscert", NO_TLS),
	OPT_REFUSED(0, "tlskey", NO_TLS),
	OPT_REFUSED(0, "tlsverify", NO_TLS),
	OPT_REFUSED(0, "tmpdir", "temporary files lie in the folder of --root"),
	OPT_REFUSED(0, "transient-store", "records are always kept in the folder of --root"),
	OPT_REFUSED(0, "url", NO_DAEMON),
	OPT_REFUSED(0, "volumepath", "volumes lie in the folder of --root"),
	OPT_END,
};

const struct opt program_opts[] = {
	OPT_INCLUDE(struct program_args, globals, globals_opts),
	OPT_FLAG('v', "version", struct program_args, version, "show the version"),
	OPT_END,
};

int globals_debug(unused_arg void *args, const char *value, unused_arg struct err *err)
{
	if (str_eq(value, "true"))
		log_enable(true);
	return 0;
}
