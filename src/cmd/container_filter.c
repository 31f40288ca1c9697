/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container_filter - --filter over containers, for ps and for every command that chooses some
 */
#include "cmd/container_filter.h"

#include <errno.h>

#include "base/clock.h"
#include "cli/filter.h"
#include "engine/container.h"
#include "net/ports.h"
#include "store/record.h"

static const char *const known[] = {
	"after",   "ancestor",	     "before", "command", "exited", "expose",  "health",
	"id",	   "is-task",	     "label",  "label!",  "name",   "network", "pod",
	"publish", "restart-policy", "since",  "status",  "until",  "volume",  NULL,
};

int container_set_load(struct app *app, struct container_set *out, struct err *err)
{
	AUTO(strv) struct strv damaged = { 0 };
	int r = container_states(app->engine, &damaged, &out->items, &out->count, err);

	if (r < 0)
		return r;
	out->store = app->engine->store;
	for (size_t i = 0; i < damaged.count; i++)
		app_warn(app,
			 "the record of container %.12s is damaged; remove it with: %s rm -f %.12s",
			 damaged.items[i], app->name, damaged.items[i]);
	return 0;
}

void container_set_clear(struct container_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		container_state_free(set->items[i]);
	free(set->items);
	*set = (struct container_set){ 0 };
}

static const struct container_state *find(const struct container_set *set, const char *text)
{
	const struct container_state *found = NULL;

	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->items[i]->name, text))
			return set->items[i];
	for (size_t i = 0; i < set->count; i++)
		if (!found && str_starts(set->items[i]->id, text))
			found = set->items[i];
	return found;
}

static bool is_status(const char *value)
{
	for (int i = CONTAINER_CREATED; i <= CONTAINER_DEAD; i++)
		if (str_eq(container_status_names[i], value))
			return true;
	return str_eq(value, "stopped");
}

static bool is_health(const char *value)
{
	for (int i = 0; health_status_names[i]; i++)
		if (str_eq(health_status_names[i], value))
			return true;
	return false;
}

/* PORT[-PORT][/PROTO] */
static bool is_ports(const char *value)
{
	AUTO(mem) char *text = str_dup(value);
	const char *protocol = str_or(str_cut(text, '/'), "tcp");
	const char *to = str_cut(text, '-');
	uint64_t first, last;

	return str_u64(text, UINT16_MAX, &first) == 0 &&
	       str_u64(str_or(to, text), UINT16_MAX, &last) == 0 && first > 0 && first <= last &&
	       (str_eq(protocol, "tcp") || str_eq(protocol, "udp") || str_eq(protocol, "sctp"));
}

static int check_one(const char *filter, const struct container_set *set, struct err *err)
{
	const char *value = strchr(filter, '=') + 1;
	int64_t number;

	if (str_starts(filter, "status=") && !is_status(value))
		return err_set(err, -EINVAL,
			       "invalid filter '%s': a status is created, running, paused, "
			       "restarting, removing, exited, stopped or dead",
			       filter);
	if (str_starts(filter, "health=") && !is_health(value))
		return err_set(
			err, -EINVAL,
			"invalid filter '%s': a health is none, starting, healthy or unhealthy",
			filter);
	if (str_starts(filter, "exited=") && str_i64(value, 0, 255, &number) < 0)
		return err_set(err, -EINVAL, "invalid filter '%s': it takes an exit status",
			       filter);
	if (str_starts(filter, "until=") && clock_parse(value, clock_now(), &number) < 0)
		return err_set(err, -EINVAL, "invalid filter '%s': it takes a time", filter);
	if ((str_starts(filter, "expose=") || str_starts(filter, "publish=")) && !is_ports(value))
		return err_set(err, -EINVAL,
			       "invalid filter '%s': it takes PORT, PORT-PORT, PORT/PROTOCOL",
			       filter);
	if ((str_starts(filter, "before=") || str_starts(filter, "since=") ||
	     str_starts(filter, "after=")) &&
	    !find(set, value))
		return err_set(err, -ENOENT, "no container named '%s'", value);
	return 0;
}

/*
 * Looked up once: the oldest of those that a filter names. Podman takes it for "before" and for "since"
 * alike; docker takes any one of several, so podman's way is an answer.
 */
static void bound(const struct container_set *set, const struct strv *filters, const char *prefix,
		  int64_t *bound)
{
	for (size_t i = 0; i < filters->count; i++) {
		const char *name = str_starts(filters->items[i], prefix);
		const struct container_state *state = name ? find(set, name) : NULL;
		if (state)
			*bound = *bound == INT64_MIN ? state->created
						     : min_of(*bound, state->created);
	}
}

int container_filter_init(const struct strv *filters, const struct container_set *set,
			  struct container_filter *out, struct err *err)
{
	struct container_filter filter = {
		.filters = filters,
		.store = set->store,
		.before = INT64_MAX,
		.since = INT64_MIN,
	};
	int r = filter_check(filters, known, err);

	for (size_t i = 0; i < filters->count && r >= 0; i++)
		r = check_one(filters->items[i], set, err);
	if (r < 0)
		return r;
	bound(set, filters, "before=", &filter.before);
	bound(set, filters, "since=", &filter.since);
	bound(set, filters, "after=", &filter.since);
	*out = filter;
	return 0;
}

static bool has_id(const void *thing, const char *value)
{
	const struct container_state *state = thing;

	return str_starts(state->id, value) != NULL;
}

/* The beginning of a name, as an expression without its ^/. */
static bool is_name(const char *name, const char *rest)
{
	AUTO(mem) char *anchored = str_fmt("^%s", rest);

	return filter_pattern(name, anchored);
}

static bool has_name(const void *thing, const char *value)
{
	const struct container_state *state = thing;

	/* docker's names begin with a slash, which may be asked for. */
	return filter_pattern(state->name, *value == '/' ? value + 1 : value) ||
	       (*value == '^' && value[1] == '/' && is_name(state->name, value + 2));
}

static bool has_status(const void *thing, const char *value)
{
	const struct container_state *state = thing;

	return str_eq(container_status_names[state->status],
		      str_eq(value, "stopped") ? "exited" : value);
}

static bool has_exited(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	int64_t code;

	return state->status == CONTAINER_EXITED && str_i64(value, 0, 255, &code) == 0 &&
	       state->exit_code == code;
}

/* An image by its id, or by the end of its name: nginx, library/nginx:1, docker.io/library/nginx. */
static bool has_ancestor(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	const char *id = str_or(str_starts(value, "sha256:"), value);
	const char *name = str_or(state->image_name, "");
	const char *slash = strrchr(name, '/');
	const char *colon = strrchr(slash ? slash : name, ':');
	AUTO(mem) char *plain = str_ndup(name, colon ? (size_t)(colon - name) : strlen(name));

	if (*id && state->image_id && str_starts(state->image_id, id))
		return true;
	for (int untagged = 0; untagged <= 1; untagged++) {
		const char *whole = untagged ? plain : name;
		size_t n = strlen(whole), m = strlen(value);
		if (m && n >= m && str_ends(whole, value) && (n == m || whole[n - m - 1] == '/'))
			return true;
	}
	return false;
}

static bool has_network(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	bool usual = str_eq(value, "bridge") || str_eq(value, "podman") ||
		     str_eq(value, "slirp4netns");

	if (strv_find(&state->networks, usual ? ENDPOINT_DEFAULT : value) >= 0)
		return true;
	return str_eq(state->network, usual ? "slirp" : value);
}

static bool has_health(const void *thing, const char *value)
{
	const struct container_state *state = thing;

	return str_eq(str_or(state->health, "none"), value);
}

static bool has_restart(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	const char *policy = str_or(state->restart, "no");
	const char *count = str_starts(policy, value);

	return count && (!*count || *count == ':');
}

/* podman takes the program alone. */
static bool has_command(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	const char *rest = str_starts(str_or(state->command, ""), value);

	return rest && (!*rest || *rest == ' ');
}

/* There are neither pods nor clusters. */
static bool never(unused_arg const void *thing, unused_arg const char *value)
{
	return false;
}

static bool is_no_task(unused_arg const void *thing, const char *value)
{
	bool task;

	return filter_truth(value, &task) == 0 && !task;
}

/* Whether PORT[-PORT][/PROTO] is, or meets, some ports of a container. */
static bool hits(const char *value, uint64_t port, uint64_t count, const char *has)
{
	AUTO(mem) char *text = str_dup(value);
	const char *protocol = str_or(str_cut(text, '/'), "tcp");
	const char *to = str_cut(text, '-');
	uint64_t first, last;

	return str_u64(text, UINT16_MAX, &first) == 0 &&
	       str_u64(str_or(to, text), UINT16_MAX, &last) == 0 && str_eq(protocol, has) &&
	       port <= last && port + count > first;
}

static bool has_published(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	AUTO(ports) struct ports ports = { 0 };

	if (ports_load(&state->ports, &ports, NULL) < 0)
		return false;
	for (size_t i = 0; i < ports.count; i++) {
		const struct port_map *p = &ports.items[i];
		if (hits(value, (uint64_t)p->container_port, (uint64_t)max_of(p->range, 1),
			 p->protocol))
			return true;
	}
	return false;
}

/* What a listing does not repeat of the configuration. */
struct candidate {
	const struct container_state *state;
	struct container_config *config; /* NULL: damaged */
};

/* By its name or source, or by where it is mounted. */
static bool has_volume(const void *thing, const char *value)
{
	const struct candidate *c = thing;
	size_t n = strlen(value);

	if (strv_find(&c->state->mounts, value) >= 0)
		return true;
	n -= n > 1 && value[n - 1] == '/';
	for (size_t i = 0; c->config && i < c->config->mounts.count; i++) {
		const char *target = str_or(c->config->mounts.items[i].target, "");
		if (strlen(target) == n && strncmp(target, value, n) == 0)
			return true;
	}
	return false;
}

/* Of the image and of the user; what is published is exposed as well. */
static bool has_exposed(const void *thing, const char *value)
{
	const struct candidate *c = thing;

	if (has_published(c->state, value))
		return true;
	for (size_t i = 0; c->config && i < c->config->expose.count; i++) {
		AUTO(mem) char *text = str_dup(c->config->expose.items[i]);
		const char *protocol = str_or(str_cut(text, '/'), "tcp");
		const char *to = str_cut(text, '-');
		uint64_t first, last;
		if (str_u64(text, UINT16_MAX, &first) == 0 &&
		    str_u64(str_or(to, text), UINT16_MAX, &last) == 0 && last >= first &&
		    hits(value, first, last - first + 1, protocol))
			return true;
	}
	return false;
}

/* The configuration is read for these alone: a listing of a thousand does without. */
static bool config_matches(const struct container_filter *filter,
			   const struct container_state *state)
{
	const struct strv *filters = filter->filters;
	AUTO(container_config) struct container_config *config = NULL;

	if (!filter_value(filters, "volume") && !filter_value(filters, "expose"))
		return true;
	(void)!record_config_load(filter->store, state->id, &config, NULL);
	const struct candidate candidate = { state, config };
	return filter_any(filters, "volume", has_volume, &candidate) &&
	       filter_any(filters, "expose", has_exposed, &candidate);
}

static bool is_older(const void *thing, const char *value)
{
	const struct container_state *state = thing;
	int64_t until;

	return clock_parse(value, clock_now(), &until) == 0 && state->created < until;
}

bool container_filter_met(const struct container_filter *filter,
			  const struct container_state *state)
{
	static const struct {
		const char *key;
		filter_test *test;
	} tests[] = { { "id", has_id },
		      { "name", has_name },
		      { "status", has_status },
		      { "exited", has_exited },
		      { "ancestor", has_ancestor },
		      { "network", has_network },
		      { "until", is_older },
		      { "command", has_command },
		      { "pod", never },
		      { "is-task", is_no_task },
		      { "publish", has_published },
		      { "restart-policy", has_restart },
		      { "health", has_health } };

	for (size_t i = 0; i < array_len(tests); i++)
		if (!filter_any(filter->filters, tests[i].key, tests[i].test, state))
			return false;
	return state->created < filter->before && state->created > filter->since &&
	       filter_labels(filter->filters, &state->labels) && config_matches(filter, state);
}
