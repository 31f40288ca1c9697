/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the networks that the user made: networks/NAME.json
 *
 *   (1) networks/NAME.json is one JSON file of mode 0600 with all there is of a network; it appears under
 *	 its name at once and whole, and is replaced by one rename;
 *   (2) the name of the file counts, not the one in it;
 *   (3) the id is random and is never given twice; a network that is made again has another one;
 *   (4) no name is that of a network or of a mode that is there without any being made;
 *   (5) its subnets overlap with no other network's: who makes one chooses and checks them under
 *	 LOCK_NETWORK of the empty name, and holds it until the record is there.
 *
 * A record changes under LOCK_NETWORK of its name; whoever puts a container on a network holds that lock,
 * shared or not, from finding the network to having a record that says so. Which containers are on a network
 * is told by their records, not here.
 *
 * Addresses are kept as texts, which nobody here reads: net/subnet.h does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "store/store.h"

enum network_limits { NETWORK_NAME_MAX = 128, NETWORK_ID_HEX = 64 };

struct network_subnet {
	char *subnet;  /* "10.89.0.0/24", "fd12::/64": the first address and how many bits */
	char *gateway; /* NULL: there is none */
	char *first;   /* of the addresses that containers get by themselves; NULL: of all */
	char *last;
	char *range; /* as typed */
};

/* A further route that each container of the network gets. */
struct network_route {
	char *to;   /* "10.21.0.0/24" */
	char *via;  /* an address of the network */
	int metric; /* 0: the kernel's usual */
};

struct network_record {
	char *id; /* 64 hex digits */
	char *name;
	char *driver;	      /* "bridge" */
	int64_t created;      /* ns since the epoch */
	struct strv labels;   /* k=v */
	struct strv options;  /* k=v, as typed */
	char *ipam_driver;    /* "host-local"; "none": containers get no addresses */
	struct strv reserved; /* name=address: never given to containers */
	struct {
		struct network_subnet *items;
		size_t count;
	} subnets;
	struct {
		struct network_route *items;
		size_t count;
	} routes;
	bool ipv6;	 /* a subnet of IPv6 was asked for */
	bool internal;	 /* no way out of the host, nor to it */
	bool no_dns;	 /* containers' names are not answered */
	struct strv dns; /* asked for all other names; empty: the host's */
	char *interface; /* what the bridge is called; NULL: after the id */
};

/* Table of struct network_record. */
extern const struct jfield network_record_fields[];

/**
 * network_record_check_name() - whether a text can be the name of a network
 * @name:	as typed
 * @err:	the rule, or what the name stands for already
 *
 * Return: 0 or -EINVAL.
 */
must_check int network_record_check_name(const char *name, struct err *err);

/**
 * network_record_create() - keep a new network
 * @store:	open store
 * @record:	everything but id and creation time, which are made here
 * @out:	as it was kept, to be released with network_record_free; set on success only; may be NULL
 * @err:	names the network
 *
 * Of many at once with one name exactly one succeeds.
 *
 * Return: 0; -EEXIST when there is one of that name; -EINVAL; otherwise what the kernel said.
 */
must_check int network_record_create(const struct store *store, const struct network_record *record,
				     struct network_record **out, struct err *err);

/**
 * network_record_load() - read a network
 * @store:	open store
 * @name:	its whole name
 * @out:	to be released with network_record_free; set on success only
 * @err:	names the network
 *
 * Return: 0; -ENOENT; -EBADMSG when it is damaged.
 */
must_check int network_record_load(const struct store *store, const char *name,
				   struct network_record **out, struct err *err);

/**
 * network_record_resolve() - the network that a user means
 * @store:	open store
 * @text:	a name, an id, or the beginning of exactly one id
 * @out_name:	its whole name, to be freed; set on success only
 * @err:	"no network named …"
 *
 * A name wins over an id. A damaged network can be named.
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int network_record_resolve(const struct store *store, const char *text, char **out_name,
				      struct err *err);

/**
 * network_record_list() - the names of all networks that were made
 * @store:	open store
 * @out:	added at the end, sorted
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int network_record_list(const struct store *store, struct strv *out, struct err *err);

/**
 * network_record_save() - replace what is known of a network
 * @store:	open store
 * @record:	one that was loaded, changed; the caller holds LOCK_NETWORK of its name
 * @err:	names the network
 *
 * Return: 0 or a negative errno.
 */
must_check int network_record_save(const struct store *store, const struct network_record *record,
				   struct err *err);

/**
 * network_record_remove() - take a network away
 * @store:	open store
 * @name:	its whole name; the caller holds its LOCK_NETWORK and knows that nobody is on it
 * @err:	names the network
 *
 * Return: 0; -ENOENT; otherwise what the kernel said.
 */
must_check int network_record_remove(const struct store *store, const char *name, struct err *err);

/**
 * network_record_free() - release a network
 * @record:	may be NULL
 */
void network_record_free(struct network_record *record);

DEFINE_AUTO_PTR(network_record, struct network_record, network_record_free)
