/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookfile - a file that has a hook run for some containers: the OCI hooks configuration
 */
#include "oci/hookfile.h"

#include <errno.h>

#include "base/ere.h"

/* ---- 1.0.0 ---------------------------------------------------------------------------------- */

static const struct jfield hook_fields[] = {
	J_TEXT("path", struct hookfile, path),
	J_STRV("args", struct hookfile, args),
	J_STRV("env", struct hookfile, env),
	J_INT("timeout", struct hookfile, timeout),
	J_END,
};

static int take_bool(const cJSON *value, cJSON **out, struct err *err)
{
	if (cJSON_IsNull(value))
		return 0;
	if (!cJSON_IsBool(value))
		return err_set(err, -EBADMSG, "'%s' is neither true nor false", value->string);
	*out = cJSON_Duplicate(value, false);
	return 0;
}

static int take_pairs(const cJSON *value, struct hookfile *out, struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsObject(value) && !cJSON_IsNull(value))
		return err_set(err, -EBADMSG, "'annotations' holds no pairs of expressions");
	cJSON_ArrayForEach(item, value)
	{
		if (!cJSON_IsString(item))
			return err_set(err, -EBADMSG, "'annotations' has no expression for '%s'",
				       item->string);
		strv_add(&out->keys, item->string);
		strv_add(&out->values, item->valuestring);
	}
	return 0;
}

static int take_condition(const cJSON *value, struct hookfile *out, struct err *err)
{
	const char *name = value->string;

	if (str_eq(name, "always"))
		return take_bool(value, &out->always, err);
	if (str_eq(name, "hasBindMounts"))
		return take_bool(value, &out->has_binds, err);
	if (str_eq(name, "annotations"))
		return take_pairs(value, out, err);
	/* Passing it over would widen the rest. */
	return err_set(err, -EBADMSG, "'when' has '%s', which is no condition", name);
}

static int take_texts(const cJSON *object, const char *name, struct strv *out, struct err *err)
{
	return json_strv(object, name, out) < 0
		       ? err_set(err, -EBADMSG, "'%s' is no list of texts", name)
		       : 0;
}

static int take_when(const cJSON *when, struct hookfile *out, struct err *err)
{
	const cJSON *item;
	int r = 0;

	if (!cJSON_IsObject(when))
		return err_set(err, -EBADMSG, "there is no 'when', which says for what it is run");
	if (!when->child)
		return err_set(err, -EBADMSG, "there is no condition in 'when'");
	cJSON_ArrayForEach(item, when)
	{
		if (json_get(when, item->string) != item)
			return err_set(err, -EBADMSG, "'%s' is there twice", item->string);
		r = str_eq(item->string, "commands")
			    ? take_texts(when, "commands", &out->commands, err)
			    : take_condition(item, out, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_current(const cJSON *value, struct hookfile *out, struct err *err)
{
	const cJSON *hook = json_get(value, "hook");
	const cJSON *timeout = json_get(hook, "timeout");

	if (!cJSON_IsObject(hook))
		return err_set(err, -EBADMSG, "there is no 'hook' with a path");
	int r = jfield_load(hook_fields, hook, out, err);
	if (r == 0 && timeout && !cJSON_IsNull(timeout) && out->timeout <= 0)
		r = err_set(err, -EBADMSG, "the timeout %d is no number of seconds above 0",
			    out->timeout);
	return r < 0 ? r : take_when(json_get(value, "when"), out, err);
}

/* ---- 0.1.0 ---------------------------------------------------------------------------------- */

/* One of two names, of which the other must not be there. */
static int take_either(const cJSON *value, const char *name, const char *other, struct strv *out,
		       struct err *err)
{
	if (json_get(value, name) && json_get(value, other))
		return err_set(err, -EBADMSG, "'%s' and '%s' are the same", name, other);
	return take_texts(value, json_get(value, other) ? other : name, out, err);
}

static int load_old(const cJSON *value, struct hookfile *out, struct err *err)
{
	const cJSON *binds = json_get(value, "hasbindmounts");
	AUTO(strv) struct strv arguments = { 0 };

	if (!json_text(value, "hook"))
		return err_set(err, -EBADMSG, "there is no 'hook' that names a program");
	out->any = true;
	str_set(&out->path, json_text(value, "hook"));
	int r = take_texts(value, "arguments", &arguments, err);
	if (r == 0 && arguments.count) {
		strv_add(&out->args, out->path);
		strv_extend(&out->args, &arguments);
	}
	if (r == 0)
		r = take_either(value, "cmds", "cmd", &out->commands, err);
	if (r == 0)
		r = take_either(value, "annotations", "annotation", &out->values, err);
	for (size_t i = 0; i < out->values.count; i++)
		strv_add(&out->keys, "");
	return r < 0 || !binds ? r : take_bool(binds, &out->has_binds, err);
}

/* ---- both ----------------------------------------------------------------------------------- */

static int take_stage(const char *name, struct hookfile *out, struct err *err)
{
	const int kind = str_eq(name, "precreate") ? (int)HOOKFILE_PRECREATE
						   : runtime_hook_kind(name);

	if (kind < 0)
		return err_set(err, -EBADMSG, "there is no stage '%s'", name);
	out->stages |= 1U << kind;
	return 0;
}

static int take_stages(const cJSON *value, struct hookfile *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	int r = out->any ? take_either(value, "stages", "stage", &names, err)
			 : take_texts(value, "stages", &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = take_stage(names.items[i], out, err);
	if (r == 0 && !names.count)
		r = err_set(err, -EBADMSG, "there are no 'stages', which say when it is run");
	return r;
}

static int check_expressions(const struct strv *list, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = ere_check(list->items[i], err);
	return r;
}

static int check(const struct hookfile *hook, struct err *err)
{
	if (str_empty(hook->path))
		return err_set(err, -EBADMSG, "the hook has no path");
	if (*hook->path != '/')
		return err_set(err, -EBADMSG, "the hook '%s' is no absolute path", hook->path);
	for (size_t i = 0; i < hook->env.count; i++)
		if (strcspn(hook->env.items[i], "=") == 0 || !strchr(hook->env.items[i], '='))
			return err_set(err, -EBADMSG, "the variable '%s' is no NAME=VALUE",
				       hook->env.items[i]);
	int r = check_expressions(&hook->keys, err);
	if (r == 0)
		r = check_expressions(&hook->values, err);
	return r < 0 ? r : check_expressions(&hook->commands, err);
}

int hookfile_load(const cJSON *value, struct hookfile *out, struct err *err)
{
	const cJSON *given = json_get(value, "version");
	const char *version = cJSON_IsString(given) ? given->valuestring : given ? "" : "0.1.0";

	if (!cJSON_IsObject(value))
		return err_set(err, -EBADMSG, "it holds no hook");
	if (!str_eq(version, "1.0.0") && !str_eq(version, "0.1.0"))
		return err_set(err, -EBADMSG, "the version '%s' is not known, only 1.0.0", version);
	int r = str_eq(version, "1.0.0") ? load_current(value, out, err)
					 : load_old(value, out, err);
	if (r == 0)
		r = take_stages(value, out, err);
	return r < 0 ? r : check(out, err);
}

/* ---- conditions ----------------------------------------------------------------------------- */

static bool has_annotation(const struct strv *annotations, const char *key, const char *value)
{
	for (size_t i = 0; i < annotations->count; i++) {
		AUTO(mem) char *name = str_dup(annotations->items[i]);
		const char *text = str_or(str_cut(name, '='), "");
		if (ere_match(key, name) && ere_match(value, text))
			return true;
	}
	return false;
}

static bool is_command(const struct strv *commands, const char *command)
{
	for (size_t i = 0; i < commands->count; i++)
		if (ere_match(commands->items[i], command))
			return true;
	return false;
}

bool hookfile_match(const struct hookfile *hook, const struct hookfile_subject *subject)
{
	size_t given = 0, hold = 0;

	if (hook->always) {
		given++;
		hold += cJSON_IsTrue(hook->always);
	}
	if (hook->has_binds) {
		given++;
		hold += cJSON_IsTrue(hook->has_binds) && subject->has_binds;
	}
	for (size_t i = 0; i < hook->keys.count; i++) {
		given++;
		hold += has_annotation(subject->annotations, hook->keys.items[i],
				       hook->values.items[i]);
	}
	if (hook->commands.count) {
		given++;
		hold += is_command(&hook->commands, subject->command);
	}
	return hold > 0 && (hook->any || hold == given);
}

void hookfile_clear(struct hookfile *hook)
{
	jfield_clear(hook_fields, hook);
	cJSON_Delete(hook->always);
	cJSON_Delete(hook->has_binds);
	strv_clear(&hook->keys);
	strv_clear(&hook->values);
	strv_clear(&hook->commands);
	*hook = (struct hookfile){ 0 };
}
