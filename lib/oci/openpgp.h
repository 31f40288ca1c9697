/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp - files with public keys, as far as they are looked at here
 *
 * A file is packets, or packets as text ("armored"), several such texts perhaps. Here the text is undone and
 * the names of the owners are read, to be shown; keys and signatures are the business of gpgv (cubby-gpg).
 *
 * Source: RFC 4880, sections 4.2 (packets), 5.11 (user ids) and 6 (armor).
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/**
 * openpgp_keys() - the packets of a file of public keys
 * @data:	of the file
 * @size:	bytes
 * @out:	the packets with a 0 behind them, to be freed; set on success only
 * @out_size:	how many bytes, without that 0
 * @err:	says what is wrong
 *
 * Return: 0; -EBADMSG when there is no public key.
 */
must_check int openpgp_keys(const char *data, size_t size, char **out, size_t *out_size,
			    struct err *err);

/**
 * openpgp_owners() - whose keys these are
 * @packets:	of openpgp_keys()
 * @size:	bytes
 * @out:	the user ids are added as they are written there: "Name <address>"
 *
 * What is cut off or no packet ends the list.
 */
void openpgp_owners(const char *packets, size_t size, struct strv *out);
