/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange - what a monitor and its cubby-net say to each other
 *
 * A SOCK_SEQPACKET pair; cubby-net has it as descriptor 3. Every message is one byte, enum net_word,
 * and what follows it.
 *
 *	monitor					cubby-net
 *	NET_JOB json ─────────────────────────▶	binds the ports, makes the stack, leaves the files
 *	NET_NAMESPACE + netns [+ tap] ────────▶	configures the namespace, or takes the tap over
 *	◀──────────────── NET_READY json + tap	serves from now on
 *	◀───────────────────── NET_FAILED json	instead of NET_READY, at any time before; it ends then
 *
 * The monitor waits in net_wait() alone. cubby-net ends when the socket closes, and by PDEATHSIG;
 * the monitor sees cubby-net's end by its pidfd and as the end of the socket.
 */
#pragma once

#include "base/json.h"
#include "net/ports.h"

enum net_word {
	NET_JOB = 'J',	     /* struct net_config */
	NET_NAMESPACE = 'N', /* no payload; one descriptor or two */
	NET_READY = 'R',     /* struct net_report; one descriptor */
	NET_FAILED = 'F',    /* struct net_report */
};

enum { NET_SOCKET = 3, NET_MESSAGE_MAX = 128 << 10 };

struct net_report {
	int code; /* negative errno; 0 in NET_READY */
	char *text;
	char *hint;
	struct ports ports; /* as they are bound */
};

static const struct jfield net_report_fields[] = {
	J_INT("Code", struct net_report, code),
	J_TEXT("Text", struct net_report, text),
	J_TEXT("Hint", struct net_report, hint),
	J_LIST("Ports", struct net_report, ports, port_map_fields),
	J_END,
};

/**
 * net_say() - send a message
 * @sock:	one end
 * @word:	what it is
 * @table:	describes @st; NULL without a payload
 * @st:		the payload
 * @fds:	descriptors that go along
 * @count:	how many
 *
 * Return: 0 or a negative errno; -EMSGSIZE when there are too many ports for one message.
 */
must_check int net_say(int sock, enum net_word word, const struct jfield *table, const void *st,
		       const int *fds, size_t count);

/**
 * net_hear() - receive a message
 * @sock:	one end
 * @out_json:	the payload, NULL without one, to be released with cJSON_Delete; set on success only
 * @fds:	room for FD_PASS_MAX descriptors, owned by the caller
 * @count:	how many came
 * @err:	what is wrong with the message
 *
 * Return: the word; -EPIPE when the other side is gone; -EBADMSG; or a negative errno.
 */
must_check int net_hear(int sock, cJSON **out_json, int *fds, size_t *count, struct err *err);
