/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpg - what a signed message of GPG says, if one of some keys signed it
 *
 *	caller					cubby-gpg, which becomes gpgv
 *	0: the message, GPG_KEYS_FD: the keys ─▶ checks it, without rights, home or environment
 *	1: what was signed, GPG_STATUS_FD ◀───── and ends
 *
 * All four are files in memory, so nobody waits for anybody but for the end. Of gpgv's findings the lines of
 * --status-fd count: one message, one signature, good now, of a key that neither expired nor was revoked.
 *
 * Source: GnuPG's doc/DETAILS, "Format of the --status-fd output".
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "kern/host.h"

enum gpg_protocol {
	GPG_KEYS_FD = 3,
	GPG_STATUS_FD = 4,
	GPG_MAX_SIGNED = 1 << 20, /* bytes that are signed */
};

struct gpg_message {
	const char *keys; /* packets (oci/openpgp.h) */
	size_t keys_size;
	const char *bytes; /* signed, whatever they are */
	size_t size;
};

/**
 * gpg_open() - the text that was signed
 * @host:	says where gpgv is
 * @message:	and the keys, of which one has to have signed it
 * @out:	the text with a 0 behind it, to be freed; set on success only
 * @out_size:	bytes, without that 0
 * @err:	why it does not count
 *
 * Return: 0; -EKEYREJECTED when it is not signed, or not well; -ENOPKG when there is no gpgv; otherwise a negative
 * errno.
 */
must_check int gpg_open(const struct host *host, const struct gpg_message *message, char **out,
			size_t *out_size, struct err *err);

/**
 * gpg_judge() - what gpgv found
 * @status:	its lines
 * @err:	why the message does not count
 *
 * Return: 0 or -EKEYREJECTED.
 */
must_check int gpg_judge(const char *status, struct err *err);
