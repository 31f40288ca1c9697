/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netplan - from what the user asked for to a container's network, its names and its ports
 */
#include "engine/netplan.h"

#include <errno.h>
#include <limits.h>

#include "engine/activation.h"
#include "engine/netargs.h"
#include "engine/rateplan.h"
#include "net/activated.h"
#include "net/hosts.h"
#include "net/net.h"
#include "net/ports.h"
#include "net/resolv.h"

static int refuse_ports(const char *mode, struct err *err)
{
	err_set(err, -EINVAL, "ports cannot be published with --network %s", mode);
	return err_hint(err, "publish them at the container whose network it is");
}

/* A socket that is at hand needs no right to bind it. */
static int check_ports(const struct ports *ports, const struct activation *activation,
		       struct err *err)
{
	AUTO(activated) struct activated_list sockets = { 0 };
	AUTO(ports) struct ports rest = { 0 };

	if (activation)
		activated_read(activation->fds, activation->count, &sockets);
	activated_rest(&sockets, ports, &rest);
	int r = ports_check(ports, 0, err);
	/* For root as well: the helper that binds them has no rights over the host. */
	return r < 0 ? r : ports_check(&rest, net_unprivileged_port(), err);
}

static int plan_ports(const struct create_args *a, const struct image_process *image,
		      struct container_config *c, struct err *err)
{
	AUTO(ports) struct ports ports = { 0 };
	int r = 0;

	for (size_t i = 0; i < image->exposed_ports.count && r == 0; i++)
		r = ports_expose(image->exposed_ports.items[i], &c->expose, err);
	for (size_t i = 0; i < a->expose.count && r == 0; i++)
		r = ports_expose(a->expose.items[i], &c->expose, err);
	for (size_t i = 0; i < a->publish.count && r == 0; i++)
		r = ports_parse(a->publish.items[i], &ports, err);
	if (r < 0)
		return r;
	if (a->publish_all)
		ports_publish_all(&c->expose, &ports);
	if (ports.count && str_starts(c->network_mode, "container:"))
		return refuse_ports(c->network_mode, err);
	if (str_eq(c->network_mode, "slirp") || str_eq(c->network_mode, "bridge") ||
	    str_eq(c->network_mode, "pasta"))
		r = check_ports(&ports, a->activation, err);
	c->publish_all = a->publish_all;
	ports_save(&ports, &c->ports);
	return r;
}

static int plan_hosts_file(const struct create_args *a, struct container_config *c, struct err *err)
{
	const char *file = a->hosts_file;

	if (file && a->no_hosts)
		return err_set(err, -EINVAL, "--hosts-file cannot be given with --no-hosts");
	if (!file || str_eq(file, "none") || !*file)
		return 0;
	if (*file != '/' && !str_eq(file, "image"))
		return err_set(
			err, -EINVAL,
			"--hosts-file: '%s' is neither an absolute path, nor none, nor image",
			file);
	c->hosts_file = str_dup(file);
	return 0;
}

static int check_names(const struct create_args *a, struct err *err)
{
	const struct resolv_config asked = { .servers = &a->dns,
					     .search = &a->dns_search,
					     .options = &a->dns_options };
	const char *host = a->hostname, *domain = a->domainname;

	if (host && (str_empty(host) || strlen(host) > HOST_NAME_MAX || !hosts_name(host)))
		return err_set(err, -EINVAL,
			       "--hostname: '%s' is no host name: 1 to %d characters, no blanks",
			       host, HOST_NAME_MAX);
	if (domain && (strlen(domain) > HOST_NAME_MAX || !hosts_name(domain)))
		return err_set(err, -EINVAL,
			       "--domainname: '%s' is no domain: at most %d characters, no blanks",
			       domain, HOST_NAME_MAX);
	if (host && (str_eq(a->uts, "host") || (a->uts && str_starts(a->uts, "container:"))))
		return err_set(err, -EINVAL, "--hostname cannot be given with --uts %s", a->uts);
	return resolv_check(&asked, err);
}

/* Who joins a container's network has its files. */
static int check_shared(const struct create_args *a, const char *mode, struct err *err)
{
	const struct {
		const char *option;
		const struct strv *given;
	} options[] = {
		{ "dns", &a->dns },
		{ "dns-search", &a->dns_search },
		{ "dns-option", &a->dns_options },
		{ "add-host", &a->add_hosts },
	};

	if (!str_starts(mode, "container:"))
		return 0;
	for (size_t i = 0; i < array_len(options); i++) {
		if (!options[i].given->count)
			continue;
		(void)err_set(err, -EINVAL, "--%s cannot be given with --network %s",
			      options[i].option, mode);
		return err_hint(err, "give it to the container whose network it is");
	}
	return 0;
}

static int plan_names(const struct create_args *a, struct container_config *c, struct err *err)
{
	strv_extend(&c->dns, &a->dns);
	strv_extend(&c->dns_search, &a->dns_search);
	strv_extend(&c->dns_options, &a->dns_options);
	strv_extend(&c->add_hosts, &a->add_hosts);
	c->no_hosts = a->no_hosts;
	c->no_hostname = a->no_hostname;
	c->hostname = str_dup(a->hostname);
	c->domainname = str_dup(a->domainname);
	int r = check_names(a, err);
	if (r == 0)
		r = check_shared(a, c->network_mode, err);
	return r < 0 ? r : plan_hosts_file(a, c, err);
}

int network_plan(const struct create_args *args, const struct image_process *image,
		 struct container_config *config, struct err *err)
{
	int r = netargs_plan(args, config, err);

	for (size_t i = 0; i < args->add_hosts.count && r == 0; i++)
		r = hosts_check(args->add_hosts.items[i], err);
	if (r == 0 && args->network_rate)
		r = rateplan_set(args->network_rate, config, err);
	if (r == 0)
		r = plan_names(args, config, err);
	return r < 0 ? r : plan_ports(args, image, config, err);
}
