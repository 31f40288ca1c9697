/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_opts - the options that run and create share
 *
 * What docker or podman have and we have not is refused with the reason; nothing is taken and
 * ignored.
 */
#include "cmd/run_opts.h"

#include <errno.h>
#include <limits.h>

#include "cmd/health_opts.h"
#include "cmd/resource_opts.h"
#include "engine/runtimename.h"
#include "kern/host.h"

#define PODS "pods are not there"

#define A struct run_args

static int set_runtime(unused_arg void *args, const char *value, struct err *err)
{
	return runtime_name_check(value, err);
}

/* "Not given" is a negative number, so what waits for ever is the largest. */
static int set_stop_timeout(void *args, const char *value, struct err *err)
{
	struct run_args *a = args;
	int64_t seconds;

	if (str_i64(value, -1, INT_MAX, &seconds) < 0)
		return err_set(err, -EINVAL, "it takes seconds, or -1 to wait for ever");
	a->create.stop_timeout = seconds < 0 ? INT_MAX : (int)seconds;
	return 0;
}

static int set_seccomp_policy(unused_arg void *args, const char *value, struct err *err)
{
	if (str_eq(value, "default"))
		return 0;
	err_set(err, -EINVAL, "there is only 'default'");
	return err_hint(err, "give a profile with --security-opt seccomp=FILE");
}

static int set_volume_driver(unused_arg void *args, const char *value, struct err *err)
{
	if (str_eq(value, "local"))
		return 0;
	err_set(err, -EINVAL, "there is only 'local'");
	return err_hint(err, "mount what another program provides with -v DIR:TARGET");
}

const struct opt create_opts[] = {
	/* the process */
	OPT_LIST('e', "env", "NAME[=VALUE]", A, create.env, COMPLETE_NONE,
		 "set a variable; a name alone takes the caller's value"),
	OPT_LIST(0, "env-file", "FILE", A, create.env_files, COMPLETE_FILE,
		 "set the variables of a file"),
	OPT_FLAG(0, "env-host", A, create.env_host, "take all variables of the caller"),
	OPT_LIST(0, "env-merge", "NAME=VALUE", A, create.env_merge, COMPLETE_NONE,
		 "set a variable from the image's, written $NAME in the value"),
	OPT_LIST(0, "unsetenv", "NAME", A, create.unset_env, COMPLETE_NONE,
		 "leave a variable of the image out"),
	OPT_FLAG(0, "unsetenv-all", A, create.unset_env_all, "leave all default variables out"),
	OPT_TRI(0, "http-proxy", A, http_proxy, "take the caller's proxy variables"),
	OPT_TEXT(0, "entrypoint", "COMMAND", A, create.entrypoint, COMPLETE_NONE,
		 "program instead of the image's; a JSON list gives several words"),
	OPT_TEXT('w', "workdir", "DIR", A, create.workdir, COMPLETE_NONE, "working directory"),
	OPT_TEXT('u', "user", "USER[:GROUP]", A, create.user, COMPLETE_NONE,
		 "name or number of the user and group"),
	OPT_LIST(0, "group-add", "GROUP", A, create.groups, COMPLETE_NONE,
		 "further group; keep-groups keeps the caller's"),
	OPT_TRI(0, "passwd", A, passwd,
		"add a user that the image does not know to its passwd and group"),
	OPT_TEXT(0, "passwd-entry", "LINE", A, create.passwd_entry, COMPLETE_NONE,
		 "how that line looks: $USERNAME, $UID, $GID, $NAME, $HOME"),
	OPT_TEXT(0, "group-entry", "LINE", A, create.group_entry, COMPLETE_NONE,
		 "how a group's looks: $GROUPNAME, $GID, $USERLIST"),
	OPT_LIST(0, "hostuser", "USER", A, create.host_users, COMPLETE_NONE,
		 "add a user of the host to its passwd"),
	OPT_FLAG('t', "tty", A, create.tty, "give it a terminal"),
	OPT_LIST('a', "attach", "STREAM", A, create.attach, COMPLETE_NONE,
		 "carry only stdin, stdout or stderr"),
	OPT_FLAG('i', "interactive", A, create.interactive, "keep its standard input open"),
	OPT_TEXT(0, "init-path", "FILE", A, create.init_path, COMPLETE_FILE,
		 "program of the host that --init runs instead of ours"),
	OPT_WORDS(0, "systemd", "HOW", A, create.systemd, "true false always",
		  "run it as systemd wants to be run: true is when it is systemd"),
	OPT_FLAG(0, "init", A, create.init, "run an init that reaps and forwards signals"),
	OPT_TEXT(0, "stop-signal", "SIGNAL", A, create.stop_signal, COMPLETE_NONE,
		 "signal that stops it"),
	OPT_CALL(0, "stop-timeout", "SECONDS", set_stop_timeout, COMPLETE_NONE,
		 "seconds until a stop kills it (default 10); -1 waits for ever"),
	OPT_INT(0, "timeout", "SECONDS", A, create.timeout, "kill it after so many seconds"),
	OPT_TEXT(0, "umask", "MODE", A, create.umask, COMPLETE_NONE, "umask (default 0022)"),
	OPT_TEXT(0, "tz", "ZONE", A, create.timezone, COMPLETE_NONE,
		 "time zone; local is the host's"),
	OPT_TEXT(0, "detach-keys", "KEYS", A, create.detach_keys, COMPLETE_NONE,
		 "keys that detach (default ctrl-p,ctrl-q)"),

	/* namespaces */
	OPT_TEXT(0, "pid", "MODE", A, create.pid, COMPLETE_NONE, "private, host, container:NAME"),
	OPT_TEXT(0, "ipc", "MODE", A, create.ipc, COMPLETE_NONE, "private, host, container:NAME"),
	OPT_TEXT(0, "uts", "MODE", A, create.uts, COMPLETE_NONE, "private, host, container:NAME"),
	OPT_TEXT(0, "cgroupns", "MODE", A, create.cgroupns, COMPLETE_NONE, "private or host"),
	OPT_TEXT(0, "userns", "MODE", A, create.userns, COMPLETE_NONE,
		 "host, keep-id[:uid=N,gid=N], nomap, auto[:size=N]"),
	OPT_LIST(0, "uidmap", "CONTAINER:FROM[:AMOUNT]", A, create.uid_maps, COMPLETE_NONE,
		 "map users; FROM: 0 is the caller, 1 and up the sub-ids, @ID is the host's"),
	OPT_LIST(0, "gidmap", "CONTAINER:FROM[:AMOUNT]", A, create.gid_maps, COMPLETE_NONE,
		 "map groups"),
	OPT_TEXT(0, "subuidname", "NAME", A, create.subuid, COMPLETE_NONE,
		 "map users to the ids that NAME has in /etc/subuid"),
	OPT_TEXT(0, "subgidname", "NAME", A, create.subgid, COMPLETE_NONE,
		 "map groups to the ids that NAME has in /etc/subgid"),

	/* network */
	OPT_LIST(0, "network", "MODE", A, create.networks, COMPLETE_NETWORKS,
		 "NAME[:ip=,ip6=,mac=,alias=,interface_name=,gw-priority=], none, host, "
		 "container:NAME, slirp4netns[:OPTION=VALUE,...], fast[:OPTION=VALUE,...], "
		 "pasta[:OPTION,...]"),
	OPT_ALIAS(0, "net", "network"),
	OPT_LIST(0, "network-alias", "NAME", A, create.network_aliases, COMPLETE_NONE,
		 "further name of it for the other containers of its networks"),
	OPT_ALIAS(0, "net-alias", "network-alias"),
	OPT_LIST(0, "link", "CONTAINER[:ALIAS]", A, create.links, COMPLETE_CONTAINERS,
		 "another container of a network that was made, which it alone calls ALIAS"),
	OPT_TEXT(0, "ip", "ADDRESS", A, create.ip, COMPLETE_NONE,
		 "its IPv4 address in its network"),
	OPT_TEXT(0, "ip6", "ADDRESS", A, create.ip6, COMPLETE_NONE,
		 "its IPv6 address in its network"),
	OPT_TEXT(0, "mac-address", "ADDRESS", A, create.mac_address, COMPLETE_NONE,
		 "MAC address of its interface"),
	OPT_TEXT(0, "network-rate", "RATE", A, create.network_rate, COMPLETE_NONE,
		 "limit the network: 10mbit, or up=10mbit,down=100mbit; published ports too"),
	OPT_LIST('p', "publish", "[IP:][HOST:]PORT[/PROTO]", A, create.publish, COMPLETE_NONE,
		 "publish a port or a range of ports; without HOST, or with 0, at a free one"),
	OPT_FLAG('P', "publish-all", A, create.publish_all,
		 "publish all exposed ports at random ones"),
	OPT_LIST(0, "expose", "PORT[/PROTO]", A, create.expose, COMPLETE_NONE, "expose a port"),
	OPT_TEXT('h', "hostname", "NAME", A, create.hostname, COMPLETE_NONE, "host name inside"),
	OPT_TEXT(0, "domainname", "NAME", A, create.domainname, COMPLETE_NONE,
		 "domain name inside"),
	OPT_LIST(0, "dns", "ADDRESS", A, create.dns, COMPLETE_NONE,
		 "name server; none keeps the image's resolv.conf"),
	OPT_LIST(0, "dns-search", "DOMAIN", A, create.dns_search, COMPLETE_NONE, "search domain"),
	OPT_LIST(0, "dns-option", "OPTION", A, create.dns_options, COMPLETE_NONE,
		 "option of resolv.conf"),
	OPT_ALIAS(0, "dns-opt", "dns-option"),
	OPT_LIST(0, "add-host", "NAME:IP", A, create.add_hosts, COMPLETE_NONE,
		 "line of /etc/hosts; host-gateway stands for the host"),
	OPT_FLAG(0, "no-hosts", A, create.no_hosts, "leave the image's /etc/hosts as it is"),
	OPT_TEXT(0, "hosts-file", "FILE", A, create.hosts_file, COMPLETE_FILE,
		 "what /etc/hosts begins with: a file of the host, image, or none"),
	OPT_FLAG(0, "no-hostname", A, create.no_hostname,
		 "leave the image's /etc/hostname as it is"),

	/* files */
	OPT_LIST('v', "volume", "[SOURCE:]TARGET[:OPTIONS]", A, create.volumes, COMPLETE_FILE,
		 "mount a folder, a file or a volume"),
	OPT_LIST(0, "mount", "type=TYPE,...", A, create.mounts, COMPLETE_NONE,
		 "mount a bind, volume, tmpfs, ramfs, devpts, image or glob"),
	OPT_LIST(0, "tmpfs", "TARGET[:OPTIONS]", A, create.tmpfs, COMPLETE_NONE, "mount a tmpfs"),
	OPT_LIST(0, "volumes-from", "CONTAINER[:ro,z]", A, create.volumes_from, COMPLETE_CONTAINERS,
		 "mount what another container mounts"),
	OPT_WORDS(0, "image-volume", "HOW", A, create.image_volume, "anonymous bind tmpfs ignore",
		  "what the image's volumes become: anonymous (or bind), tmpfs, ignore"),
	OPT_FLAG(0, "read-only", A, create.read_only, "make its root file system read-only"),
	OPT_TRI(0, "read-only-tmpfs", A, read_only_tmpfs,
		"keep /run, /tmp and /var/tmp writable with --read-only"),
	OPT_LIST(0, "device", "HOST[:INSIDE][:rwm]", A, create.devices, COMPLETE_FILE,
		 "give it a device, or one that its maker describes: VENDOR/CLASS=NAME"),
	OPT_TEXT(0, "gpus", "WHICH", A, create.gpus, COMPLETE_NONE,
		 "give it GPUs that their maker describes: all, a number, device=NAME,..."),
	OPT_TEXT(0, "shm-size-systemd", "SIZE", A, create.systemd_size, COMPLETE_NONE,
		 "size of each folder that --systemd keeps in memory"),
	OPT_TEXT(0, "shm-size", "SIZE", A, create.shm_size, COMPLETE_NONE,
		 "size of /dev/shm (default 64m)"),
	OPT_LIST(0, "secret", "NAME[,OPTION=VALUE,...]", A, create.secrets, COMPLETE_SECRETS,
		 "give it a secret: type=mount|env, target=, uid=, gid=, mode="),
	OPT_FLAG(0, "rootfs", A, create.rootfs,
		 "the first argument is a folder, not an image; DIR:O leaves it unchanged"),

	/* rights */
	OPT_FLAG(0, "privileged", A, create.privileged, "give it all that the caller can give"),
	OPT_LIST(0, "cap-add", "CAP", A, create.cap_add, COMPLETE_NONE, "add a capability, or all"),
	OPT_LIST(0, "cap-drop", "CAP", A, create.cap_drop, COMPLETE_NONE,
		 "drop a capability, or all"),
	OPT_LIST(
		0, "security-opt", "OPTION", A, create.security_opts, COMPLETE_NONE,
		"no-new-privileges, seccomp=FILE|unconfined, mask=PATH, unmask=PATH, proc-opts=OPTION"),
	OPT_LIST(0, "ulimit", "NAME=SOFT[:HARD]", A, create.ulimits, COMPLETE_NONE,
		 "limit of a process"),
	OPT_LIST(0, "sysctl", "NAME=VALUE", A, create.sysctls, COMPLETE_NONE,
		 "kernel setting of its namespaces"),

	/* limits */
	OPT_INCLUDE(A, create.resources, resource_step_opts),
	OPT_INCLUDE(A, create.resources, resource_opts),
	OPT_TEXT(0, "oom-score-adj", "N", A, create.resources.oom_score, COMPLETE_NONE,
		 "how willingly the kernel ends it where memory is short, up to 1000"),
	OPT_WORDS(0, "cgroups", "HOW", A, create.cgroups, "enabled disabled no-conmon split",
		  "its control group: enabled, disabled, no-conmon (the monitor stays where it is), "
		  "split (below the group of the caller)"),
	OPT_TEXT(0, "cgroup-parent", "GROUP", A, create.cgroup_parent, COMPLETE_NONE,
		 "what its control group is made in: a slice, or with cgroupfs a path"),
	OPT_LIST(0, "cgroup-conf", "FILE=VALUE", A, create.resources.conf, COMPLETE_NONE,
		 "set a file of its control group: memory.high=1073741824"),

	/* keeping */
	OPT_CALL(0, "runtime", "NAME", set_runtime, COMPLETE_NONE,
		 "only cubby's own: cubby, or crun and runc, which mean it"),
	OPT_TEXT(0, "name", "NAME", A, create.name, COMPLETE_NONE, "its name"),
	OPT_LIST('l', "label", "KEY[=VALUE]", A, create.labels, COMPLETE_NONE, "label it"),
	OPT_LIST(0, "label-file", "FILE", A, create.label_files, COMPLETE_FILE,
		 "label it from a file"),
	OPT_LIST(0, "annotation", "KEY=VALUE", A, create.annotations, COMPLETE_NONE, "annotate it"),
	OPT_WORDS(0, "log-driver", "DRIVER", A, create.log_driver,
		  "json-file k8s-file journald none passthrough", "where its output is kept"),
	OPT_LIST(
		0, "log-opt", "OPTION", A, create.log_options, COMPLETE_NONE,
		"max-size=SIZE (default 20m), max-file=N (default 5), path=FILE, tag=TEXT, labels=, env="),
	OPT_TEXT(0, "cidfile", "FILE", A, create.cidfile, COMPLETE_FILE, "write its id to a file"),
	OPT_TEXT(0, "pidfile", "FILE", A, create.pidfile, COMPLETE_FILE,
		 "write the host's number of its first process to a file"),
	OPT_TEXT(0, "conmon-pidfile", "FILE", A, create.monitor_pidfile, COMPLETE_FILE,
		 "write the host's number of its monitor to a file"),
	OPT_FLAG(0, "rm", A, create.remove, "remove it when it ends"),
	OPT_WORDS(0, "restart", "POLICY", A, create.restart, "no on-failure always unless-stopped",
		  "start it again when it ends: no, on-failure[:COUNT], always, unless-stopped"),
	OPT_FLAG(0, "replace", A, create.replace, "remove the container that has its name first"),

	OPT_WORDS(0, "sdnotify", "WHO", A, create.sdnotify, "conmon container healthy ignore",
		  "who tells NOTIFY_SOCKET that it is ready: conmon, container, healthy, ignore"),
	OPT_LIST(0, "requires", "CONTAINER", A, create.requires, COMPLETE_CONTAINERS,
		 "container that is started before this one"),
	OPT_INCLUDE(A, create.health, health_opts),

	/* the image */
	OPT_ENUM(0, "pull", "POLICY", A, create.pull, create_pull_names,
		 "when the image is pulled: missing, always, never, newer"),
	OPT_TEXT(0, "platform", "OS/ARCH", A, create.platform, COMPLETE_NONE,
		 "platform of the image"),
	OPT_TEXT(0, "arch", "ARCH", A, arch, COMPLETE_NONE, "architecture of the image"),
	OPT_TEXT(0, "os", "OS", A, os, COMPLETE_NONE, "operating system of the image"),
	OPT_TEXT(0, "variant", "VARIANT", A, variant, COMPLETE_NONE, "variant of the architecture"),
	OPT_TRI(0, "tls-verify", A, tls_verify, "ask the registry for a good certificate"),
	OPT_TEXT(0, "authfile", "FILE", A, create.authfile, COMPLETE_FILE,
		 "file with the registries' passwords"),
	OPT_TEXT(0, "creds", "USER[:PASSWORD]", A, create.creds, COMPLETE_NONE,
		 "name and password for the registry; one left out is asked for"),
	OPT_TEXT(0, "cert-dir", "DIR", A, create.cert_dir, COMPLETE_DIR,
		 "folder with the registry's certificates"),
	OPT_COUNT(0, "retry", "N", A, create.retries,
		  "how often a failure of a pull that may pass is tried again (5)"),
	OPT_DURATION(0, "retry-delay", "TIME", A, create.retry_delay,
		     "the wait before the first time, which doubles (0.5s)"),
	OPT_FLAG('q', "quiet", A, create.quiet, "show no progress of a pull"),

	/* so anyway */
	OPT_CALL(0, "seccomp-policy", "POLICY", set_seccomp_policy, COMPLETE_NONE, "only default"),
	OPT_CALL(0, "volume-driver", "DRIVER", set_volume_driver, COMPLETE_NONE, "only local"),

	/* not there */
	OPT_REFUSED(0, "device-cgroup-rule",
		    "a user has no controller of devices; give each device with --device"),
	OPT_REFUSED(0, "pod", PODS),
	OPT_REFUSED(0, "pod-id-file", PODS),
	OPT_REFUSED(0, "storage-opt",
		    "sizes of writable layers need quotas of the file system, which only the host's "
		    "root may set; options of mounting stand in front of the command"),
	OPT_HARMLESS(0, "disable-content-trust", "nothing is asked to be signed"),
	OPT_REFUSED(0, "link-local-ip",
		    "an interface has the link-local addresses that its network gives"),
	OPT_REFUSED(0, "init-ctr", PODS),
	OPT_REFUSED(0, "chrootdirs", "mount what is needed with -v"),
	OPT_REFUSED(0, "decryption-key", "encrypted images are not there"),
	OPT_REFUSED(0, "personality", "start the program with setarch(8)"),
	OPT_REFUSED(0, "use-api-socket", "there is no socket: nothing runs that could answer"),
	OPT_REFUSED(0, "isolation", "that is Windows'"),
	OPT_END,
};

void run_args_clear(void *data)
{
	struct run_args *args = data;

	free(args->platform);
	args->platform = NULL;
	strv_clear(&args->create.command);
}

static void join_platform(struct app *app, struct run_args *args)
{
	if (!args->arch && !args->os && !args->variant)
		return;
	args->platform = str_fmt("%s/%s%s%s", str_or(args->os, "linux"),
				 str_or(args->arch, app->host->machine), args->variant ? "/" : "",
				 str_or(args->variant, ""));
	args->create.platform = args->platform;
}

int run_args_finish(struct app *app, struct run_args *args, const struct strv *words,
		    struct err *err)
{
	struct create_args *c = &args->create;
	bool podman = !app_docker(app);

	if (c->platform && (args->arch || args->os || args->variant))
		return err_set(err, -EINVAL,
			       "--platform cannot be given with --arch, --os, --variant");
	join_platform(app, args);
	c->image = words->items[0];
	for (size_t i = 1; i < words->count; i++)
		strv_add(&c->command, words->items[i]);
	c->http_proxy = args->http_proxy == TRI_UNSET ? podman : args->http_proxy == TRI_YES;
	c->read_only_tmpfs = args->read_only_tmpfs == TRI_UNSET ? podman
								: args->read_only_tmpfs == TRI_YES;
	c->passwd = args->passwd == TRI_UNSET ? -1 : args->passwd == TRI_YES;
	if (args->tls_verify != TRI_UNSET)
		c->tls_verify = args->tls_verify == TRI_YES;
	if (c->timeout < 0)
		return err_set(err, -EINVAL, "--timeout: %d is not a number of seconds",
			       c->timeout);
	return 0;
}
