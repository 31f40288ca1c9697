/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-yaml - turns YAML into JSON for cubby
 *
 * A private helper (base/yaml.h): YAML on standard input, a document of JSON a line on standard output. When
 * it fails, its status is 1 and standard output holds the sentence why. It reads what strangers wrote, so
 * it can do nothing but that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "document.h"
#include "sandbox.h"

enum { STATUS_USAGE = 2 };

static int convert(bool tags, char **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = sandbox_enter(err);
	if (r < 0)
		return r;
	r = fd_read_all(STDIN_FILENO, DOCUMENT_MAX_BYTES, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read the file");
	return document_convert(text, size, tags, out, err);
}

int main(int argc, char **argv)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *out = NULL;
	bool tags = argc == 2 && strcmp(argv[1], "--tags") == 0;

	if (argc > 2 || (argc == 2 && !tags)) {
		fputs("cubby-yaml: is started by cubby\n", stderr);
		return STATUS_USAGE;
	}
	int r = convert(tags, &out, &err);
	const char *said = r < 0 ? err.text : out;
	/* A reader that is gone needs nothing. */
	(void)!fd_write_all(STDOUT_FILENO, said, strlen(said));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
