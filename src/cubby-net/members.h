/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * members - who is on a network: the holder's side of their connections (net/exchange.h)
 *
 * A connection that has joined is a member; when it ends, in whatever way, the member's addresses and
 * names are free. One that says what nobody would say is ended. When the last connection has ended, or
 * none came in ten seconds, the network is left. Of a network that was taken over nobody knows which
 * addresses are in use, so nobody new joins until one of them says that all of those who were there have
 * come back (enum bridge_coming).
 *
 * Only processes of this user are heard.
 */
#pragma once

#include "base/err.h"
#include "base/loop.h"
#include "cubby-net/leases.h"
#include "cubby-net/names.h"
#include "cubby-net/resolver.h"
#include "net/bridge.h"

struct members;

struct members_config {
	const struct bridge_config *network;
	struct leases *leases;
	struct names *names;
	struct resolver *resolver;
	int netns;  /* handed to members, as is: */
	int keeper; /* of the doors */
	int mtu;
	const uint8_t *bridge_mac;
	bool taken_over; /* from a holder that has gone, whose members may come back */
	int comers;	 /* how many of them are expected */
	void (*complete)(
		void *data); /* called once, when as many have come back, or somebody says that all have */
	void *data;
};

/**
 * members_new() - nobody is there
 * @loop:	serves; belongs to the thread that does
 * @listener:	listens, does not block; belongs to the result
 * @config:	copied; what it points to must outlive the result
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * Before the sandbox is closed. loop_run() returns 0 when the network is left.
 *
 * Return: 0 or a negative errno.
 */
must_check int members_new(struct loop *loop, int listener, const struct members_config *config,
			   struct members **out, struct err *err);
