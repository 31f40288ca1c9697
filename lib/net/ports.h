/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ports - published ports: their texts, their checks, and how they are shown
 *
 * A mapping leads one host port, or as many consecutive ones as its range says, to the container.
 * Three texts exist: what the user types ([IP:][HOST]:CONTAINER[/PROTO]), the one that is stored
 * ("IP:HOST:CONTAINER/PROTO" with every range written out as FIRST-LAST, empty for "any"), and what
 * listings show ("0.0.0.0:8080->80/tcp"). Binding them is cubby-net's work.
 *
 * Invariants of a mapping: (1) range >= 1, and 1 unless host_port is given; (2) choices > 1 only with
 * range 1; (3) both ends of the range lie in 1..65535; (4) host_ip is numeric, in the kernel's
 * shortest form, or NULL; (5) protocol is "tcp" or "udp".
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct port_map {
	char *host_ip; /* NULL: every address of both families */
	int host_port; /* 0: any free one, chosen when it is bound */
	int choices;   /* the first free one of this many from host_port on; 0 and 1: just it */
	int container_port;
	int range;	/* so many consecutive ports on both sides */
	char *protocol; /* "tcp", "udp" */
};

struct ports {
	struct port_map *items;
	size_t count;
};

/* Table of struct port_map. */
extern const struct jfield port_map_fields[];

/**
 * ports_parse() - read one --publish argument
 * @text:	[IP:][HOST[-LAST]]:CONTAINER[-LAST][/tcp|/udp], [IP::]CONTAINER, CONTAINER; an IPv6
 *		address stands in brackets
 * @out:	grows by one mapping, or by one for each port of a range whose host ports are random
 * @err:	names @text and what is wrong with it
 *
 * Return: 0; -EINVAL; -EPROTONOSUPPORT for sctp.
 */
must_check int ports_parse(const char *text, struct ports *out, struct err *err);

/**
 * ports_load() - read the stored texts
 * @list:	as ports_save() made them; what ports_parse() takes is read too
 * @out:	grows
 * @err:	names the text that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int ports_load(const struct strv *list, struct ports *out, struct err *err);

/**
 * ports_save() - the stored texts
 * @ports:	any
 * @out:	grows by one text a mapping, for example ":8080:80/tcp", "127.0.0.1::53/udp",
 *		"[::1]:8000-8009:8000-8009/tcp"
 */
void ports_save(const struct ports *ports, struct strv *out);

/**
 * ports_expose() - read one --expose argument or one of an image's exposed ports
 * @text:	PORT[-LAST][/tcp|/udp]
 * @out:	grows by "PORT/PROTO" for each port that is not there yet
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int ports_expose(const char *text, struct strv *out, struct err *err);

/**
 * ports_publish_all() - give every exposed port a random host port (-P)
 * @expose:	as ports_expose() made it
 * @out:	grows by those that are not published yet
 *
 * Texts that are no port are passed over.
 */
void ports_publish_all(const struct strv *expose, struct ports *out);

/**
 * ports_check() - whether these can be published together by this user
 * @ports:	any
 * @first_unprivileged:	net.ipv4.ip_unprivileged_port_start; 0 when the caller may bind any
 * @err:	names the port, and for a privileged one the sysctl and another -p as a hint
 *
 * Pure. Whether another process has a port shows when it is bound.
 *
 * Return: 0; -EACCES for a privileged port; -EEXIST when two mappings claim one host port.
 */
must_check int ports_check(const struct ports *ports, int first_unprivileged, struct err *err);

/**
 * ports_print() - the PORTS column of a listing
 * @ports:	as published; a mapping for every address is shown as 0.0.0.0 and [::]
 * @expose:	exposed ports; those that are not published follow as "443/tcp"; may be NULL
 *
 * Neighbouring ports are merged: "0.0.0.0:8000-8002->8000-8002/tcp".
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *ports_print(const struct ports *ports, const struct strv *expose);

/**
 * ports_lines() - the lines of `port`
 * @ports:	as published
 * @of:		"80", "80/tcp", "53/udp": of this container port alone, and only its host side;
 *		NULL for all, as "80/tcp -> 0.0.0.0:8080"
 * @out:	grows by one line a port and address
 * @err:	names @of
 *
 * Return: 0; -EINVAL when @of is no port; -ENOENT when @of is not published.
 */
must_check int ports_lines(const struct ports *ports, const char *of, struct strv *out,
			   struct err *err);

/**
 * ports_copy() - copies of all mappings
 * @from:	any
 * @to:		grows
 */
void ports_copy(const struct ports *from, struct ports *to);

/**
 * ports_clear() - release all mappings
 * @ports:	empty afterwards
 */
void ports_clear(struct ports *ports);

static inline void auto_ports(struct ports *ports)
{
	ports_clear(ports);
}
