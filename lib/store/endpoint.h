/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * endpoint - a container's place on a network: what was asked for, and what it was given
 *
 * A configuration whose network_mode is "bridge" has endpoints; which networks there are is network.h's. The
 * default network may be one of them, under the name ENDPOINT_DEFAULT; what is asked of it stands in
 * network_options. With another network_mode there are none.
 */
#pragma once

#include <stddef.h>

#include "base/json.h"
#include "base/str.h"

#define ENDPOINT_DEFAULT "podman"

/* What was asked for. */
struct endpoint {
	char *network; /* its whole name */
	struct strv aliases;
	struct strv links; /* NAME:ALIAS: what the container alone calls others */
	char *ip;	   /* NULL: any of the network's; likewise the next ones */
	char *ip6;
	char *mac;
	char *interface; /* its name in the container; NULL: eth0, eth1, … */
	int priority;	 /* the highest has the default route; of equal ones the first */
};

struct endpoints {
	struct endpoint *items;
	size_t count;
};

/* Table of struct endpoint. */
extern const struct jfield endpoint_fields[];

/* What a container has while it runs; what it had last when it does not. */
struct attachment {
	char *network;
	char *id; /* of the network */
	char *interface;
	char *ip; /* NULL without IPv4 */
	int prefix;
	char *ip6; /* NULL without IPv6 */
	int prefix6;
	char *mac;
	char *gateway; /* NULL: there is none */
	char *gateway6;
};

struct attachments {
	struct attachment *items;
	size_t count;
};

/* Table of struct attachment. */
extern const struct jfield attachment_fields[];

/**
 * endpoints_find() - the endpoint on a network
 * @list:	looked through
 * @network:	whole name
 *
 * Return: it, which belongs to @list, or NULL.
 */
struct endpoint *endpoints_find(const struct endpoints *list, const char *network);

/**
 * endpoints_drop() - take an endpoint out
 * @list:	shorter afterwards, when it is there
 * @network:	whole name
 */
void endpoints_drop(struct endpoints *list, const char *network);

/**
 * endpoint_clear() - release an endpoint
 * @endpoint:	empty afterwards
 */
void endpoint_clear(struct endpoint *endpoint);

/**
 * attachments_find() - the attachment to a network
 * @list:	looked through
 * @network:	whole name
 *
 * Return: it, which belongs to @list, or NULL.
 */
struct attachment *attachments_find(const struct attachments *list, const char *network);

/**
 * attachments_drop() - take an attachment out
 * @list:	shorter afterwards, when it is there
 * @network:	whole name
 */
void attachments_drop(struct attachments *list, const char *network);

static inline void auto_endpoint(struct endpoint *endpoint)
{
	endpoint_clear(endpoint);
}
