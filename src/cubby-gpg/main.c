/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-gpg - lets gpgv look at a signature of GPG, and at nothing else
 *
 * A private helper (engine/gpg.h): gives its rights up and becomes gpgv, whose path is its argument. The signed
 * message is standard input, what was signed goes to standard output, the keyring is GPG_KEYS_FD, what gpgv finds
 * goes to GPG_STATUS_FD. There is no home folder and no environment, so no file of the user's has a say.
 */
#include <stdio.h>
#include <unistd.h>

#include "engine/gpg.h"
#include "sandbox.h"

enum { STATUS_USAGE = 2, STATUS_FAILED = 126 };

int main(int argc, char **argv)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *keys = str_fmt("/dev/fd/%d", GPG_KEYS_FD);
	AUTO(mem) char *status = str_fmt("%d", GPG_STATUS_FD);
	char *const gpgv[] = { (char *)"gpgv",
			       (char *)"--homedir",
			       (char *)"/nonexistent",
			       (char *)"--keyring",
			       keys,
			       (char *)"--status-fd",
			       status,
			       (char *)"--output",
			       (char *)"-",
			       (char *)"-",
			       NULL };
	char *const environment[] = { (char *)"LC_ALL=C", NULL };

	if (argc != 2) {
		fputs("cubby-gpg: is started by cubby\n", stderr);
		return STATUS_USAGE;
	}
	if (sandbox_enter(&err) == 0)
		execve(argv[1], gpgv, environment);
	return STATUS_FAILED;
}
