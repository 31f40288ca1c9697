/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_run_opts - the options of build that say how RUN runs
 *
 * They fill what those of run fill. What a command can see of them is in the key of its step, but for limits:
 * they say whether it ends, not what it makes.
 */
#include <errno.h>
#include <string.h>

#include "cmd/build_opts.h"
#include "cmd/resource_opts.h"
#include "engine/createcheck.h"
#include "engine/runtimeflag.h"
#include "engine/runtimename.h"

#define A struct build_args

static int set_runtime(unused_arg void *args, const char *value, struct err *err)
{
	return runtime_name_check(value, err);
}

static int set_isolation(unused_arg void *args, const char *value, struct err *err)
{
	if (str_eq(value, "oci") || str_eq(value, "rootless") || str_eq(value, "default"))
		return 0;
	err_set(err, -EINVAL, "there are only oci, rootless and default");
	return err_hint(err, "every step runs in namespaces of its own, which no user needs rights "
			     "for");
}

const struct opt build_run_opts[] = {
	OPT_LIST(0, "network", "MODE", A, run.networks, COMPLETE_NETWORKS,
		 "network of RUN: default, none, host, NAME, slirp4netns[:OPTION=VALUE,...], "
		 "pasta[:OPTION,...]"),
	OPT_ALIAS(0, "net", "network"),
	OPT_LIST(0, "add-host", "NAME:IP", A, run.add_hosts, COMPLETE_NONE,
		 "line of /etc/hosts for RUN; host-gateway stands for the host"),
	OPT_LIST(0, "dns", "ADDRESS", A, run.dns, COMPLETE_NONE,
		 "name server for RUN; none keeps the image's resolv.conf"),
	OPT_LIST(0, "dns-search", "DOMAIN", A, run.dns_search, COMPLETE_NONE, "search domain"),
	OPT_LIST(0, "dns-option", "OPTION", A, run.dns_options, COMPLETE_NONE,
		 "option of resolv.conf"),
	OPT_FLAG(0, "no-hosts", A, run.no_hosts, "leave the image's /etc/hosts as it is"),
	OPT_FLAG(0, "no-hostname", A, run.no_hostname, "leave the image's /etc/hostname as it is"),
	OPT_TRI(0, "http-proxy", A, http_proxy, "give RUN the caller's proxy variables"),
	OPT_LIST('v', "volume", "SOURCE:TARGET[:OPTIONS]", A, run.volumes, COMPLETE_FILE,
		 "mount a folder or a volume for every RUN; nothing of it is in the image"),
	OPT_LIST(0, "mount", "type=TYPE,...", A, run.mounts, COMPLETE_NONE,
		 "mount so for every RUN, as run does"),
	OPT_LIST(0, "device", "HOST[:INSIDE][:rwm]", A, run.devices, COMPLETE_FILE,
		 "give RUN a device"),
	OPT_TEXT(0, "shm-size", "SIZE", A, run.shm_size, COMPLETE_NONE,
		 "size of RUN's /dev/shm (default 64m)"),
	OPT_LIST(0, "ulimit", "NAME=SOFT[:HARD]", A, run.ulimits, COMPLETE_NONE,
		 "limit of a process of RUN"),
	OPT_LIST(0, "group-add", "GROUP", A, run.groups, COMPLETE_NONE,
		 "further group of RUN; keep-groups keeps the caller's"),
	OPT_LIST(0, "cap-add", "CAP", A, run.cap_add, COMPLETE_NONE,
		 "add a capability to RUN, or all"),
	OPT_LIST(0, "cap-drop", "CAP", A, run.cap_drop, COMPLETE_NONE,
		 "drop a capability of RUN, or all"),
	OPT_LIST(0, "security-opt", "OPTION", A, run.security_opts, COMPLETE_NONE,
		 "no-new-privileges, seccomp=FILE|unconfined, mask=PATH, unmask=PATH, "
		 "proc-opts=OPTION"),
	OPT_FLAG(0, "stdin", A, input,
		 "let RUN read the standard input; stages are built one after the other"),
	OPT_TEXT(0, "pid", "MODE", A, run.pid, COMPLETE_NONE, "private or host"),
	OPT_TEXT(0, "ipc", "MODE", A, run.ipc, COMPLETE_NONE, "private or host"),
	OPT_TEXT(0, "uts", "MODE", A, run.uts, COMPLETE_NONE, "private or host"),
	OPT_TEXT(0, "cgroupns", "MODE", A, run.cgroupns, COMPLETE_NONE, "private or host"),
	OPT_INCLUDE(A, run.resources, resource_step_opts),
	OPT_TEXT(0, "cgroup-parent", "GROUP", A, run.cgroup_parent, COMPLETE_NONE,
		 "what the control groups of RUN are made in"),
	OPT_LIST(0, "hooks-dir", "DIR", A, hook_folders, COMPLETE_DIR,
		 "folder with files of hooks, programs that are run for each RUN"),
	OPT_INCLUDE(A, userns, build_userns_opts),
	OPT_CALL(0, "isolation", "KIND", set_isolation, COMPLETE_NONE,
		 "only oci, which rootless and default mean"),
	OPT_CALL(0, "runtime", "NAME", set_runtime, COMPLETE_NONE,
		 "only cubby's own: cubby, or crun and runc, which mean it"),
	OPT_LIST(0, "runtime-flag", "NAME[=VALUE]", A, runtime_flags, COMPLETE_NONE,
		 RUNTIME_FLAG_HELP),
	OPT_REFUSED(0, "resource", "give --memory, --cpu-quota and their like"),
	OPT_END,
};

/* buildah says "container" where run says "private". */
static int check_mode(const char *name, const char **mode, struct err *err)
{
	if (!*mode || str_eq(*mode, "host") || str_eq(*mode, "private"))
		return 0;
	if (!str_eq(*mode, "container"))
		return err_set(err, -EINVAL, "--%s: '%s' is neither 'private' nor 'host'", name,
			       *mode);
	*mode = "private";
	return 0;
}

static int check_volumes(const struct strv *volumes, struct err *err)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (!strchr(volumes->items[i], ':'))
			return err_set(err, -EINVAL,
				       "-v '%s': a volume without a source would be lost",
				       volumes->items[i]);
	return 0;
}

static void add_to_key(const struct create_args *run, struct strv *out)
{
	const struct {
		const char *name;
		const struct strv *list;
	} lists[] = {
		{ "network", &run->networks },	{ "add-host", &run->add_hosts },
		{ "dns", &run->dns },		{ "dns-search", &run->dns_search },
		{ "volume", &run->volumes },	{ "dns-option", &run->dns_options },
		{ "mount", &run->mounts },	{ "device", &run->devices },
		{ "ulimit", &run->ulimits },	{ "group-add", &run->groups },
		{ "cap-add", &run->cap_add },	{ "security-opt", &run->security_opts },
		{ "cap-drop", &run->cap_drop },
	};
	const char *const texts[][2] = {
		{ "shm-size", run->shm_size },
		{ "pid", run->pid },
		{ "ipc", run->ipc },
		{ "uts", run->uts },
		{ "cgroupns", run->cgroupns },
		{ "no-hosts", run->no_hosts ? "yes" : NULL },
		{ "no-hostname", run->no_hostname ? "yes" : NULL },
	};

	for (size_t i = 0; i < array_len(lists); i++)
		for (size_t k = 0; k < lists[i].list->count; k++)
			strv_addf(out, "%s=%s", lists[i].name, lists[i].list->items[k]);
	for (size_t i = 0; i < array_len(texts); i++)
		if (texts[i][1])
			strv_addf(out, "%s=%s", texts[i][0], texts[i][1]);
}

static int take_runtime_flags(const struct app *app, const struct build_args *args, struct err *err)
{
	AUTO(runtime_flags) struct runtime_flags flags = { 0 };
	int r = runtime_flags_parse(&args->runtime_flags, app->globals.cgroup_manager, &flags, err);

	if (r == 0 && flags.cgroup_manager)
		str_set(&app->engine->cgroup_manager, flags.cgroup_manager);
	return r < 0 ? r : runtime_flags_apply(&flags, err);
}

int build_run_options(const struct app *app, const struct build_args *args,
		      struct build_options *out, struct err *err)
{
	struct create_args run = args->run;
	const struct {
		const char *name;
		const char **mode;
	} modes[] = {
		{ "pid", &run.pid },
		{ "ipc", &run.ipc },
		{ "uts", &run.uts },
		{ "cgroupns", &run.cgroupns },
	};
	int r = check_volumes(&run.volumes, err);

	engine_hook_folders(app->engine, &args->hook_folders);
	for (size_t i = 0; r == 0 && i < array_len(modes); i++)
		r = check_mode(modes[i].name, modes[i].mode, err);
	if (r == 0)
		r = take_runtime_flags(app, args, err);
	/* Also where every step is cached, or none is a RUN. */
	if (r == 0)
		r = createcheck_step(app->engine, &run, err);
	if (r < 0)
		return r;
	run.http_proxy = args->http_proxy == TRI_UNSET ? !app_docker(app)
						       : args->http_proxy == TRI_YES;
	for (size_t i = 0; i < app->engine->hook_folders.count; i++)
		strv_addf(&out->run_key, "hooks-dir=%s", app->engine->hook_folders.items[i]);
	add_to_key(&run, &out->run_key);
	if (args->input)
		strv_add(&out->run_key, "stdin=yes");
	out->run = run;
	return build_userns_plan(app->engine, &args->userns, out, err);
}
