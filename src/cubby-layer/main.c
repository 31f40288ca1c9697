/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-layer - applies, reads, hashes and writes layers and archives for cubby
 *
 * A private helper: it is started with its socket at descriptor 3 (layer/protocol.h) and has no use
 * for people. It enters the user namespace that it is given, gives its rights up, and serves.
 */
#include <locale.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "layer/protocol.h"
#include "layer/sandbox.h"
#include "layer/serve.h"

enum { STATUS_USAGE = 2 };

/* There is no client to hear what goes wrong before the first request. */
static int set_up(bool userns, struct err *err)
{
	int r = userns ? sandbox_join(LAYER_USERNS, err) : 0;

	if (r < 0)
		return r;
	umask(0);
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	/* Writing pax records, libarchive takes names for texts of the locale. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		(void)setlocale(LC_CTYPE, "en_US.UTF-8");
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); /* hashing needs no set-up */
	return sandbox_enter(err);
}

int main(int argc, char **argv)
{
	AUTO(err) struct err err = { 0 };
	bool userns = argc == 2 && strcmp(argv[1], "--userns") == 0;

	if (argc > 2 || (argc == 2 && !userns)) {
		fputs("cubby-layer: is started by cubby\n", stderr);
		return STATUS_USAGE;
	}
	if (set_up(userns, &err) < 0) {
		fprintf(stderr, "cubby-layer: %s\n", err.text);
		return EXIT_FAILURE;
	}
	return serve_client(LAYER_SOCKET) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
