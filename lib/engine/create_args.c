/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create_args - what the user asked for, as typed
 */
#include "engine/create_args.h"

const char *const create_pull_names[] = { "missing", "always", "never", "newer", NULL };

void create_args_clear(struct create_args *args)
{
	struct strv *const lists[] = {
		&args->command,	     &args->env,
		&args->env_files,    &args->env_merge,
		&args->unset_env,    &args->groups,
		&args->networks,     &args->network_aliases,
		&args->publish,	     &args->expose,
		&args->dns,	     &args->dns_search,
		&args->dns_options,  &args->add_hosts,
		&args->volumes,	     &args->mounts,
		&args->tmpfs,	     &args->volumes_from,
		&args->devices,	     &args->cap_add,
		&args->cap_drop,     &args->security_opts,
		&args->ulimits,	     &args->sysctls,
		&args->labels,	     &args->label_files,
		&args->annotations,  &args->log_options,
		&args->command_line, &args->secrets,
		&args->attach,	     &args->host_users,
		&args->uid_maps,     &args->gid_maps,
		&args->links,
	};

	for (size_t i = 0; i < array_len(lists); i++)
		strv_clear(lists[i]);
	*args = (struct create_args){ 0 };
}
