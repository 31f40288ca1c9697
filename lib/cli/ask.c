/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - questions before what cannot be undone
 */
#include "cli/ask.h"

#include <unistd.h>

/* The first byte of a line that is read to its end; 0 when nothing comes. */
static char read_answer(int in)
{
	char first = 0, byte;

	for (bool begun = false; read(in, &byte, 1) == 1 && byte != '\n'; begun = true)
		if (!begun)
			first = byte;
	return first;
}

bool ask_yes(const char *question, int in, FILE *to)
{
	if (!isatty(in))
		return false;
	fprintf(to, "%s [y/N] ", question);
	fflush(to);
	char answer = read_answer(in);
	return answer == 'y' || answer == 'Y';
}
