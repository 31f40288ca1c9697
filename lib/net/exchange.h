/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange - what is said to a cubby-net
 *
 * Over SOCK_SEQPACKET. Every message is one byte, enum net_word, and what follows it.
 *
 * A monitor and the cubby-net that serves its container, on a pair that cubby-net has as descriptor 3:
 *
 *	monitor					cubby-net
 *	NET_JOB json [+ traffic + sockets] ───▶	binds the ports, makes the stack, leaves the files
 *	NET_NAMESPACE + netns [+ far] ────────▶	makes the interface, or takes its far side over
 *	◀──────────────── NET_READY json + far	serves from now on
 *	◀───────────────────── NET_FAILED json	instead of NET_READY, at any time before; it ends then
 *
 * With --network fast there is a cubby-fast too, which is spoken to in the same words, but has its job when
 * the ports are known:
 *
 *	monitor					cubby-fast
 *	NET_JOB json ─────────────────────────▶	struct net_config, its ports as they are bound
 *	NET_NAMESPACE + netns ────────────────▶
 *	◀──────────────── NET_READY, or NET_FAILED json
 *
 * It has the listeners of socket calls sent to it (run/notice.h) on descriptor 4. Between its descriptor 5 and
 * cubby-net's descriptor 4 lies a SOCK_SEQPACKET pair, both ends of which the monitor keeps for those that
 * come after them: cubby-fast sends a struct net_door, cubby-net stops to listen for that port and sends it
 * back.
 *
 * The monitor waits in net_wait() alone. cubby-net ends when the socket closes, and by PDEATHSIG;
 * the monitor sees cubby-net's end by its pidfd and as the end of the socket. One that only relays
 * (net_config_relays()) has no far side to send: a transit namespace's packet socket (net/transit.h) or a tap.
 *
 * Who starts the holder of a network, on such a pair:
 *
 *	starter					holder
 *	NET_HOLD json [+ netns] [+ live] ─────▶	makes the network, leaves the files, listens
 *	◀──────────────────────── NET_READY json	serves from now on; the pair is closed
 *	◀─────────────────────── NET_FAILED json	instead; it ends then
 *
 * The starter waits in bridge_holder_start(). The holder lives on when the starter dies.
 *
 * A member, on a connection to the holder's socket, "ctl" in the holder's working directory:
 *
 *	member					holder
 *	NET_JOIN json ────────────────────────▶	finds addresses, knows the names
 *	◀────────── NET_READY json + netns + names	a member from here on
 *	◀─────────────────────── NET_FAILED json	instead; it may ask again. -EAGAIN: when all
 *						members of the holder before have (enum bridge_coming)
 *	NET_RENAME json ──────────────────────▶
 *	◀───────────────────────────── NET_READY
 *	NET_SEES [+ names]... ────────────────▶
 *	◀───────────────────────────── NET_READY
 *
 * Anybody, on such a connection:
 *
 *	NET_SERVERS json ─────────────────────▶	asks these for names of elsewhere from now on
 *	◀───────────────────────────── NET_READY
 *
 * The member waits for each answer. When its connection ends the holder forgets it; when the holder
 * dies the member sees the end of the connection.
 */
#pragma once

#include "base/json.h"
#include "net/ports.h"

enum net_word {
	NET_JOB = 'J',	     /* struct net_config, and the descriptors of its struct handed */
	NET_NAMESPACE = 'N', /* no payload; one descriptor or two */
	NET_READY = 'R',     /* struct net_report; one descriptor */
	NET_FAILED = 'F',    /* struct net_report */
	NET_HOLD = 'H',	     /* struct bridge_hold; the descriptors that it tells of */
	NET_JOIN = 'j',	     /* struct bridge_wish; answered by struct bridge_lease */
	NET_RENAME = 'r',    /* struct bridge_wish */
	NET_SEES = 's',	     /* no payload; up to BRIDGE_SEES_MAX descriptors */
	NET_SERVERS = 'd',   /* struct bridge_servers */
};

enum { NET_SOCKET = 3, NET_DOORS = 4, NET_MESSAGE_MAX = 128 << 10 };

/* Of cubby-fast. */
enum { NET_LISTENERS = 4, NET_RELAY = 5 };

struct net_door {
	int port; /* of the container */
};

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
 * net_report_fail() - make an error of a NET_FAILED message
 * @json:	its payload
 * @err:	gets the sentence
 *
 * Return: the code that it tells, negative; -EBADMSG when it is none.
 */
must_check int net_report_fail(const cJSON *json, struct err *err);

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
