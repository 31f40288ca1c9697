/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container - what is known of one container: the tables that its two files are read and written by
 *
 * Keys are the fields' names: the files are ours alone; `inspect` has names of its own.
 */
#include "store/container.h"

#include <stdlib.h>

const char *const container_status_names[] = {
	[CONTAINER_CREATED] = "created",   [CONTAINER_RUNNING] = "running",
	[CONTAINER_PAUSED] = "paused",	   [CONTAINER_RESTARTING] = "restarting",
	[CONTAINER_REMOVING] = "removing", [CONTAINER_EXITED] = "exited",
	[CONTAINER_DEAD] = "dead",	   NULL,
};

#define M(kind, f) J_##kind(#f, struct mount_config, f)
static const struct jfield mount_fields[] = {
	M(TEXT, type),	    M(TEXT, source),	 M(TEXT, name),	  M(TEXT, target),
	M(TEXT, subpath),   M(STRV, options),	 M(STRV, labels), M(STRV, layers),
	M(BOOL, anonymous), M(BOOL, from_image), M(STRV, stores), J_END,
};
#undef M

#define U(kind, f) J_##kind(#f, struct secret_use, f)
static const struct jfield secret_use_fields[] = {
	U(TEXT, name), U(TEXT, id), U(BOOL, env), U(TEXT, target),
	U(I64, uid),   U(I64, gid), U(INT, mode), J_END,
};
#undef U

#define C(kind, f) J_##kind(#f, struct container_config, f)
const struct jfield container_config_fields[] = {
	C(TEXT, id),
	C(TEXT, name),
	C(I64, created),
	C(TEXT, image_id),
	C(TEXT, image_name),
	C(TEXT, image_digest),
	C(TEXT, platform),
	C(STRV, image_stores),
	C(TEXT, rootfs),
	C(BOOL, rootfs_overlay),
	C(STRV, layers),
	C(TEXT, driver),
	C(TEXT, mount_program),
	C(STRV, mount_options),
	C(BOOL, show_owners),
	C(STRV, entrypoint),
	C(STRV, command),
	C(STRV, env),
	C(TEXT, workdir),
	C(TEXT, user),
	C(BOOL, passwd),
	C(TEXT, passwd_entry),
	C(TEXT, group_entry),
	C(STRV, host_users),
	C(STRV, groups),
	C(BOOL, tty),
	C(BOOL, open_stdin),
	C(BOOL, init),
	C(TEXT, init_path),
	C(BOOL, systemd),
	C(I64, systemd_size),
	C(INT, stop_signal),
	C(INT, stop_timeout),
	C(INT, timeout),
	C(TEXT, umask),
	C(TEXT, timezone),
	C(TEXT, detach_keys),
	C(TEXT, pid_mode),
	C(TEXT, ipc_mode),
	C(TEXT, uts_mode),
	C(TEXT, cgroupns_mode),
	C(TEXT, userns_mode),
	C(TEXT, uid_map),
	C(TEXT, gid_map),
	C(TEXT, network_mode),
	C(STRV, network_options),
	J_LIST("endpoints", struct container_config, endpoints, endpoint_fields),
	C(TEXT, network_rate),
	C(STRV, ports),
	C(BOOL, publish_all),
	C(STRV, expose),
	C(TEXT, hostname),
	C(TEXT, domainname),
	C(STRV, dns),
	C(STRV, dns_search),
	C(STRV, dns_options),
	C(STRV, add_hosts),
	C(BOOL, no_hosts),
	C(TEXT, hosts_file),
	C(BOOL, no_hostname),
	C(BOOL, read_only),
	C(BOOL, read_only_tmpfs),
	J_LIST("mounts", struct container_config, mounts, mount_fields),
	C(STRV, cdi_devices),
	C(STRV, cdi_folders),
	C(STRV, hook_folders),
	C(STRV, devices),
	C(I64, shm_size),
	J_LIST("secrets", struct container_config, secrets, secret_use_fields),
	J_STRUCT("resources", struct container_config, resources, resources_fields),
	C(TEXT, cgroups),
	C(TEXT, cgroup_manager),
	C(TEXT, cgroup_parent),
	C(BOOL, privileged),
	C(STRV, cap_add),
	C(STRV, cap_drop),
	C(BOOL, no_new_privs),
	C(TEXT, seccomp),
	C(STRV, mask),
	C(STRV, unmask),
	C(STRV, proc_options),
	C(STRV, ulimits),
	C(STRV, sysctls),
	C(STRV, labels),
	C(STRV, annotations),
	C(TEXT, log_driver),
	C(STRV, log_options),
	C(STRV, attach),
	C(TEXT, pidfile),
	C(TEXT, monitor_pidfile),
	C(TEXT, cidfile),
	J_STRUCT("health", struct container_config, health, health_config_fields),
	C(TEXT, sdnotify),
	C(STRV, requires),
	C(TEXT, restart),
	C(BOOL, remove),
	C(BOOL, build),
	C(STRV, create_command),
	J_END,
};
#undef C

#define S(kind, f) J_##kind(#f, struct container_state, f)
/* In the order of the struct: the reader finds each key where it left off. */
const struct jfield container_state_fields[] = {
	J_TEXT("status", struct container_state, status_name),
	S(TEXT, host_id),
	S(TEXT, boot_id),
	S(INT, pid),
	S(I64, pid_start),
	S(INT, monitor_pid),
	S(I64, monitor_start),
	S(I64, started),
	S(I64, finished),
	S(INT, exit_code),
	S(TEXT, error),
	S(BOOL, oom_killed),
	S(BOOL, stopped_by_user),
	S(INT, restarts),
	S(I64, paused),
	S(I64, log_entries),
	S(INT, fallbacks),
	S(TEXT, cgroup),
	S(TEXT, cgroup_manager),
	S(I64, memory),
	S(STRV, ports),
	J_LIST("attachments", struct container_state, attachments, attachment_fields),
	S(TEXT, ip_address),
	S(TEXT, ip6_address),
	S(TEXT, mac_address),
	S(TEXT, gateway),
	S(TEXT, id),
	S(TEXT, name),
	S(TEXT, image_name),
	S(TEXT, image_id),
	S(TEXT, command),
	S(I64, created),
	S(STRV, labels),
	S(STRV, mounts),
	S(TEXT, network),
	S(STRV, networks),
	S(TEXT, restart),
	S(TEXT, health),
	S(BOOL, remove),
	S(BOOL, build),
	S(BOOL, tty),
	J_END,
};
#undef S

void container_config_mounts(const struct container_config *config, struct strv *out)
{
	for (size_t i = 0; i < config->mounts.count; i++)
		if (config->mounts.items[i].source)
			strv_add(out, str_or(config->mounts.items[i].name,
					     config->mounts.items[i].source));
}

void container_config_layers(const struct container_config *config, struct strv *out)
{
	for (size_t i = 0; i < config->layers.count; i++)
		if (!str_starts(config->layers.items[i], "tmp/"))
			strv_add(out, config->layers.items[i]);
	for (size_t i = 0; i < config->mounts.count; i++)
		strv_extend(out, &config->mounts.items[i].layers);
}

void container_state_networks(struct container_state *state, const struct container_config *config)
{
	str_set(&state->network, config->network_mode);
	strv_clear(&state->networks);
	for (size_t i = 0; i < config->endpoints.count; i++)
		strv_add(&state->networks, config->endpoints.items[i].network);
}

void container_config_free(struct container_config *config)
{
	if (!config)
		return;
	jfield_clear(container_config_fields, config);
	free(config);
}

void container_state_free(struct container_state *state)
{
	if (!state)
		return;
	jfield_clear(container_state_fields, state);
	free(state);
}
