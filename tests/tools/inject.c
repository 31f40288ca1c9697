/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inject - type into the terminal on standard input, as if its user had
 *
 * Prints "injected" or why it could not. For the tests of what a container may do to the terminal of
 * whoever started it. Linked statically, so that it runs in any image.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

int main(void)
{
	static const char line[] = "echo INJECTED-BY-CONTAINER\n";

	for (const char *c = line; *c; c++)
		if (ioctl(0, TIOCSTI, c) < 0) {
			printf("refused: %d\n", errno);
			return 0;
		}
	puts("injected");
	return 0;
}
