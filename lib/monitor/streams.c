/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * streams - the monitor's side of a container's stdin, stdout and stderr
 *
 * Of a terminal the monitor keeps a slave of its own: without one, reading the master fails as soon as
 * no process of the container holds it, and a program that closes and reopens it would be cut off.
 * The end is seen by PID 1's end, not by the end of the streams.
 */
#include "monitor/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "monitor/gather.h"
#include "monitor/terminal.h"

enum { CHUNK = 32 << 10, DRAIN_MAX = 4 << 20 };

struct output {
	struct streams *owner;
	enum stream stream;
	int fd;
	struct source *source;
};

struct streams {
	struct loop *loop;
	struct streams_hooks hooks;
	struct output outputs[STREAM_COUNT];
	int in;
	struct source *in_source; /* while the container's stdin is full */
	bool tty;
	bool in_shared; /* in is the descriptor of outputs[STREAM_OUT] */
	int slave;
	int theirs[3];
	struct gather gather;
	struct output *resting; /* not read until the timer fires or the other one speaks */
	struct source *timer;	/* since the first rest */
	char chunk[CHUNK];
};

struct streams *streams_new(struct loop *loop, const struct streams_hooks *hooks)
{
	struct streams *s = mem_new(struct streams);

	s->loop = loop;
	s->hooks = *hooks;
	s->in = s->slave = -1;
	for (int i = 0; i < STREAM_COUNT; i++)
		s->outputs[i] = (struct output){ .owner = s, .stream = (enum stream)i, .fd = -1 };
	for (int i = 0; i < 3; i++)
		s->theirs[i] = -1;
	return s;
}

/* A pipe of which our end does not block. */
static int make_pipe(int *ours, int *theirs, bool we_read)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ours = we_read ? ends[0] : ends[1];
	*theirs = we_read ? ends[1] : ends[0];
	return fd_nonblock(*ours, true);
}

int streams_pipes(struct streams *s, bool in, int out[3], struct err *err)
{
	int r = in ? make_pipe(&s->in, &s->theirs[0], false) : 0;

	for (int i = 0; r == 0 && i < STREAM_COUNT; i++)
		r = make_pipe(&s->outputs[i].fd, &s->theirs[i + 1], true);
	if (r < 0)
		return err_sys(err, r, "cannot make the container's pipes");
	for (int i = 0; i < 3; i++)
		out[i] = s->theirs[i];
	return 0;
}

int streams_console(struct streams *s, int master, bool in, struct err *err)
{
	s->tty = true;
	s->outputs[STREAM_OUT].fd = master;
	s->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->slave < 0)
		return err_sys(err, -errno, "cannot open the container's terminal");
	if (in) {
		s->in = master;
		s->in_shared = true;
	}
	int r = fd_nonblock(master, true);
	return r < 0 ? err_sys(err, r, "cannot use the container's terminal") : 0;
}

static void close_output(struct output *o)
{
	if (o->owner->resting == o)
		o->owner->resting = NULL;
	loop_remove(take_ptr(o->source));
	fd_close(take_fd(o->fd));
}

/* Return: how much was read; 0 when nothing is there now; negative at the end. */
static ssize_t read_some(struct output *o, bool *out_room)
{
	struct streams *s = o->owner;
	ssize_t n = read(o->fd, s->chunk, sizeof s->chunk);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	*out_room = s->hooks.output(s->hooks.data, o->stream, s->chunk, (size_t)n);
	return n;
}

static void rest_over(void *data);

/* Return: whether it rests now. */
static bool rest(struct output *o, size_t size)
{
	struct streams *s = o->owner;

	if (s->tty || !gather_rests(&s->gather, o->stream, size, clock_mono()) ||
	    s->hooks.awaited(s->hooks.data, o->stream))
		return false;
	if (!s->timer && loop_timer(s->loop, rest_over, s, &s->timer) < 0)
		return false;
	if (loop_timer_set(s->timer, GATHER_REST) < 0)
		return false;
	s->resting = o;
	return true;
}

/*
 * A hang-up is reported even where nothing is asked for: while a stream is not read its source is taken away. What is in a
 * terminal is drained at the end.
 */
static void serve(struct output *o)
{
	bool room = true;
	ssize_t n = read_some(o, &room);

	if (n < 0 && !o->owner->tty)
		close_output(o);
	else if (n < 0 || !room || rest(o, (size_t)n))
		loop_remove(take_ptr(o->source));
	else
		streams_resume(o->owner, o->stream);
}

static void rest_over(void *data)
{
	struct streams *s = data;
	struct output *o = s->resting;

	s->resting = NULL;
	if (o)
		serve(o);
}

/* What rests was written first. */
static void output_ready(void *data, unused_arg uint32_t events)
{
	struct output *o = data;

	rest_over(o->owner);
	if (o->source)
		serve(o);
}

void streams_resume(struct streams *s, enum stream stream)
{
	struct output *o = &s->outputs[stream];

	if (o->fd < 0 || o->source)
		return;
	/* Fails for want of kernel memory alone; the output then comes with the end. */
	(void)!loop_add(s->loop, o->fd, EPOLLIN, output_ready, o, &o->source);
}

static void close_theirs(struct streams *s)
{
	for (int i = 0; i < 3; i++)
		fd_close(take_fd(s->theirs[i]));
}

int streams_begin(struct streams *s, bool hold, struct err *err)
{
	close_theirs(s);
	for (int i = 0; !hold && i < STREAM_COUNT; i++) {
		struct output *o = &s->outputs[i];
		if (o->fd < 0)
			continue;
		int r = loop_add(s->loop, o->fd, EPOLLIN, output_ready, o, &o->source);
		if (r < 0)
			return err_sys(err, r, "cannot read the container's output");
	}
	return 0;
}

static void input_ready(void *data, unused_arg uint32_t events)
{
	struct streams *s = data;

	loop_remove(take_ptr(s->in_source));
	s->hooks.input_room(s->hooks.data);
}

static void close_input(struct streams *s)
{
	loop_remove(take_ptr(s->in_source));
	if (!s->in_shared || s->outputs[STREAM_OUT].fd != s->in)
		fd_close(s->in);
	s->in = -1;
}

/* The master of a terminal is in the loop already: its writing side is watched through a duplicate. */
static int await_room(struct streams *s)
{
	if (s->in_source)
		return 0;
	if (s->in_shared && s->in == s->outputs[STREAM_OUT].fd) {
		int copy = fd_dup(s->in);
		if (copy < 0)
			return copy;
		s->in = copy;
	}
	return loop_add(s->loop, s->in, EPOLLOUT, input_ready, s, &s->in_source);
}

ssize_t streams_input(struct streams *s, const char *bytes, size_t size)
{
	size_t done = 0;

	if (s->in < 0)
		return -EPIPE;
	while (done < size) {
		ssize_t n = write(s->in, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return await_room(s) < 0 ? -EPIPE : (ssize_t)done;
		if (n < 0) {
			close_input(s);
			return -EPIPE;
		}
		done += (size_t)n;
	}
	return (ssize_t)done;
}

void streams_input_end(struct streams *s)
{
	struct termios settings;

	if (s->in < 0)
		return;
	if (!s->tty) {
		close_input(s);
		return;
	}
	if (tcgetattr(s->slave, &settings) == 0)
		/* A terminal that takes nothing now has a reader that does not wait for an end. */
		(void)!write(s->in, &settings.c_cc[VEOF], 1);
}

void streams_output_end(struct streams *s, enum stream stream)
{
	if (!s->tty && s->outputs[stream].fd >= 0)
		close_output(&s->outputs[stream]);
}

void streams_resize(struct streams *s, uint16_t rows, uint16_t columns)
{
	if (s->tty)
		/* Sizes that the kernel refuses are the client's. */
		(void)!terminal_resize(s->slave, rows, columns);
}

void streams_drain(struct streams *s)
{
	size_t most = DRAIN_MAX / CHUNK;
	bool room;

	close_input(s);
	close_theirs(s);
	loop_remove(take_ptr(s->timer));
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct output *o = &s->outputs[i];
		/* Where a process outside still writes, this must come to an end. */
		for (size_t n = 0; o->fd >= 0 && n < most; n++)
			if (read_some(o, &room) <= 0)
				break;
		close_output(o);
	}
	fd_close(take_fd(s->slave));
}

void streams_free(struct streams *s)
{
	if (!s)
		return;
	close_input(s);
	close_theirs(s);
	loop_remove(s->timer);
	for (int i = 0; i < STREAM_COUNT; i++)
		close_output(&s->outputs[i]);
	fd_close(s->slave);
	free(s);
}
