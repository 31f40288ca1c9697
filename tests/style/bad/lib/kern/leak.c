/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leak - opens without close-on-exec, and calls what is banned
 */
#include <fcntl.h>

int leak(const char *path)
{
	/* open(path, O_RDONLY) in a comment, and goto */
	const char *text = "open(path, O_RDONLY)";
	int fd = open(path, O_RDONLY);
	int fine = open(path, O_RDONLY | O_CLOEXEC);
	FILE *in = fopen(path, "r");
	dup(fd);
	if (fd < 0)
		goto out;
	sprintf(path, "%s", getenv("HOME"));
	printf("%s", text);
	usleep(10);
out:
	return fine;
}
