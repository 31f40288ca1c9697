/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_userns - the options of build that say which ids RUN has: --userns, --userns-uid-map and its kin
 */
#include "cmd/build_userns.h"

#include <errno.h>

#include "engine/stepids.h"
#include "spec/idtext.h"

#define A struct build_userns_args

static int read_maps(const char *name, const struct strv *values, struct strv *out, struct err *err)
{
	for (size_t i = 0; i < values->count; i++) {
		if (idtext_list(values->items[i], out) == 0)
			continue;
		err_set(err, -EINVAL, "--%s: '%s' is no list of CONTAINER:FROM:AMOUNT", name,
			values->items[i]);
		return err_hint(err, "for example 0:1:1000,1000:1001:1; FROM: 0 is your own id, 1 "
				     "and up are your sub-ids");
	}
	return 0;
}

static bool is_mode(const char *value, const char *mode)
{
	const char *rest = str_starts(value, mode);

	return rest && (!*rest || *rest == ':');
}

static int set_userns(void *args, const char *value, struct err *err)
{
	A *a = args;

	a->mode = NULL;
	a->host = str_eq(value, "host");
	if (a->host || !*value || str_eq(value, "private") || str_eq(value, "container"))
		return 0;
	if (str_eq(value, "nomap") || is_mode(value, "auto")) {
		a->mode = value;
		return 0;
	}
	if (is_mode(value, "keep-id")) {
		err_set(err, -EINVAL,
			"a step that no USER stands above would run as you, who may change no "
			"file of the image");
		return err_hint(err, "--userns nomap, --userns auto or --userns-uid-map have RUN "
				     "in ids of its own");
	}
	return err_set(err, -EINVAL,
		       "it is none of host, private, nomap and auto[:OPTION=VALUE,...]; the "
		       "namespace of another process has other ids than the layers");
}

const struct opt build_userns_opts[] = {
	OPT_CALL(0, "userns", "MODE", set_userns, COMPLETE_NONE,
		 "ids of RUN: host and private (the same here), nomap, "
		 "auto[:size=N,uidmapping=MAP,gidmapping=MAP]"),
	OPT_LIST(0, "userns-uid-map", "CONTAINER:FROM:AMOUNT[,...]", A, uid_maps, COMPLETE_NONE,
		 "map users of RUN; FROM: 0 is the caller, 1 and up the sub-ids; the image's files "
		 "keep the image's ids"),
	OPT_LIST(0, "userns-gid-map", "CONTAINER:FROM:AMOUNT[,...]", A, gid_maps, COMPLETE_NONE,
		 "map groups of RUN (default: as users)"),
	OPT_TEXT(0, "userns-uid-map-user", "NAME", A, user, COMPLETE_NONE,
		 "map the sub-ids that NAME has in /etc/subuid, as far as they are the caller's"),
	OPT_TEXT(0, "userns-gid-map-group", "NAME", A, group, COMPLETE_NONE,
		 "map those of /etc/subgid (default for both: the other's)"),
	OPT_END,
};

static bool has_maps(const struct build_userns_args *args)
{
	return args->uid_maps.count || args->gid_maps.count || args->user || args->group;
}

int build_userns_plan(struct engine *engine, const struct build_userns_args *args,
		      struct build_options *out, struct err *err)
{
	AUTO(strv) struct strv uids = { 0 };
	AUTO(strv) struct strv gids = { 0 };
	int r = read_maps("userns-uid-map", &args->uid_maps, &uids, err);

	if (r == 0)
		r = read_maps("userns-gid-map", &args->gid_maps, &gids, err);
	if (r < 0)
		return r;
	const struct create_args asked = {
		.userns = args->mode,
		.uid_maps = uids,
		.gid_maps = gids,
		.subuid = args->user ? args->user : args->group,
		.subgid = args->group ? args->group : args->user,
	};

	if (has_maps(args) && (args->mode || args->host))
		return err_set(err, -EINVAL, "--userns %s cannot be given with maps of ids",
			       args->host ? "host" : args->mode);
	r = stepids_resolve(engine, &asked, &out->uid_maps, &out->gid_maps, &out->run_key, err);
	if (r < 0)
		return err_wrap(err, "the ids of RUN");
	out->run.userns = args->mode && str_starts(args->mode, "auto") ? args->mode : NULL;
	out->run.uid_maps = out->uid_maps;
	out->run.gid_maps = out->gid_maps;
	return 0;
}
