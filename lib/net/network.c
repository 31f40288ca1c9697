/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the networks that are there before any is created
 *
 * An id is the SHA-256 of the name, which is how podman gives its default network one.
 */
#include "net/network.h"

#include "base/macros.h"
#include "base/str.h"

static const struct network podmans[] = {
	{ "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9", "podman", "bridge" },
};

static const struct network dockers[] = {
	{ "17f29b073143d8cd97b5bbe492bdeffec1c5fee55cc1fe2112c8b9335f8b6121", "bridge", "bridge" },
	{ "4740ae6347b0172c01254ff55bae5aff5199f4446e7f6d643d40185b3f475145", "host", "host" },
	{ "140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe", "none", "null" },
};

const struct network *network_at(bool docker, size_t index)
{
	size_t count = docker ? array_len(dockers) : array_len(podmans);

	return index >= count ? NULL : docker ? &dockers[index] : &podmans[index];
}

const struct network *network_find(bool docker, const char *text)
{
	const struct network *n;

	for (size_t i = 0; (n = network_at(docker, i)); i++)
		if (str_eq(n->name, text) || (*text && str_starts(n->id, text)))
			return n;
	return NULL;
}
