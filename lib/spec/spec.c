/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec - from a container's record to what the runtime runs
 */
#include "spec/spec.h"

#include "spec/facts.h"
#include "spec/fallback.h"
#include "spec/ids.h"
#include "spec/make.h"
#include "spec/user.h"

const struct jfield exec_config_fields[] = {
	J_STRV("Argv", struct exec_config, argv),
	J_STRV("Env", struct exec_config, env),
	J_TEXT("User", struct exec_config, user),
	J_TEXT("WorkDir", struct exec_config, workdir),
	J_BOOL("Tty", struct exec_config, tty),
	J_BOOL("Privileged", struct exec_config, privileged),
	J_TEXT("Umask", struct exec_config, umask),
	J_STRV("CapAdd", struct exec_config, cap_add),
	J_END,
};

void exec_config_clear(struct exec_config *exec)
{
	jfield_clear(exec_config_fields, exec);
}

static void take_limits(const struct spec_args *args, struct spec_facts *facts)
{
	facts->resources = args->resources ? args->resources : &args->config->resources;
	facts->seed = fallback_seed(args->config->id);
	fallback_measure(args->fallbacks, facts);
}

int spec_build(const struct spec_args *args, struct runtime_spec **out, struct err *err)
{
	AUTO(strv) struct strv devices = { 0 };
	AUTO(user) struct user user = { 0 };
	struct spec_facts facts;

	facts_measure(args->host, args->identity, args->config, args->state_dir, args->volumes_dir,
		      &devices, &facts);
	facts.secret_env = args->secret_env;
	take_limits(args, &facts);
	AUTO(mem) char *text = spec_user(args->config, &facts);
	int r = user_load(args->rootfs, text, &args->config->groups, &user, err);
	if (r < 0)
		return r;
	facts.user = &user;
	return spec_make(args->config, &facts, out, err);
}

int spec_exec(const struct spec_args *args, const struct exec_config *exec,
	      struct runtime_spec **out, struct err *err)
{
	AUTO(strv) struct strv devices = { 0 };
	AUTO(user) struct user user = { 0 };
	struct spec_facts facts;

	facts_measure(args->host, args->identity, args->config, NULL, NULL, &devices, &facts);
	facts.secret_env = args->secret_env;
	take_limits(args, &facts);
	AUTO(mem) char *text = exec->user ? str_dup(exec->user) : spec_user(args->config, &facts);
	int r = user_load(args->rootfs, text, &args->config->groups, &user, err);
	if (r < 0)
		return r;
	facts.user = &user;
	struct spec_process process = {
		.args = &exec->argv,
		.env = &exec->env,
		.workdir = exec->workdir,
		.umask = exec->umask,
		.cap_add = &exec->cap_add,
		.terminal = exec->tty,
		.privileged = exec->privileged,
	};
	return spec_make_process(args->config, &facts, &process, out, err);
}

int spec_root_maps(const struct host *host, const struct identity_plan *identity,
		   const struct container_config *config, char **out_uids, char **out_gids,
		   struct err *err)
{
	AUTO(strv) struct strv devices = { 0 };
	struct spec_facts facts;

	if (!config->userns_mode) /* the usual case: nothing to find out */
		return 0;
	facts_measure(host, identity, config, NULL, NULL, &devices, &facts);
	return spec_owner_maps(config, &facts, out_uids, out_gids, err);
}
