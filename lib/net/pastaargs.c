/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pastaargs - the words that pasta is started with (--network pasta[:OPTION,...])
 */
#include "net/pastaargs.h"

#include <errno.h>

enum kind { ALONE, WITH_VALUE };

#define MAP_GATEWAY "--map-gw"

/* The options of every version; short ones are kept as long ones. Source: pasta(1). */
static const struct {
	const char *name;
	char letter;
	enum kind kind;
} taken[] = {
	{ "--address", 'a', WITH_VALUE },
	{ "--config-net", 0, ALONE },
	{ "--dhcp-dns", 0, ALONE },
	{ "--dhcp-search", 0, ALONE },
	{ "--dns", 'D', WITH_VALUE },
	{ "--dns-forward", 0, WITH_VALUE },
	{ "--dns-host", 0, WITH_VALUE },
	{ "--freebind", 0, ALONE },
	{ "--gateway", 'g', WITH_VALUE },
	{ "--host-lo-to-ns-lo", 0, ALONE },
	{ "--interface", 'i', WITH_VALUE },
	{ "--ipv4-only", '4', ALONE },
	{ "--ipv6-only", '6', ALONE },
	{ "--mac-addr", 'M', WITH_VALUE },
	{ "--map-guest-addr", 0, WITH_VALUE },
	{ MAP_GATEWAY, 0, ALONE },
	{ "--map-host-loopback", 0, WITH_VALUE },
	{ "--mtu", 'm', WITH_VALUE },
	{ "--netmask", 'n', WITH_VALUE },
	{ "--no-copy-addrs", 0, ALONE },
	{ "--no-copy-routes", 0, ALONE },
	{ "--no-dhcp", 0, ALONE },
	{ "--no-dhcp-dns", 0, ALONE },
	{ "--no-dhcp-search", 0, ALONE },
	{ "--no-dhcpv6", 0, ALONE },
	{ "--no-icmp", 0, ALONE },
	{ "--no-map-gw", 0, ALONE },
	{ "--no-ndp", 0, ALONE },
	{ "--no-ra", 0, ALONE },
	{ "--no-splice", 0, ALONE },
	{ "--no-tcp", 0, ALONE },
	{ "--no-udp", 0, ALONE },
	{ "--ns-ifname", 'I', WITH_VALUE },
	{ "--ns-mac-addr", 0, WITH_VALUE },
	{ "--outbound", 'o', WITH_VALUE },
	{ "--outbound-if4", 0, WITH_VALUE },
	{ "--outbound-if6", 0, WITH_VALUE },
	{ "--quiet", 'q', ALONE },
	{ "--search", 'S', WITH_VALUE },
	{ "--tcp-ns", 'T', WITH_VALUE },
	{ "--tcp-ports", 't', WITH_VALUE },
	{ "--udp-ns", 'U', WITH_VALUE },
	{ "--udp-ports", 'u', WITH_VALUE },
};

/* Known, and not taken; the reason follows "because". */
static const struct {
	const char *name;
	char letter;
	const char *why;
} refused[] = {
	{ "--debug", 'd', "nobody would read what it prints" },
	{ "--fd", 'F', "it would speak to another program's socket" },
	{ "--foreground", 'f', "it is so anyway" },
	{ "--log-file", 'l', "it would write a file" },
	{ "--log-size", 0, "it would write a file" },
	{ "--netns", 0, "the network namespace is the container's" },
	{ "--netns-only", 0, "the network namespace is the container's" },
	{ "--no-netns-quit", 0, "it ends with the container anyway" },
	{ "--pcap", 'p', "it would write a file" },
	{ "--pid", 'P', "it would write a file" },
	{ "--runas", 0, "it runs as the caller" },
	{ "--stderr", 'e', "nobody would read what it prints" },
	{ "--trace", 0, "nobody would read what it prints" },
	{ "--userns", 0, "the network namespace is the container's" },
};

/* ---- what the user asks for ---- */

static int refuse(const char *word, const char *name, char letter, struct err *err)
{
	const char *why = NULL;

	for (size_t i = 0; i < array_len(refused) && !why; i++)
		if (letter ? refused[i].letter == letter : str_eq(refused[i].name, name))
			why = refused[i].why;
	if (why)
		return err_set(err, -EINVAL,
			       "the option '%s' of pasta cannot be given to a container: %s", word,
			       why);
	(void)err_set(err, -EINVAL, "there is no option '%s' of pasta that a container may have",
		      word);
	return err_hint(err, "options follow the colon as pasta has them, with commas between: "
			     "--network pasta:--mtu,1500,-T,5432");
}

/* Return: its place, or -EINVAL. *value is what is glued to it, else NULL. */
static int find(const char *word, const char **value, struct err *err)
{
	bool is_long = str_starts(word, "--") != NULL;
	AUTO(mem) char *name = str_dup(word);
	char letter = 0;

	*value = NULL;
	if (is_long && str_cut(name, '='))
		*value = word + strlen(name) + 1;
	if (!is_long && word[0] == '-') {
		letter = word[1];
		*value = letter && word[2] ? word + 2 : NULL;
	}
	for (size_t i = 0; i < array_len(taken); i++)
		if (letter ? taken[i].letter == letter : str_eq(taken[i].name, name))
			return (int)i;
	return refuse(word, name, letter, err);
}

/* Return: how many words of the list it takes, or -EINVAL. */
static int take(const struct strv *list, size_t at, struct strv *out, struct err *err)
{
	const char *word = list->items[at], *value;
	int i = find(word, &value, err);

	if (i < 0)
		return i;
	if (taken[i].kind == ALONE && value)
		return err_set(err, -EINVAL, "the option '%s' of pasta takes no value: '%s'",
			       taken[i].name, word);
	strv_add(out, taken[i].name);
	if (taken[i].kind == ALONE)
		return 1;
	if (!value && at + 1 == list->count)
		return err_set(err, -EINVAL, "the option '%s' of pasta needs a value", word);
	strv_add(out, value ? value : list->items[at + 1]);
	return value ? 1 : 2;
}

int pastaargs_check(const char *text, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv list = { 0 }, options = { 0 };

	if (text)
		strv_split(&list, text, ',');
	for (size_t i = 0; i < list.count;) {
		int n = take(&list, i, &options, err);
		if (n < 0)
			return n;
		i += (size_t)n;
	}
	strv_extend(out, &options);
	return 0;
}

/* ---- what pasta is told ---- */

static bool has_value(const char *option)
{
	for (size_t i = 0; i < array_len(taken); i++)
		if (str_eq(taken[i].name, option))
			return taken[i].kind == WITH_VALUE;
	return false;
}

/* A value may look like an option. */
static ssize_t find_option(const struct strv *options, const char *name)
{
	for (size_t i = 0; i < options->count; i += has_value(options->items[i]) ? 2 : 1)
		if (str_eq(options->items[i], name))
			return (ssize_t)i;
	return -1;
}

const char *pastaargs_value(const struct strv *options, const char *name)
{
	ssize_t at = find_option(options, name);

	return at < 0 || (size_t)at + 1 >= options->count ? NULL : options->items[at + 1];
}

bool pastaargs_has(const struct strv *options, const char *name)
{
	return find_option(options, name) >= 0;
}

static void add_port(const struct port_map *p, struct strv *out)
{
	strv_add(out, str_eq(p->protocol, "udp") ? "--udp-ports" : "--tcp-ports");
	strv_addf(out, "%s%s%d-%d:%d-%d", str_or(p->host_ip, ""), p->host_ip ? "/" : "",
		  p->host_port, p->host_port + p->range - 1, p->container_port,
		  p->container_port + p->range - 1);
}

static void add_default(const struct strv *options, const char *name, const char *value,
			struct strv *out)
{
	if (pastaargs_has(options, name))
		return;
	strv_add(out, name);
	if (value)
		strv_add(out, value);
}

static bool publishes(const struct ports *ports, const char *protocol)
{
	for (size_t i = 0; i < ports->count; i++)
		if (str_eq(ports->items[i].protocol, protocol))
			return true;
	return false;
}

/* Pasta's own default is to open every port that is bound on either side. */
static void add_doors(const struct pastaargs *a, struct strv *out)
{
	for (size_t i = 0; i < a->ports->count; i++)
		add_port(&a->ports->items[i], out);
	if (!publishes(a->ports, "tcp"))
		add_default(a->options, "--tcp-ports", "none", out);
	if (!publishes(a->ports, "udp"))
		add_default(a->options, "--udp-ports", "none", out);
	add_default(a->options, "--tcp-ns", "none", out);
	add_default(a->options, "--udp-ns", "none", out);
	if (!pastaargs_has(a->options, MAP_GATEWAY))
		add_default(a->options, "--no-map-gw", NULL, out);
}

void pastaargs_build(const struct pastaargs *a, struct strv *out)
{
	strv_add(out, "pasta");
	for (size_t i = 0; i < a->options->count; i++)
		if (!str_eq(a->options->items[i], MAP_GATEWAY))
			strv_add(out, a->options->items[i]);
	add_default(a->options, "--config-net", NULL, out);
	add_default(a->options, "--quiet", NULL, out);
	add_doors(a, out);
	if (!pastaargs_has(a->options, "--ipv6-only"))
		add_default(a->options, "--dns-forward", PASTA_DNS, out);
	if (a->maps_guest && !pastaargs_has(a->options, "--ipv6-only"))
		add_default(a->options, "--map-guest-addr", PASTA_HOST, out);
	strv_add(out, "--foreground");
	strv_add(out, "--no-netns-quit");
	strv_add(out, "--pid");
	strv_add(out, a->ready);
	strv_add(out, "--netns");
	strv_add(out, a->netns);
}
