/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runplan - what the box of a RUN is given: its command, its environment, its mounts
 */
#include "build/runplan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/json.h"
#include "build/copykey.h"
#include "engine/secretuse.h"
#include "oci/base64.h"

#define SECRETS "/run/secrets"

enum { SCRIPT_MODE = 0755, SECRET_MODE = 0400 };

/* ---- making ----------------------------------------------------------------------------------- */

static const struct build_secret *secret_of(const struct build_options *options, const char *id)
{
	const struct build_secrets *secrets = &options->secrets;

	for (size_t i = 0; i < secrets->count; i++)
		if (str_eq(secrets->items[i].id, id))
			return &secrets->items[i];
	return NULL;
}

static int check_given(const struct build_options *options, const struct runmount *m,
		       struct err *err)
{
	if (!m->required || !m->id)
		return 0;
	if (m->type == RUNMOUNT_SECRET && !secret_of(options, m->id)) {
		(void)err_set(err, -ENOENT, "the secret '%s' is required and was not given", m->id);
		return err_hint(err, "give it with --secret id=%s,src=FILE", m->id);
	}
	if (m->type == RUNMOUNT_SSH && !strv_env_get(&options->ssh, m->id)) {
		(void)err_set(err, -ENOENT, "the agent '%s' is required and was not given", m->id);
		return err_hint(err, "give it with --ssh %s", m->id);
	}
	return 0;
}

int runplan_check(const struct build_options *options, const struct instruction *in,
		  struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < in->run.mounts.count; i++)
		r = check_given(options, &in->run.mounts.items[i], err);
	if (r < 0 || !in->run.insecure || options->allow_insecure)
		return r;
	(void)err_set(err, -EPERM, "RUN --security=insecure is not allowed");
	return err_hint(err, "allow it with --allow security.insecure");
}

/* Where a mount is in the box; NULL for one that is not mounted. */
static char *target_of(const struct runplan *plan, const struct runmount *m, size_t at)
{
	if (m->target)
		return evolve_folder(plan->work->sofar.config, m->target);
	if (m->type == RUNMOUNT_SSH)
		return str_fmt("/run/buildkit/ssh_agent.%zu", at);
	return m->type == RUNMOUNT_SECRET && !m->env ? str_fmt(SECRETS "/%s", m->id) : NULL;
}

static int look_up(struct runplan *plan, size_t at, struct err *err)
{
	const struct runmount *m = runplan_mount(plan, at);
	AUTO(mem) char *target = target_of(plan, m, at);
	struct sofar *from = vec_push(&plan->from);

	*from = (struct sofar){ 0 };
	strv_add(&plan->targets, str_or(target, ""));
	strv_add(&plan->made, "");
	if (target && m->type != RUNMOUNT_SECRET)
		strv_add(&plan->mounted, target + strspn(target, "/"));
	if (m->type == RUNMOUNT_SSH && runplan_agent(plan, m->id) && !plan->ssh_env.count)
		strv_addf(&plan->ssh_env, "SSH_AUTH_SOCK=%s", target);
	if (m->from &&
	    !(work_context(plan->work, m->from) && work_context(plan->work, m->from)->folder))
		return work_from(plan->work, m->from, from, err);
	return 0;
}

static const char *const proxy_names[] = { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy",
					   "FTP_PROXY",	 "ftp_proxy",  "NO_PROXY",    "no_proxy",
					   "ALL_PROXY",	 "all_proxy" };

static void find_proxies(struct runplan *plan)
{
	for (size_t i = 0; i < array_len(proxy_names); i++) {
		const char *value = strv_env_get(&plan->work->options->args, proxy_names[i]);
		if (value && !strv_env_get(&plan->args, proxy_names[i]))
			strv_addf(&plan->proxies, "%s=%s", proxy_names[i], value);
	}
}

/* A here-document that begins with "#!" is a file which its interpreter reads. */
static void script_command(struct runplan *plan)
{
	AUTO(mem)
	char *first = str_ndup(plan->in->run.script + 2, strcspn(plan->in->run.script + 2, "\r\n"));
	char *word = first + strspn(first, " \t");
	char *rest = word + strcspn(word, " \t");

	if (*rest) {
		*rest++ = 0;
		rest += strspn(rest, " \t");
	}
	strv_add(&plan->command, word);
	if (*rest)
		strv_add(&plan->command, rest);
	strv_add(&plan->command, SECRETS "/.script");
}

int runplan_make(struct work *work, const struct instruction *in, struct runplan *out,
		 struct err *err)
{
	int r = runplan_check(work->options, in, err);

	out->work = work;
	out->in = in;
	if (in->run.script)
		script_command(out);
	else if (in->command.shell)
		evolve_shell(work->sofar.config, in->command.args.items[0], &out->command);
	else
		strv_extend(&out->command, &in->command.args);
	work_env(work, &out->args);
	find_proxies(out);
	for (size_t i = 0; r == 0 && i < runplan_mounts(out); i++)
		r = look_up(out, i, err);
	return r;
}

char *runplan_text(const struct runplan *plan, const struct dockerfile_line *line)
{
	AUTO(mem) char *command = str_join(&plan->command, " ");
	AUTO(mem) char *args = str_join(&plan->args, " ");

	if (plan->in->run.script)
		return str_dup(line->text);
	if (plan->args.count)
		return str_fmt("RUN |%zu %s %s", plan->args.count, args, command);
	return str_fmt("RUN %s", command);
}

/* ---- the key ---------------------------------------------------------------------------------- */

static int key_of_mount(struct runplan *plan, size_t at, struct stepkey *key, struct err *err)
{
	const struct runmount *m = runplan_mount(plan, at);
	AUTO(mem) char *digest = NULL;
	AUTO(mem)
	char *flags = str_fmt("%d %lld %lld %lld %lld", m->read_only, (long long)m->size,
			      (long long)m->mode, (long long)m->uid, (long long)m->gid);

	stepkey_add(key, "mount", runmount_type_name(m->type));
	stepkey_add(key, "target", plan->targets.items[at]);
	stepkey_add(key, "flags", flags);
	stepkey_add(key, "env", m->env);
	if (m->type != RUNMOUNT_BIND)
		return 0;
	const int r = copykey_mount(plan->work, m, &plan->from.items[at], &digest, err);
	if (r == 0)
		stepkey_add(key, "files", digest);
	return r;
}

int runplan_key(struct runplan *plan, struct stepkey *key, struct err *err)
{
	static const char *const networks[] = { "default", "none", "host" };
	const struct image_process *process = &plan->work->sofar.config->config;
	int r = 0;

	stepkey_add_list(key, "run", &plan->command);
	stepkey_add(key, "script", plan->in->run.script);
	stepkey_add_list(key, "env", &process->env);
	stepkey_add_list(key, "args", &plan->args);
	stepkey_add(key, "user", process->user);
	stepkey_add(key, "folder", process->workdir);
	stepkey_add(key, "network", networks[plan->in->run.network]);
	if (plan->work->options->compat_volumes)
		stepkey_add_list(key, "undone", &process->volumes);
	stepkey_add(key, "security", plan->in->run.insecure ? "insecure" : NULL);
	if (plan->work->options->run_key.count)
		stepkey_add_list(key, "options", &plan->work->options->run_key);
	for (size_t i = 0; r == 0 && i < runplan_mounts(plan); i++)
		r = key_of_mount(plan, i, key, err);
	return r;
}

/* ---- the container ---------------------------------------------------------------------------- */

void runplan_args(struct runplan *plan, struct create_args *args)
{
	static char *none[] = { (char *)"none" }, *host[] = { (char *)"host" };

	args->command = plan->command;
	args->entrypoint = "";
	args->image_volume = "ignore";
	args->log_driver = "none";
	args->passwd = 0; /* a line for an unknown user would be in the layer */
	strv_extend(&plan->secrets_env, &args->env);
	strv_extend(&plan->secrets_env, &plan->proxies);
	strv_extend(&plan->secrets_env, &plan->args);
	strv_extend(&plan->secrets_env, &plan->ssh_env);
	args->env = plan->secrets_env;
	args->privileged |= plan->in->run.insecure;
	runids_args(&plan->ids, args);
	if (plan->in->run.network == NETWORK_NONE)
		args->networks = (struct strv){ .items = none, .count = 1 };
	if (plan->in->run.network == NETWORK_HOST)
		args->networks = (struct strv){ .items = host, .count = 1 };
}

static struct mount_config *add_mount(struct container_config *config, const char *type,
				      const char *source, const char *target)
{
	struct mount_config *m = vec_push(&config->mounts);

	*m = (struct mount_config){ .type = str_dup(type),
				    .source = str_dup(source),
				    .target = str_dup(target) };
	return m;
}

static void add_secret_use(struct container_config *config, cJSON *list, const struct runmount *m,
			   const char *target, bool env, const char *bytes, size_t size)
{
	struct secret_use *use = vec_push(&config->secrets);
	AUTO(mem) char *text = base64_encode(bytes, size);

	*use = (struct secret_use){ .name = str_dup(m ? m->id : "script"),
				    .id = str_dup(m ? m->id : "script"),
				    .env = env,
				    .target = str_dup(target),
				    .uid = m && m->uid > 0 ? m->uid : 0,
				    .gid = m && m->gid > 0 ? m->gid : 0,
				    .mode = m ? m->mode < 0 ? SECRET_MODE : (int)m->mode
					      : SCRIPT_MODE };
	cJSON_AddItemToArray(list, cJSON_CreateString(text));
	explicit_bzero(text, strlen(text));
}

/* Names below /run/secrets are kept without that folder. */
static void add_secret(struct runplan *plan, size_t at, struct container_config *config,
		       cJSON *list)
{
	const struct runmount *m = runplan_mount(plan, at);
	const struct build_secret *secret = secret_of(plan->work->options, m->id);
	const char *target = plan->targets.items[at];
	const char *below = str_starts(target, SECRETS "/");

	if (!secret)
		return;
	if (*target)
		add_secret_use(config, list, m, below ? below : target, false, secret->bytes,
			       secret->size);
	if (m->env)
		add_secret_use(config, list, m, m->env, true, secret->bytes, secret->size);
}

/* A folder of the host as if it were a layer, with the owners that RUN knows; of a file that folder's part. */
static void add_shown(struct container_config *config, const char *path, const char *target,
		      bool is_folder, bool read_only)
{
	AUTO(mem) char *folder = str_dup(path);
	char *name = is_folder ? NULL : strrchr(folder, '/');
	struct mount_config *mount = add_mount(config, "image", "build", target);
	mount->name = str_dup(path);
	mount->subpath = name ? str_dup(name + 1) : NULL;
	if (name)
		name[name == folder] = 0; /* the root keeps its slash */
	strv_add(&mount->layers, folder);
	strv_add(&mount->options, read_only ? "ro" : "rw");
}

static int add_bind(struct runplan *plan, size_t at, struct container_config *config,
		    struct err *err)
{
	const struct runmount *m = runplan_mount(plan, at);
	const struct sofar *from = &plan->from.items[at];
	struct mount_config *mount;

	if (from->config) {
		const char *path = m->source ? m->source + strspn(m->source, "/") : "";
		mount = add_mount(config, "image", "build", plan->targets.items[at]);
		mount->name = str_dup(m->from);
		strv_extend(&mount->layers, &from->layers);
		mount->subpath = *path && !str_eq(path, ".") ? str_dup(path) : NULL;
		strv_add(&mount->options, m->read_only ? "ro" : "rw");
		return 0;
	}
	AUTO(mem) char *path = NULL;
	struct temp *copy = NULL;
	const int r = copykey_folder(plan->work, m, &copy, &path, err);
	if (copy)
		*vec_push(&plan->copies) = copy;
	if (r < 0)
		return r;
	struct stat st;
	if (stat(path, &st) < 0)
		return err_sys(err, -errno, "cannot mount '%s'", path);
	const bool is_folder = S_ISDIR(st.st_mode);
	/* A file alone cannot have an upper folder, which takes what is written. */
	if (plan->ids.shifts || (!is_folder && !m->read_only)) {
		add_shown(config, path, plan->targets.items[at], is_folder, m->read_only);
		return 0;
	}
	mount = add_mount(config, "bind", path, plan->targets.items[at]);
	strv_add(&mount->options, m->read_only ? "ro" : "O");
	return 0;
}

static int add_one(struct runplan *plan, size_t at, struct container_config *config, cJSON *secrets,
		   struct err *err)
{
	const struct runmount *m = runplan_mount(plan, at);
	const char *target = plan->targets.items[at];
	struct mount_config *mount;

	switch (m->type) {
	case RUNMOUNT_BIND:
		return add_bind(plan, at, config, err);
	case RUNMOUNT_CACHE:
		mount = add_mount(config, "bind", plan->made.items[at], target);
		strv_add(&mount->options, m->read_only ? "ro" : "rw");
		return 0;
	case RUNMOUNT_TMPFS:
		mount = add_mount(config, "tmpfs", NULL, target);
		if (m->size >= 0)
			strv_addf(&mount->options, "size=%lld", (long long)m->size);
		return 0;
	case RUNMOUNT_SECRET:
		add_secret(plan, at, config, secrets);
		return 0;
	case RUNMOUNT_SSH:
		if (runplan_agent(plan, m->id))
			add_mount(config, "bind",
				  *plan->made.items[at] ? plan->made.items[at]
							: runplan_agent(plan, m->id),
				  target);
		return 0;
	case RUNMOUNT_TYPES:
		break;
	}
	return 0;
}

int runplan_adjust(void *data, struct container_config *config, char **out_secrets, struct err *err)
{
	struct runplan *plan = data;
	AUTO(json) cJSON *document = cJSON_CreateObject();
	cJSON *secrets = cJSON_AddArrayToObject(document, "data");
	int r = 0;

	for (size_t i = 0; r == 0 && i < runplan_mounts(plan); i++)
		r = add_one(plan, i, config, secrets, err);
	if (r < 0)
		return r;
	if (plan->in->run.script)
		add_secret_use(config, secrets, NULL, ".script", false, plan->in->run.script,
			       strlen(plan->in->run.script));
	*out_secrets = config->secrets.count ? json_print(document, 0) : NULL;
	return 0;
}

void runplan_clear(struct runplan *plan)
{
	struct strv *lists[] = { &plan->command, &plan->args, &plan->proxies, &plan->targets,
				 &plan->mounted, &plan->made, &plan->ssh_env, &plan->secrets_env };

	for (size_t i = 0; i < array_len(lists); i++)
		strv_clear(lists[i]);
	for (size_t i = 0; i < plan->from.count; i++)
		sofar_clear(&plan->from.items[i]);
	free(plan->from.items);
	for (size_t i = 0; i < plan->locks.count; i++)
		fd_close(plan->locks.items[i]);
	free(plan->locks.items);
	for (size_t i = 0; i < plan->copies.count; i++) {
		(void)!temp_remove(plan->work->engine->store, plan->copies.items[i]);
		temp_free(plan->copies.items[i]);
	}
	free(plan->copies.items);
	for (size_t i = 0; i < plan->agents.count; i++)
		agent_end(&plan->agents.items[i]);
	free(plan->agents.items);
	runids_release(&plan->ids);
	*plan = (struct runplan){ 0 };
}
