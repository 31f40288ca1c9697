/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * address - a socket address of either family
 */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/**
 * address_size() - bytes of an address
 * @a:	of either family
 *
 * Return: the size for bind(2) and connect(2).
 */
static inline socklen_t address_size(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof a->in4 : sizeof a->in6;
}

/**
 * address_parse() - a numeric address
 * @text:	of either family; may be NULL
 *
 * Return: the address, with port 0; of family 0 where @text is none.
 */
static inline union address address_parse(const char *text)
{
	union address a = { 0 };

	if (text && inet_pton(AF_INET, text, &a.in4.sin_addr) == 1)
		a.any.sa_family = AF_INET;
	else if (text && inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1)
		a.any.sa_family = AF_INET6;
	return a;
}

/**
 * address_plain() - an address as its own family writes it
 * @a:	of either family
 *
 * A socket of both families shows an IPv4 client as an IPv6 address that maps it.
 *
 * Return: the same, or the IPv4 address that is mapped.
 */
static inline union address address_plain(const union address *a)
{
	union address plain = { .in4 = { .sin_family = AF_INET, .sin_port = a->in6.sin6_port } };

	if (a->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return *a;
	memcpy(&plain.in4.sin_addr, &a->in6.sin6_addr.s6_addr[12], sizeof plain.in4.sin_addr);
	return plain;
}

/**
 * address_same_host() - whether two addresses are the same but for their ports
 * @a:	of either family
 * @b:	of either family
 *
 * Return: the answer.
 */
static inline bool address_same_host(const union address *a, const union address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	return a->any.sa_family == AF_INET
		       ? a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr
		       : IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
}

/**
 * address_connect() - connect(2) itself
 * @fd:		a socket
 * @to:		where to
 * @size:	of @to
 *
 * The name connect is taken by main.c for the stack's connections.
 *
 * Return: 0, or -1 with errno set.
 */
must_check static inline int address_connect(int fd, const void *to, socklen_t size)
{
	return (int)syscall(SYS_connect, fd, to, size);
}
