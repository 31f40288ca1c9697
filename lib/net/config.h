/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config - what a container's network shall be, and where everything in it is
 *
 * Pure, but for net_unprivileged_port(). The configuration is what was asked; the plan holds every
 * address that follows from it, before anything runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "net/ports.h"

/* A container that has its interfaces already; texts are numeric addresses. */
struct net_relay {
	char *ip, *ip6;
	char *gateway, *gateway6; /* what clients on the host's loopback are shown as */
};

/* Descriptors that a cubby-net is given with its job. */
struct handed {
	int traffic; /* of traffic_make() */
	struct {
		int *items;
		size_t count;
	} sockets; /* that published ports use (net/activated.h) */
};

/* What the user asked of the default network; zeroed is the default. */
struct net_config {
	char *subnet; /* "10.0.2.0/24"; NULL for that */
	char *ip;     /* of the container; NULL: the 100th of the subnet */
	char *ip6;    /* NULL: fd00::100 */
	char *mac;    /* NULL: it ends in the address */
	int mtu;      /* 0: chosen by measurement, NET_MTU */
	bool no_ipv6;
	bool allow_host_loopback; /* the gateway leads to the host's 127.0.0.1 */
	char *outbound_addr;	  /* source of what leaves the host, an address or an interface
			      * (outbound_resolve()); NULL: the kernel's choice */
	char *outbound_addr6;
	bool hide_client;  /* published ports show the gateway as the client, not the client */
	bool fast;	   /* --network fast: sockets of the host for what may leave (net/fast.h) */
	struct strv allow; /* fast: networks besides the public ones, "10.1.0.0/16" */
	bool again;	   /* fast: a port that is taken is the container's own by now */
	bool behind;	   /* nothing makes a namespace before the container has its own */
	struct ports ports;
	struct net_relay
		relay; /* with an address: published ports alone, for a container that has it */
	const struct handed
		*handed;     /* descriptors that go along; borrowed; NULL: none; not in the table */
	struct fresh *fresh; /* the container's namespace while it is not there; likewise */
};

/* Table of struct net_config. */
extern const struct jfield net_config_fields[];

enum { NET_MTU = 16384 };

/* Where everything is; texts are numeric addresses. */
struct net_plan {
	char *interface; /* "tap0" */
	char *mac;	 /* of the container */
	int mtu;
	char *network;	/* the first address of the subnet */
	int prefix;	/* bits, of ip and gateway */
	char *ip;	/* of the container */
	char *gateway;	/* also the host: host.containers.internal */
	char *dns;	/* answers with the host's resolvers */
	char *network6; /* NULL without IPv6, and all below */
	int prefix6;
	char *ip6;
	char *gateway6;
};

/* Table of struct net_plan. */
extern const struct jfield net_plan_fields[];

/**
 * net_mode_parse() - read a --network argument
 * @text:	"none", "host", "private", "bridge", "podman", "default", "slirp4netns[:K=V,...]",
 *		"fast[:K=V,...]", "pasta[:OPTION,...]", "container:NAME"; NULL is the default
 * @out_mode:	"none", "host", "slirp", "pasta", or "container:NAME" with the name as typed; to be
 *		freed, set on success only
 * @out_options:	the K=V of slirp4netns or fast, checked, are added, "fast=true" before those of fast;
 *		for pasta what pastaargs_check() makes; unchanged on failure
 * @err:	names what is unknown, with the networks that there are as a hint
 *
 * Return: 0; -EINVAL for an option that is wrong; -ENOENT for a network that does not exist.
 */
must_check int net_mode_parse(const char *text, char **out_mode, struct strv *out_options,
			      struct err *err);

/**
 * net_mac_parse() - read a link address
 * @text:	six pairs of hex digits with ':' or '-' between
 * @out:	as the kernel prints it, to be freed; set on success only
 * @err:	names @text, or says that it is no address of one device
 *
 * Return: 0 or -EINVAL.
 */
must_check int net_mac_parse(const char *text, char **out, struct err *err);

/**
 * net_config_load() - make a configuration of what a container's record holds
 * @options:	K=V: allow_host_loopback=, cidr=, mtu=, enable_ipv6=, outbound_addr=,
 *		outbound_addr6=, ip=, ip6=, mac=, port_handler=rootlesskit|slirp4netns (the latter
 *		shows clients as they are, as does the default; the former shows the gateway), fast=, allow=CIDR
 * @ports:	stored texts of the published ports
 * @out:	to be released with net_config_clear in any case
 * @err:	names the option that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int net_config_load(const struct strv *options, const struct strv *ports,
			       struct net_config *out, struct err *err);

/**
 * net_config_clear() - release a configuration
 * @config:	empty afterwards
 */
void net_config_clear(struct net_config *config);

/**
 * net_is_fast() - whether a container's options are those of --network fast
 * @options:	as net_mode_parse() made them
 *
 * Return: the answer.
 */
bool net_is_fast(const struct strv *options);

/**
 * net_config_relays() - whether published ports are all that is asked for
 * @config:	what was asked
 *
 * Return: whether the container has its addresses already.
 */
bool net_config_relays(const struct net_config *config);

/**
 * net_plan() - decide all addresses
 * @config:	what was asked; of a relay the plan has the addresses alone, as they are given
 * @out:	to be released with net_plan_clear; set on success only
 * @err:	names the subnet or address that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int net_plan(const struct net_config *config, struct net_plan *out, struct err *err);

/**
 * net_plan_clear() - release a plan
 * @plan:	empty afterwards
 */
void net_plan_clear(struct net_plan *plan);

/**
 * net_unprivileged_port() - the lowest port that any user of this machine may bind
 *
 * Source: Documentation/networking/ip-sysctl, ip_unprivileged_port_start. For ports_check().
 *
 * Return: the port; 1024 when it cannot be read.
 */
int net_unprivileged_port(void);

static inline void auto_net_config(struct net_config *config)
{
	net_config_clear(config);
}

static inline void auto_net_plan(struct net_plan *plan)
{
	net_plan_clear(plan);
}
