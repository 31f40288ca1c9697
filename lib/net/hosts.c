/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hosts - the text of a container's /etc/hosts
 */
#include "net/hosts.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/mem.h"

static const char host_names[] = "host.containers.internal host.docker.internal";
static const char gateway_word[] = "host-gateway";

static bool is_address(const char *text)
{
	struct in6_addr a;

	return inet_pton(AF_INET, text, &a) == 1 || inet_pton(AF_INET6, text, &a) == 1;
}

/* Splits "NAME[;NAME]:IP" in place; the address loses its brackets. NULL when it is none. */
static const char *entry_split(char *text)
{
	char *sep = strpbrk(text, ":=");

	if (!sep || sep == text || strpbrk(text, " \t\n#"))
		return NULL;
	*sep = 0;
	char *address = sep + 1;
	size_t size = strlen(address);
	if (*address == '[' && address[size - 1] == ']') {
		address[size - 1] = 0;
		address++;
	}
	return is_address(address) || str_eq(address, gateway_word) ? address : NULL;
}

static int entry_bad(const char *text, struct err *err)
{
	(void)err_set(err, -EINVAL, "invalid host entry '%s'", text);
	return err_hint(err, "write it as NAME:IP or NAME:%s", gateway_word);
}

bool hosts_name(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '#' || *text == ';')
			return false;
	return true;
}

int hosts_check(const char *text, struct err *err)
{
	AUTO(mem) char *copy = str_dup(text);

	return entry_split(copy) ? 0 : entry_bad(text, err);
}

static int add_entries(const struct hosts_config *c, struct strv *lines, struct err *err)
{
	for (size_t i = 0; c->add && i < c->add->count; i++) {
		AUTO(mem) char *names = str_dup(c->add->items[i]);
		const char *address = entry_split(names);
		if (!address)
			return entry_bad(c->add->items[i], err);
		if (str_eq(address, gateway_word))
			address = c->host_ip;
		if (!address)
			return err_set(err, -EINVAL,
				       "the host has no address in this network for '%s'",
				       c->add->items[i]);
		for (char *p = names; (p = strchr(p, ';'));)
			*p = ' ';
		strv_addf(lines, "%s\t%s", address, names);
	}
	return 0;
}

static char *own_names(const struct hosts_config *c)
{
	AUTO(strv) struct strv names = { 0 };

	if (!str_empty(c->hostname) && !str_empty(c->domainname))
		strv_addf(&names, "%s.%s", c->hostname, c->domainname);
	if (!str_empty(c->hostname))
		strv_add(&names, c->hostname);
	if (!str_empty(c->name) && !str_eq(c->name, c->hostname))
		strv_add(&names, c->name);
	return str_join(&names, " ");
}

static void add_own(const struct hosts_config *c, struct strv *lines)
{
	AUTO(mem) char *names = own_names(c);

	if (str_empty(names))
		return;
	if (!c->addresses || !c->addresses->count)
		strv_addf(lines, "127.0.1.1\t%s", names);
	for (size_t i = 0; c->addresses && i < c->addresses->count; i++)
		strv_addf(lines, "%s\t%s", c->addresses->items[i], names);
}

int hosts_build(const struct hosts_config *config, char **out, struct err *err)
{
	AUTO(strv) struct strv lines = { 0 };

	int r = add_entries(config, &lines, err);
	if (r < 0)
		return r;
	if (config->base) {
		strv_add(&lines, config->base);
	} else {
		strv_add(&lines, "127.0.0.1\tlocalhost");
		strv_add(&lines, "::1\tlocalhost ip6-localhost ip6-loopback");
		add_own(config, &lines);
	}
	if (config->host_ip)
		strv_addf(&lines, "%s\t%s", config->host_ip, host_names);
	if (!str_ends(lines.items[lines.count - 1], "\n"))
		strv_add(&lines, "");
	*out = str_join(&lines, "\n");
	return 0;
}
