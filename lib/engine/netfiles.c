/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netfiles - a container's hosts, hostname and resolv.conf, written at each start
 */
#include "engine/netfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "kern/at.h"
#include "net/hosts.h"
#include "net/resolv.h"

enum { FILE_MODE = 0644, FILE_MAX = 1 << 20 };

/* In which containers' names are found. */
#define NAMES_DOMAIN "dns.podman"

static int put(int dir, const char *name, const char *text, struct err *err)
{
	/* In place: nobody reads it before the container runs, and what ran before is gone. */
	int r = file_write(dir, name, FILE_MODE, text, strlen(text));

	/* Every user of the container reads them, whatever the monitor's umask. */
	if (r == 0 && fchmodat(dir, name, FILE_MODE, 0) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot write the container's %s", name) : 0;
}

static bool is_host(const struct container_config *config)
{
	return str_eq(config->network_mode, "host");
}

static int write_hostname(const struct container_config *config, int dir, struct err *err)
{
	char own[HOST_NAME_MAX + 1] = "";
	const char *name = config->hostname;

	if (str_eq(config->uts_mode, "host") && gethostname(own, sizeof own - 1) == 0)
		name = own;
	AUTO(mem)
	char *text = name ? str_fmt("%s\n", name) : str_fmt("%.12s\n", config->id);
	return put(dir, "hostname", text, err);
}

/* --hosts-file: what stands in front. The image's may be anything: only a regular file is read. */
static int read_first(const struct container_config *config, int root, char **out, struct err *err)
{
	struct stat st;
	const char *path = config->hosts_file;
	bool image = str_eq(path, "image");

	if (!path)
		return 0;
	AUTO(fd)
	int fd = image ? at_open_in_root(root, "etc/hosts", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)
		       : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && image) /* it has none */
		return 0;
	int r = fd < 0 ? -errno : fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && !S_ISREG(st.st_mode))
		r = -EINVAL;
	if (r == 0)
		r = fd_read_all(fd, FILE_MAX, out, NULL);
	return r < 0 ? err_sys(err, r, "cannot read the hosts file '%s'", path) : 0;
}

/* NULL when the container has no such file. */
static int hosts_text(const struct container_config *config, int root,
		      const struct netfiles_net *net, char **out, struct err *err)
{
	AUTO(mem) char *first = NULL;
	AUTO(mem) char *base = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *short_id = str_fmt("%.12s", config->id);

	if (config->no_hosts)
		return 0;
	int r = read_first(config, root, &first, err);
	if (r < 0)
		return r;
	/* A host without the file has nothing to show. */
	if (is_host(config) && !first &&
	    file_read(AT_FDCWD, "/etc/hosts", FILE_MAX, &base, NULL) < 0)
		base = str_dup("");
	struct hosts_config hosts = {
		.base = base,
		.hostname = str_or(config->hostname, short_id),
		.domainname = config->domainname,
		.name = config->name,
		.addresses = net ? &net->addresses : NULL,
		.host_ip = net		     ? net->host
			   : is_host(config) ? "127.0.0.1"
					     : NULL,
		.add = &config->add_hosts,
	};
	r = hosts_build(&hosts, &text, err);
	if (r < 0)
		return r;
	size_t n = first ? strlen(first) : 0;
	*out = str_fmt("%s%s%s", str_or(first, ""), n && first[n - 1] != '\n' ? "\n" : "", text);
	return 0;
}

static int write_hosts(const struct container_config *config, int dir, int root,
		       const struct netfiles_net *net, struct err *err)
{
	AUTO(mem) char *text = NULL;
	int r = hosts_text(config, root, net, &text, err);

	if (r < 0 || text)
		return r < 0 ? r : put(dir, "hosts", text, err);
	(void)unlinkat(dir, "hosts", 0); /* it is there only when it was wanted before */
	return 0;
}

static char *resolv_text(const struct container_config *config, const struct netfiles_net *net)
{
	AUTO(resolv) struct resolv host = { 0 };
	char *text = NULL;

	if (is_host(config) && !config->dns.count && !config->dns_search.count &&
	    !config->dns_options.count) {
		if (file_read(AT_FDCWD, "/etc/resolv.conf", FILE_MAX, &text, NULL) < 0)
			text = str_dup("");
		return text;
	}
	/* A network's own server asks those of the user's choice. */
	bool off = config->dns.count && str_eq(config->dns.items[0], "none");
	bool names = net && net->names && !off;
	resolv_load(AT_FDCWD, &host);
	struct resolv_config resolv = {
		.host = &host,
		.server = net ? net->server : NULL,
		.domain = names ? NAMES_DOMAIN : NULL,
		.servers = names ? NULL : &config->dns,
		.search = &config->dns_search,
		.options = &config->dns_options,
	};
	return resolv_build(&resolv);
}

static int write_resolv(const struct container_config *config, int dir,
			const struct netfiles_net *net, struct err *err)
{
	AUTO(mem) char *text = resolv_text(config, net);

	return put(dir, "resolv.conf", text, err);
}

/* Who shares another's network has its names too. */
static int copy_from(const struct store *store, const char *id, int dir, struct err *err)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };

	for (size_t i = 0; i < array_len(names); i++) {
		AUTO(mem) char *path = store_container_path(store, id, names[i]);
		AUTO(mem) char *text = NULL;
		/* One that has no hosts file has none to share. */
		if (file_read(AT_FDCWD, path, FILE_MAX, &text, NULL) < 0)
			continue;
		int r = put(dir, names[i], text, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int netfiles_write(const struct store *store, const struct container_config *config, int dir,
		   int root, const struct netfiles_net *net, struct err *err)
{
	const char *other = config->network_mode ? str_starts(config->network_mode, "container:")
						 : NULL;

	if (other)
		return copy_from(store, other, dir, err);
	int r = write_hostname(config, dir, err);
	if (r == 0)
		r = write_hosts(config, dir, root, net, err);
	if (r == 0)
		r = write_resolv(config, dir, net, err);
	return r;
}

/* ---- while it runs ---- */

static bool begins_with(const char *line, const struct strv *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		const char *rest = str_starts(line, addresses->items[i]);
		if (rest && (*rest == '\t' || *rest == ' '))
			return true;
	}
	return false;
}

static void only_in(const struct strv *all, const struct strv *without, struct strv *out)
{
	for (size_t i = 0; i < all->count; i++)
		if (strv_find(without, all->items[i]) < 0)
			strv_add(out, all->items[i]);
}

/* What the container wrote there itself stays, but for lines of addresses that it has no longer. */
static char *edit_hosts(const char *text, const char *was, const char *next,
			const struct strv *gone)
{
	AUTO(strv) struct strv lines = { 0 }, before = { 0 }, after = { 0 }, all = { 0 };

	strv_split(&lines, text, '\n');
	strv_split(&before, was, '\n');
	strv_split(&after, next, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];
		bool ours = strv_find(&before, line) >= 0 && strv_find(&after, line) < 0;
		if (*line && !ours && !begins_with(line, gone))
			strv_add(&all, line);
	}
	only_in(&after, &before, &all);
	strv_add(&all, "");
	return str_join(&all, "\n");
}

static int change_hosts(const struct netfiles_change *c, struct err *err)
{
	AUTO(mem) char *was = NULL;
	AUTO(mem) char *next = NULL;
	AUTO(mem) char *now = NULL;
	AUTO(strv) struct strv gone = { 0 };

	int r = hosts_text(c->config, c->root, c->from, &was, err);
	if (r == 0)
		r = hosts_text(c->config, c->root, c->to, &next, err);
	if (r < 0 || !next || file_read(c->dir, "hosts", FILE_MAX, &now, NULL) < 0)
		return r;
	if (str_eq(was, now))
		return put(c->dir, "hosts", next, err);
	only_in(&c->from->addresses, &c->to->addresses, &gone);
	AUTO(mem) char *edited = edit_hosts(now, str_or(was, ""), next, &gone);
	return put(c->dir, "hosts", edited, err);
}

/* One that the container changed is its own. */
static int change_resolv(const struct netfiles_change *c, struct err *err)
{
	AUTO(mem) char *was = resolv_text(c->config, c->from);
	AUTO(mem) char *next = resolv_text(c->config, c->to);
	AUTO(mem) char *now = NULL;

	if (file_read(c->dir, "resolv.conf", FILE_MAX, &now, NULL) < 0 || !str_eq(was, now))
		return 0;
	return put(c->dir, "resolv.conf", next, err);
}

int netfiles_change(const struct netfiles_change *change, struct err *err)
{
	int r = change_hosts(change, err);

	return r < 0 ? r : change_resolv(change, err);
}

void netfiles_net_clear(struct netfiles_net *net)
{
	strv_clear(&net->addresses);
	str_set(&net->host, NULL);
	str_set(&net->server, NULL);
	net->names = false;
}
