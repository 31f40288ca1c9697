/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal - handing records to systemd's journal
 *
 * The fields that never change are one text, made when the journal is opened; a record is that text
 * and four more pieces.
 */
#include "monitor/journal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

enum { HEAD_ROOM = 128, PIECES = 4, SIZE_BYTES = 8, PATIENCE = 1 /* seconds */ };

static const char usual_path[] = "/run/systemd/journal/socket";

struct journal {
	struct sockaddr_un address;
	int sock;
	bool stuck; /* it took nothing for a while */
	int64_t entries;
	char *fixed;
	size_t fixed_size;
};

static void put_size(char *out, uint64_t size)
{
	for (int i = 0; i < SIZE_BYTES; i++)
		out[i] = (char)(size >> (8 * i) & 0xff);
}

static void put_field(FILE *to, const char *key, const char *value)
{
	char size[SIZE_BYTES];

	if (!value)
		return;
	if (!strchr(value, '\n')) {
		fprintf(to, "%s=%s\n", key, value);
		return;
	}
	put_size(size, strlen(value));
	fprintf(to, "%s\n", key);
	fwrite(size, 1, sizeof size, to);
	fprintf(to, "%s\n", value);
}

/* A field's name has capitals, digits and _, begins with a letter and has at most 64 of them. */
static void put_attr(FILE *to, const char *attr)
{
	enum { NAME_MAX_SIZE = 64 };
	AUTO(mem) char *key = str_dup(attr);
	const char *value = str_cut(key, '=');
	char *name = key;

	for (char *p = key; *p; p++)
		*p = (char)(isalnum((unsigned char)*p) ? toupper((unsigned char)*p) : '_');
	while (*name && !isalpha((unsigned char)*name))
		name++;
	if (strlen(name) > NAME_MAX_SIZE)
		name[NAME_MAX_SIZE] = 0;
	if (*name && strcmp(name, "TAG") != 0)
		put_field(to, name, str_or(value, ""));
}

static void make_fixed(struct journal *j, const struct container_config *c,
		       const struct strv *attrs)
{
	const char *tag = strv_env_get(attrs, "tag");
	AUTO(mem) char *short_id = str_ndup(c->id, CONTAINER_ID_SHORT);
	AUTO(mem) char *epoch = str_fmt("%" PRId64, clock_now());
	FILE *to = open_memstream(&j->fixed, &j->fixed_size);

	bug_unless(to);
	put_field(to, "CONTAINER_ID", short_id);
	put_field(to, "CONTAINER_ID_FULL", c->id);
	put_field(to, "CONTAINER_NAME", c->name);
	put_field(to, "CONTAINER_TAG", tag);
	put_field(to, "SYSLOG_IDENTIFIER", str_or(tag, c->name));
	put_field(to, "IMAGE_NAME", c->image_name);
	put_field(to, "CONTAINER_LOG_EPOCH", epoch);
	for (size_t i = 0; i < attrs->count; i++)
		put_attr(to, attrs->items[i]);
	bug_unless(fclose(to) == 0);
}

static int reach(struct journal *j)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return -errno;
	if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
	    connect(sock, (const struct sockaddr *)&j->address, sizeof j->address) < 0)
		return -errno;
	fd_close(j->sock);
	j->sock = take_fd(sock);
	return 0;
}

int journal_open(const struct container_config *config, const struct strv *attrs, const char *path,
		 struct journal **out, struct err *err)
{
	struct journal *j = mem_new(struct journal);

	path = str_or(path, usual_path);
	j->sock = -1;
	j->address.sun_family = AF_UNIX;
	(void)snprintf(j->address.sun_path, sizeof j->address.sun_path, "%s", path);
	int r = reach(j);
	if (r < 0) {
		journal_close(j);
		r = err_sys(err, r, "cannot reach the journal at '%s'", path);
		(void)err_hint(err, "the log drivers json-file and k8s-file need no journal");
		return r;
	}
	make_fixed(j, config, attrs);
	*out = j;
	return 0;
}

static int send_pieces(struct journal *j, struct iovec *pieces, size_t count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
	ssize_t n;

	do
		n = sendmsg(j->sock, &message, MSG_NOSIGNAL | (j->stuck ? MSG_DONTWAIT : 0));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* The journal takes a memfd that nobody can change any more, and no data beside it. */
static int send_memfd(struct journal *j, const struct iovec *pieces, size_t count)
{
	AUTO(fd) int fd = memfd_create("journal-record", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		int r = fd_write_all(fd, pieces[i].iov_base, pieces[i].iov_len);
		if (r < 0)
			return r;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof control.room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(j->sock, &message, MSG_NOSIGNAL | (j->stuck ? MSG_DONTWAIT : 0)) < 0 ? -errno
											    : 0;
}

static int deliver(struct journal *j, struct iovec *pieces, size_t count)
{
	int r = send_pieces(j, pieces, count);

	if ((r == -ECONNREFUSED || r == -ENOTCONN || r == -ENOENT || r == -EPIPE) && reach(j) == 0)
		r = send_pieces(j, pieces, count);
	if (r == -EMSGSIZE || r == -ENOBUFS)
		r = send_memfd(j, pieces, count);
	return r;
}

int journal_send(struct journal *j, const struct log_record *record)
{
	char head[HEAD_ROOM], newline[] = "\n";

	int n = snprintf(head, sizeof head,
			 "PRIORITY=%d\nCONTAINER_LOG_ORDINAL=%" PRId64 "\n%sMESSAGE\n",
			 record->stream == STREAM_ERR ? 3 : 6, j->entries + 1,
			 record->whole ? "" : "CONTAINER_PARTIAL_MESSAGE=true\n");
	put_size(head + n, record->size);
	struct iovec pieces[PIECES] = {
		{ .iov_base = j->fixed, .iov_len = j->fixed_size },
		{ .iov_base = head, .iov_len = (size_t)n + SIZE_BYTES },
		{ .iov_base = (void *)(uintptr_t)record->text, .iov_len = record->size },
		{ .iov_base = newline, .iov_len = 1 },
	};
	int r = deliver(j, pieces, PIECES);
	j->stuck = r == -EAGAIN;
	if (r == 0)
		j->entries++;
	return r;
}

int64_t journal_entries(const struct journal *journal)
{
	return journal->entries;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	fd_close(journal->sock);
	free(journal->fixed);
	free(journal);
}
