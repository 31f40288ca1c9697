/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - questions before what cannot be undone, and for what was not given
 */
#include "cli/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum key { KEY_INTERRUPT = 3, KEY_END = 4, KEY_BACKSPACE = 8, KEY_KILL = 21, KEY_DELETE = 127 };

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

/* Takes back the last character, all its bytes. */
static size_t shorter(const char *line, size_t n)
{
	while (n && (line[n - 1] & 0xc0) == 0x80)
		n--;
	return n ? n - 1 : 0;
}

/* Return: 1 when the line goes on, 0 at its end, or a negative errno. */
static int take_key(char key, bool hidden, char *line, size_t *n)
{
	if (key == '\n' || (hidden && key == '\r'))
		return 0;
	if (hidden && key == KEY_INTERRUPT)
		return -EINTR;
	if (hidden && key == KEY_END)
		return *n ? 0 : -ENODATA;
	if (hidden && (key == KEY_BACKSPACE || key == KEY_DELETE))
		*n = shorter(line, *n);
	else if (hidden && key == KEY_KILL)
		*n = 0;
	else if (*n + 1 < ASK_MAX)
		line[(*n)++] = key;
	else
		return -E2BIG;
	return 1;
}

static int read_shown(int in, char *line)
{
	size_t n = 0;
	char key;
	int r = 1;

	while (r > 0) {
		ssize_t got = read(in, &key, 1);
		if (got <= 0)
			r = got < 0 ? -errno : n ? 0 : -ENODATA;
		else
			r = take_key(key, false, line, &n);
	}
	line[n] = 0;
	return r;
}

/* Waits for a key. Return: 0, or -EINTR when a signal waits that would end the program. */
static int wait_key(int in, int signals)
{
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };

	while (poll(fds, array_len(fds), -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents ? -EINTR : 0;
}

static int read_hidden(int in, int signals, char *line)
{
	size_t n = 0;
	char key;
	int r = 1;

	while (r > 0) {
		r = wait_key(in, signals);
		if (r < 0)
			break;
		ssize_t got = read(in, &key, 1);
		r = got == 1 ? take_key(key, true, line, &n) : got < 0 ? -errno : -ENODATA;
	}
	line[n] = 0;
	return r;
}

/* What is typed as soon as the question stands there must not be shown. */
static int ask_quietly(const char *question, int in, int signals, FILE *to, char *line)
{
	struct termios before, quiet;

	if (tcgetattr(in, &before) < 0)
		return -errno;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	if (tcsetattr(in, TCSAFLUSH, &quiet) < 0)
		return -errno;
	fputs(question, to);
	fflush(to);
	int r = read_hidden(in, signals, line);
	fputc('\n', to);
	if (tcsetattr(in, TCSADRAIN, &before) < 0 && r == 0)
		r = -errno;
	return r;
}

/* Signals that would end the program wait until the terminal is as it was. */
static int ask_hidden(const char *question, int in, FILE *to, char *line)
{
	sigset_t ending, before;

	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGHUP);
	AUTO(fd) int signals = signalfd(-1, &ending, SFD_CLOEXEC);
	if (signals < 0 || sigprocmask(SIG_BLOCK, &ending, &before) < 0)
		return -errno;
	int r = ask_quietly(question, in, signals, to, line);
	(void)sigprocmask(SIG_SETMASK, &before, NULL); /* it was the mask a moment ago */
	return r;
}

static int ask_shown(const char *question, int in, FILE *to, char *line)
{
	fputs(question, to);
	fflush(to);
	int r = read_shown(in, line);
	if (r < 0)
		fputc('\n', to);
	return r;
}

int ask_line(const char *question, int in, FILE *to, bool hidden, char **out)
{
	char line[ASK_MAX];

	if (!isatty(in))
		return -ENOTTY;
	int r = hidden ? ask_hidden(question, in, to, line) : ask_shown(question, in, to, line);
	fflush(to);
	if (r == 0)
		*out = str_dup(line);
	explicit_bzero(line, sizeof line);
	return r;
}
