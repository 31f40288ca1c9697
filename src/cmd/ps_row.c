/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ps_row - a container as a row of ps
 */
#include "cmd/ps_row.h"

#include <unistd.h>

#include "base/clock.h"
#include "cmd/size_text.h"
#include "net/ports.h"
#include "oci/reference.h"

enum { COMMAND_WIDTH = 20, MOUNT_WIDTH = 15, NANOSECONDS = 1000000000 };

#define FIELDS                                                                                     \
	"{{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Ports}}\\t{{.Names}}"

static const struct column columns[] = {
	{ "ID", "CONTAINER ID" },
	{ "Image", "IMAGE" },
	{ "Command", "COMMAND" },
	{ "RunningFor", "CREATED" },
	{ "Status", "STATUS" },
	{ "Ports", "PORTS" },
	{ "Names", "NAMES" },
	{ "Size", "SIZE" },
	{ "State", "STATE" },
	{ "CreatedAt", "CREATED AT" },
	{ "Labels", "LABELS" },
	{ "Label()", "" },
	{ "Mounts", "MOUNTS" },
	{ "LocalVolumes", "LOCAL VOLUMES" },
	{ "Networks", "NETWORKS" },
	{ "ImageID", "IMAGE ID" },
	{ "Pid", "PID" },
	{ "ExitCode", "EXIT CODE" },
	{ "Exited", "EXITED" },
	{ "Created", "CREATED" },
	{ "CreatedHuman", "CREATED" },
	{ "StartedAt", "STARTED AT" },
	{ "ExitedAt", "EXITED AT" },
	{ "Restarts", "RESTARTS" },
	{ "AutoRemove", "AUTO REMOVE" },
	{ "Pod", "POD ID" },
	{ "PodName", "PODNAME" },
	{ "PodID", "POD ID" },
	{ "IsInfra", "IS INFRA" },
	{ "CIDFile", "CIDFILE" },
	{ "Platform", "PLATFORM" },
	{ "CGROUPNS", "CGROUPNS" },
	{ "IPC", "IPC" },
	{ "MNT", "MNT" },
	{ "NET", "NET" },
	{ "PIDNS", "PIDNS" },
	{ "USERNS", "USERNS" },
	{ "UTS", "UTS" },
	{ "Id()", "CONTAINER ID" },
	{ NULL, NULL },
};

static const struct template_schema schema = {
	.maps = "Label()",
	.optional = "CGROUPNS IPC MNT NET PIDNS USERNS UTS",
};

const struct table_spec ps_table = { .columns = columns, .schema = &schema, .standard = FIELDS };

const struct table_spec ps_table_size = {
	.columns = columns,
	.schema = &schema,
	.standard = FIELDS "\\t{{.Size}}",
};

const struct table_spec ps_table_pod = {
	.columns = columns,
	.schema = &schema,
	.standard = FIELDS "\\t{{.Pod}}\\t{{.PodName}}",
};

const struct table_spec ps_table_pod_size = {
	.columns = columns,
	.schema = &schema,
	.standard = FIELDS "\\t{{.Pod}}\\t{{.PodName}}\\t{{.Size}}",
};

const struct table_spec ps_table_namespaces = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.Names}}\\t{{.Pid}}\\t{{.CGROUPNS}}\\t{{.IPC}}\\t{{.MNT}}\\t"
		    "{{.NET}}\\t{{.PIDNS}}\\t{{.USERNS}}\\t{{.UTS}}",
};

/* "5 seconds" since a time. */
static char *span(int64_t since, int64_t now)
{
	return clock_human(max_of(now - since, INT64_C(0)));
}

static const char *health_text(const char *health, unsigned int flags)
{
	return str_eq(health, "starting") && flags & PS_DOCKER ? "health: starting" : health;
}

char *ps_status(const struct container_state *state, unsigned int flags, int64_t now)
{
	AUTO(mem) char *up = span(state->started, now);
	AUTO(mem) char *down = span(state->finished, now);

	switch (state->status) {
	case CONTAINER_CREATED:
		return str_dup("Created");
	case CONTAINER_RUNNING:
		return state->health ? str_fmt("Up %s (%s)", up, health_text(state->health, flags))
				     : str_fmt("Up %s", up);
	case CONTAINER_PAUSED:
		return str_fmt("Up %s (Paused)", up);
	case CONTAINER_RESTARTING:
		return str_fmt("Restarting (%d) %s ago", state->exit_code, down);
	case CONTAINER_REMOVING:
		return str_dup("Removing");
	case CONTAINER_DEAD:
		return str_dup("Dead");
	default:
		/* When the monitor was lost nobody saw the end. */
		return state->finished ? str_fmt("Exited (%d) %s ago", state->exit_code, down)
				       : str_fmt("Exited (%d)", state->exit_code);
	}
}

static void put(cJSON *row, const char *key, const char *text)
{
	cJSON_AddStringToObject(row, key, str_or(text, ""));
}

static void put_seconds(cJSON *row, const char *key, int64_t ns)
{
	int64_t seconds = ns / NANOSECONDS;

	cJSON_AddNumberToObject(row, key, (double)seconds);
}

static void put_command(cJSON *row, const struct container_state *state, unsigned int flags)
{
	const char *command = str_or(state->command, "");
	AUTO(mem)
	char *cut = flags & PS_NO_TRUNC ? str_dup(command) : table_ellipsis(command, COMMAND_WIDTH);
	AUTO(mem) char *quoted = str_fmt("\"%s\"", cut);

	put(row, "Command", quoted);
}

static void put_mounts(cJSON *row, const struct container_state *state, unsigned int flags)
{
	AUTO(strv) struct strv names = { 0 };
	size_t volumes = 0;

	for (size_t i = 0; i < state->mounts.count; i++) {
		const char *mount = state->mounts.items[i];
		volumes += *mount != '/';
		strv_take(&names, flags & PS_NO_TRUNC ? str_dup(mount)
						      : table_ellipsis(mount, MOUNT_WIDTH));
	}
	AUTO(mem) char *text = str_join(&names, ",");
	put(row, "Mounts", text);
	cJSON_AddNumberToObject(row, "LocalVolumes", (double)volumes);
}

static cJSON *label_map(const struct strv *labels)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; i < labels->count; i++) {
		AUTO(mem) char *key = str_dup(labels->items[i]);
		const char *value = str_cut(key, '=');
		put(map, key, value);
	}
	return map;
}

static void put_times(cJSON *row, const struct container_state *state, unsigned int flags,
		      int64_t now)
{
	AUTO(mem) char *human = span(state->created, now);
	AUTO(mem) char *ago = str_fmt("%s ago", human);
	AUTO(mem) char *created = clock_local(state->created);
	AUTO(mem) char *status = ps_status(state, flags, now);

	put(row, "RunningFor", ago);
	put(row, "Created", ago);
	put(row, "CreatedHuman", ago);
	put(row, "CreatedAt", created);
	put(row, "Status", status);
	put_seconds(row, "StartedAt", state->started);
	put_seconds(row, "ExitedAt", state->finished);
}

static void put_size(cJSON *row, const struct ps_sizes *sizes, unsigned int flags)
{
	if (!(flags & PS_SIZE)) {
		put(row, "Size", "");
		return;
	}
	AUTO(mem) char *own = size_text(sizes->own);
	AUTO(mem) char *whole = size_text(sizes->whole);
	AUTO(mem) char *text = str_fmt("%s (virtual %s)", own, whole);
	put(row, "Size", text);
}

static char *port_column(const struct strv *texts)
{
	AUTO(ports) struct ports ports = { 0 };

	/* A record that another version wrote shows what can be read. */
	(void)!ports_load(texts, &ports, NULL);
	return ports_print(&ports, NULL);
}

/* The numbers of the namespaces that a process is in; "" where it does not run. */
static void put_namespaces(cJSON *row, const struct container_state *state)
{
	enum { LINK_ROOM = 64 };
	static const struct {
		const char *field, *link;
	} all[] = {
		{ "CGROUPNS", "cgroup" }, { "IPC", "ipc" },	{ "MNT", "mnt" }, { "NET", "net" },
		{ "PIDNS", "pid" },	  { "USERNS", "user" }, { "UTS", "uts" },
	};

	for (size_t i = 0; i < array_len(all); i++) {
		char text[LINK_ROOM] = "";
		AUTO(mem) char *path = str_fmt("/proc/%d/ns/%s", state->pid, all[i].link);
		ssize_t n = state->pid > 0 ? readlink(path, text, sizeof text - 1) : 0;
		text[n > 0 ? n : 0] = 0;
		char *number = strchr(text, '[');
		if (number)
			str_cut(++number, ']');
		put(row, all[i].field, number);
	}
}

/* There are no pods; who formats their columns sees that. */
static void put_pod(cJSON *row)
{
	put(row, "Pod", "");
	put(row, "PodName", "");
	put(row, "PodID", "");
	cJSON_AddBoolToObject(row, "IsInfra", false);
}

/* The default network has the name that `network ls` shows. */
static void networks_shown(const struct container_state *state, unsigned int flags,
			   struct strv *out)
{
	const char *usual = flags & PS_DOCKER ? "bridge" : ENDPOINT_DEFAULT;

	if (str_eq(state->network, "slirp"))
		strv_add(out, usual);
	else if (state->network && !str_eq(state->network, "bridge"))
		strv_add(out, state->network);
	for (size_t i = 0; i < state->networks.count; i++)
		strv_add(out, str_eq(state->networks.items[i], ENDPOINT_DEFAULT)
				      ? usual
				      : state->networks.items[i]);
}

cJSON *ps_row(const struct container_state *state, unsigned int flags, const struct ps_sizes *sizes,
	      int64_t now)
{
	cJSON *row = cJSON_CreateObject();
	int width = flags & PS_NO_TRUNC ? CONTAINER_ID_HEX : CONTAINER_ID_SHORT;
	AUTO(mem) char *id = str_ndup(state->id, (size_t)width);
	AUTO(mem) char *image = str_ndup(str_or(state->image_id, ""), (size_t)width);
	AUTO(mem) char *ports = port_column(&state->ports);
	AUTO(mem) char *labels = str_join(&state->labels, ",");
	AUTO(strv) struct strv networks = { 0 };

	networks_shown(state, flags, &networks);
	AUTO(mem) char *joined = str_join(&networks, ",");

	put(row, "ID", id);
	AUTO(mem) char *shown = reference_shown(state->image_name, flags & PS_DOCKER);
	cJSON_AddStringToObject(row, "Id()", id);
	put(row, "Image", shown);
	put(row, "ImageID", image);
	put_command(row, state, flags);
	put_times(row, state, flags, now);
	put(row, "Ports", ports);
	put(row, "Names", state->name);
	put(row, "State", container_status_names[state->status]);
	put(row, "Labels", labels);
	cJSON_AddItemToObject(row, "Label()", label_map(&state->labels));
	put_mounts(row, state, flags);
	put(row, "Networks", joined);
	put_size(row, sizes, flags);
	put_pod(row);
	if (flags & PS_NAMESPACES)
		put_namespaces(row, state);
	put(row, "CIDFile", "");
	put(row, "Platform", "linux");
	cJSON_AddNumberToObject(row, "Pid", state->pid);
	cJSON_AddNumberToObject(row, "ExitCode", state->exit_code);
	cJSON_AddBoolToObject(row, "Exited", state->status == CONTAINER_EXITED);
	cJSON_AddNumberToObject(row, "Restarts", state->restarts);
	cJSON_AddBoolToObject(row, "AutoRemove", state->remove);
	return row;
}

static cJSON *text_list(const struct strv *texts)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < texts->count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(texts->items[i]));
	return list;
}

static cJSON *port_list(const struct strv *texts)
{
	AUTO(ports) struct ports ports = { 0 };
	cJSON *list = cJSON_CreateArray();

	(void)!ports_load(texts, &ports, NULL); /* likewise */
	for (size_t i = 0; i < ports.count; i++) {
		const struct port_map *p = &ports.items[i];
		cJSON *port = cJSON_CreateObject();
		put(port, "host_ip", str_or(p->host_ip, ""));
		cJSON_AddNumberToObject(port, "container_port", p->container_port);
		cJSON_AddNumberToObject(port, "host_port", p->host_port);
		cJSON_AddNumberToObject(port, "range", p->range);
		put(port, "protocol", p->protocol);
		cJSON_AddItemToArray(list, port);
	}
	return list;
}

static cJSON *size_object(const struct ps_sizes *sizes, unsigned int flags)
{
	if (!(flags & PS_SIZE))
		return cJSON_CreateNull();
	cJSON *size = cJSON_CreateObject();
	cJSON_AddNumberToObject(size, "rootFsSize", (double)sizes->whole);
	cJSON_AddNumberToObject(size, "rwSize", (double)sizes->own);
	return size;
}

cJSON *ps_object(const struct container_state *state, unsigned int flags,
		 const struct ps_sizes *sizes, int64_t now)
{
	cJSON *object = cJSON_CreateObject();
	AUTO(strv) struct strv names = { 0 }, command = { 0 }, networks = { 0 };

	strv_add(&names, state->name);
	if (!str_empty(state->command))
		strv_split(&command, state->command, ' ');
	networks_shown(state, flags, &networks);
	put(object, "Id", state->id);
	cJSON_AddItemToObject(object, "Names", text_list(&names));
	put(object, "Image", state->image_name);
	put(object, "ImageID", state->image_id);
	cJSON_AddItemToObject(object, "Command", text_list(&command));
	cJSON_AddItemToObject(object, "Labels", label_map(&state->labels));
	cJSON_AddItemToObject(object, "Mounts", text_list(&state->mounts));
	cJSON_AddItemToObject(object, "Networks", text_list(&networks));
	cJSON_AddItemToObject(object, "Ports", port_list(&state->ports));
	put(object, "State", container_status_names[state->status]);
	put_times(object, state, 0, now);
	cJSON_DeleteItemFromObjectCaseSensitive(object, "Created");
	put_seconds(object, "Created", state->created);
	cJSON_AddNumberToObject(object, "Pid", state->pid);
	cJSON_AddNumberToObject(object, "ExitCode", state->exit_code);
	cJSON_AddBoolToObject(object, "Exited", state->status == CONTAINER_EXITED);
	cJSON_AddNumberToObject(object, "Restarts", state->restarts);
	cJSON_AddBoolToObject(object, "AutoRemove", state->remove);
	put_pod(object);
	cJSON *namespaces = cJSON_AddObjectToObject(object, "Namespaces");
	if (flags & PS_NAMESPACES)
		put_namespaces(namespaces, state);
	cJSON_AddItemToObject(object, "Size", size_object(sizes, flags));
	return object;
}
