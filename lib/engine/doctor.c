/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - what this host lacks, what that costs, and how it is repaired
 *
 * One function for each thing that is looked at; each adds one finding.
 */
#include "engine/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/str.h"
#include "engine/driver.h"
#include "engine/enforce.h"
#include "engine/outer.h"
#include "kern/machine.h"
#include "kern/refusal.h"
#include "kern/session.h"
#include "rootfs/single.h"
#include "store/record.h"

enum { KERNEL_LEAST = 5, MINOR_LEAST = 6, MINOR_OVERLAY = 11, ENOUGH_IDS = 65536 };

const char *const finding_state_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_LESS] = "less",
	[FINDING_BAD] = "bad",
	NULL,
};

struct examination {
	const struct host *host;
	struct engine *engine; /* or NULL */
	const struct err *why;
	struct machine machine;
	struct findings *out;
};

static struct finding *add(struct examination *x, const char *name, enum finding_state state,
			   const char *fmt, ...) printf_like(4, 5);

static struct finding *add(struct examination *x, const char *name, enum finding_state state,
			   const char *fmt, ...)
{
	struct finding *finding = vec_push(x->out);
	va_list args;

	va_start(args, fmt);
	*finding = (struct finding){ .name = name, .state = state, .text = str_vfmt(fmt, args) };
	va_end(args);
	return finding;
}

static void look_at_kernel(struct examination *x)
{
	const struct host *host = x->host;
	int major = host->kernel_major, minor = host->kernel_minor;

	if (major < KERNEL_LEAST || (major == KERNEL_LEAST && minor < MINOR_LEAST)) {
		add(x, "kernel", FINDING_BAD, "Linux %s is too old: 5.6 is the least", host->kernel)
			->repair = str_dup("install a newer kernel");
	} else if (major == KERNEL_LEAST && minor < MINOR_OVERLAY) {
		struct finding *f = add(x, "kernel", FINDING_LESS,
					"Linux %s lets no user mount overlays: 5.11 does",
					host->kernel);
		f->meanwhile = str_dup("fuse-overlayfs or copies of the layers");
		f->repair = str_dup("install a newer kernel");
	} else {
		add(x, "kernel", FINDING_OK, "Linux %s", host->kernel);
	}
}

static int try_rights(unused_arg void *data, struct err *err)
{
	return refusal_armed(err);
}

static void look_at_namespaces(struct examination *x)
{
	AUTO(err) struct err err = { 0 };

	if (!x->engine)
		return;
	int r = outer_run(x->engine, 0, try_rights, NULL, &err);
	if (r >= 0) {
		add(x, "user namespaces", FINDING_OK, "one can be made");
		return;
	}
	struct finding *f = add(x, "user namespaces", FINDING_BAD, "%s", err.text);
	f->repair = refusal_repair(refusal_find(r), x->host->self);
	if (!f->repair)
		f->repair = str_dup(err.hint);
}

static uint64_t ids_of(const struct idmap *map)
{
	uint64_t ids = 0;

	for (size_t i = 0; i < map->count; i++)
		ids += map->items[i].count;
	return ids;
}

/* sub-ids; what is missing for them the plan says in a sentence. */
static void look_at_ids(struct examination *x)
{
	AUTO(identity) struct identity_plan plan = { 0 };
	AUTO(err) struct err err = { 0 };

	if (identity_choose(x->host, &plan, &err) < 0) {
		add(x, "ids", FINDING_BAD, "%s", err.text)->repair = str_dup(err.hint);
		return;
	}
	if (plan.kind == IDENTITY_ROOT) {
		add(x, "ids", FINDING_OK, "root of this namespace");
		return;
	}
	uint64_t ids = ids_of(&plan.uids);
	if (plan.kind == IDENTITY_RANGES && ids >= ENOUGH_IDS) {
		add(x, "ids", FINDING_OK, "%ju ids through newuidmap", (uintmax_t)ids);
		return;
	}
	struct finding *f = plan.kind == IDENTITY_RANGES
				    ? add(x, "ids", FINDING_LESS,
					  "only %ju ids: images use up to 65536", (uintmax_t)ids)
				    : add(x, "ids", FINDING_LESS, "one id: %s",
					  str_or(plan.why, "there are no sub-ids"));
	f->meanwhile = str_dup(
		plan.kind == IDENTITY_RANGES
			? "images whose files have lower ids"
			: "every file belongs to root inside; changing owners seems to succeed");
	f->repair = plan.kind == IDENTITY_RANGES
			    ? str_fmt("sudo usermod --add-subuids 100000-165535 "
				      "--add-subgids 100000-165535 %s",
				      x->host->user)
			    : str_dup(plan.repair);
}

static void look_at_store(struct examination *x)
{
	if (!x->engine) {
		add(x, "store", FINDING_BAD, "%s", x->why->text)->repair = str_dup(x->why->hint);
		return;
	}
	const struct store *store = x->engine->store;
	if (store->read_only)
		add(x, "store", FINDING_LESS, "'%s' can only be read", store->path)->meanwhile =
			str_dup("ps, images, inspect, logs");
	else
		add(x, "store", FINDING_OK, "%s", store->path);
}

static int count_damaged(void *data, unused_arg const char *id, struct container_state *state)
{
	size_t *damaged = data;

	*damaged += state == NULL;
	container_state_free(state);
	return 0;
}

static void look_at_records(struct examination *x)
{
	AUTO(err) struct err err = { 0 };
	size_t damaged = 0;

	if (!x->engine)
		return;
	if (record_each_state(x->engine->store, count_damaged, &damaged, &err) < 0)
		add(x, "records", FINDING_BAD, "%s", err.text);
	else if (damaged)
		add(x, "records", FINDING_LESS, "%zu damaged", damaged)->repair =
			str_dup("cubby ps -a names them; cubby rm -f ID removes one");
}

static void look_at_driver(struct examination *x)
{
	AUTO(err) struct err err = { 0 };
	const char *driver = x->engine ? driver_choose(x->engine, &err) : NULL;

	if (!x->engine)
		return;
	if (!driver) {
		add(x, "storage driver", FINDING_BAD, "%s", str_or(err.text, "none works"))->repair =
			str_dup(err.hint);
		return;
	}
	if (!str_eq(driver, "copy")) {
		add(x, "storage driver", FINDING_OK, "%s", driver);
		return;
	}
	struct finding *f = add(x, "storage driver", FINDING_LESS,
				"neither overlay nor fuse-overlayfs works on '%s'",
				x->engine->store->path);
	f->meanwhile = str_dup("copy: each container has a copy of its image");
	AUTO(mem) char *fuse = host_tool(x->host, "fuse-overlayfs");
	f->repair = str_dup(!fuse	       ? "sudo apt-get install fuse-overlayfs"
			    : !x->machine.fuse ? "sudo chmod 0666 /dev/fuse"
					       : "put the store on a local disk with --root");
}

/* Nobody needs them who has the layers unpacked. */
static void look_at_singles(struct examination *x)
{
	AUTO(mem) char *server = single_program(x->host);
	AUTO(mem) char *maker = host_helper(x->host, "cubby-single");

	if (server && x->machine.fuse && access(maker, X_OK) == 0) {
		add(x, "single files", FINDING_OK, "made by cubby-single, shown by %s", server);
		return;
	}
	if (server && x->machine.fuse) {
		struct finding *f = add(x, "single files", FINDING_LESS,
					"this cubby was built without libsquashfs");
		f->meanwhile = str_dup("files made elsewhere run; --single-file makes none");
		f->repair = str_dup("build it where libsquashfs-dev is installed");
		return;
	}
	struct finding *f = add(x, "single files", FINDING_LESS, "%s",
				server ? "/dev/fuse cannot be opened" : "there is no squashfuse");
	f->meanwhile = str_dup("images that are unpacked");
	f->repair =
		str_dup(server ? "sudo chmod 0666 /dev/fuse" : "sudo apt-get install squashfuse");
}

static void look_at_network(struct examination *x)
{
	if (!x->machine.tun) {
		struct finding *f =
			add(x, "network", FINDING_LESS, "/dev/net/tun cannot be opened");
		f->meanwhile =
			str_dup("all networks, where the kernel has sch_ingress and cls_bpf; "
				"else --network none and --network host");
		f->repair = str_dup("sudo modprobe tun; sudo chmod 0666 /dev/net/tun");
		return;
	}
	add(x, "network", FINDING_OK, "/dev/net/tun can be opened");
}

static void look_at_ports(struct examination *x)
{
	if (x->machine.lowest_port <= 80 || x->host->root) {
		add(x, "ports", FINDING_OK, "port 80 can be published");
		return;
	}
	struct finding *f = add(x, "ports", FINDING_LESS, "ports below %d cannot be published",
				x->machine.lowest_port);
	f->meanwhile = str_dup("-p 8080:80; inside, every port can be used");
	f->repair = str_dup("sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80");
}

static void look_at_helpers(struct examination *x)
{
	static const char *const helpers[] = { "cubby-layer", "cubby-net", "cubby-remote" };
	AUTO(strv) struct strv missing = { 0 };

	for (size_t i = 0; i < array_len(helpers); i++) {
		AUTO(mem) char *path = host_helper(x->host, helpers[i]);
		if (access(path, X_OK) != 0)
			strv_take(&missing, take_ptr(path));
	}
	if (!missing.count) {
		add(x, "helpers", FINDING_OK, "in '%s'", x->host->libexec);
		return;
	}
	AUTO(mem) char *list = str_join(&missing, ", ");
	add(x, "helpers", FINDING_BAD, "cannot execute %s", list)->repair =
		str_dup("install cubby again, or set CUBBY_LIBEXEC");
}

static void look_at_cgroups(struct examination *x)
{
	AUTO(enforcement) struct enforcement e = { 0 };
	enum { ALL = CONTROLLER_BIT(CONTROLLER_OTHER) - 1 };

	if (!x->engine)
		return; /* who makes groups is the engine's to say */
	enforce_survey(x->engine, &e);
	AUTO(mem) char *there = cgroup_print_controllers(e.needs);
	AUTO(mem) char *missing = cgroup_print_controllers(ALL & ~e.needs);
	if (e.manager == GROUP_NONE) {
		add(x, "control groups", FINDING_LESS, "%s", e.why)->meanwhile = str_dup(
			"-m, --pids-limit, --cpus and --cpuset-cpus hold without (docs/resources.md)");
		return;
	}
	if (!*missing) {
		add(x, "control groups", FINDING_OK, "by %s: %s", group_manager_names[e.manager],
		    there);
		return;
	}
	struct finding *f = add(x, "control groups", FINDING_LESS, "by %s: %s; not delegated: %s",
				group_manager_names[e.manager], *there ? there : "none", missing);
	if (e.manager == GROUP_SYSTEMD)
		f->repair =
			str_dup("root writes /etc/systemd/system/user@.service.d/delegate.conf: "
				"[Service] Delegate=cpu cpuset io memory pids");
}

static void look_at_logout(struct examination *x)
{
	struct session session;

	session_measure(x->host, "", &session);
	if (!session_mortal(&session)) {
		add(x, "logout", FINDING_OK, "%s",
		    session.lingers ? "lingering is on: containers stay"
				    : "nothing ends detached containers");
		return;
	}
	struct finding *f =
		add(x, "logout", FINDING_LESS, "detached containers end when you log out");
	f->repair = str_dup(session_remedy(&session));
}

void doctor_examine(const struct host *host, struct engine *engine, const struct err *why,
		    struct findings *out)
{
	static void (*const looks[])(struct examination * x) = {
		look_at_kernel, look_at_namespaces, look_at_ids,     look_at_store,
		look_at_driver, look_at_singles,    look_at_records, look_at_network,
		look_at_ports,	look_at_helpers,    look_at_cgroups, look_at_logout,
	};
	struct examination x = { .host = host, .engine = engine, .why = why, .out = out };

	machine_measure(&x.machine);
	for (size_t i = 0; i < array_len(looks); i++)
		looks[i](&x);
	machine_clear(&x.machine);
}

void findings_clear(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].text);
		free(findings->items[i].meanwhile);
		free(findings->items[i].repair);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}
