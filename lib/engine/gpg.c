/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpg - what a signed message of GPG says, if one of some keys signed it
 */
#include "engine/gpg.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"

#define LINE "[GNUPG:] "
#define HELPER "cubby-gpg"

/* ---- what gpgv found -------------------------------------------------------------------------- */

/* Lines that say why not, the plainest first. */
static const struct {
	const char *word, *why;
} faults[] = {
	{ "REVKEYSIG", "its key was revoked" },
	{ "EXPKEYSIG", "its key has expired" },
	{ "EXPSIG", "the signature has expired" },
	{ "BADSIG", "the signature is wrong" },
	{ "NO_PUBKEY", "the signature is of none of the keys" },
	{ "ERRSIG", "the signature cannot be checked" },
	{ "NODATA", "it is no message of GPG" },
	{ "UNEXPECTED", "it is no message of GPG" },
	{ "ERROR", "it is no message of GPG" },
	{ "FAILURE", "it is no message of GPG" },
};

/* The word of a line, cut off; NULL when it is no line of gpgv's. */
static const char *line_word(char *line)
{
	char *word = (char *)str_starts(line, LINE);

	if (word)
		word[strcspn(word, " ")] = 0;
	return word;
}

static void read_words(const char *status, struct strv *out)
{
	AUTO(mem) char *text = str_dup(status);

	for (char *line = text, *rest; line; line = rest) {
		rest = str_cut(line, '\n');
		const char *word = line_word(line);
		if (word)
			strv_add(out, word);
	}
}

static size_t count_word(const struct strv *words, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < words->count; i++)
		count += str_eq(words->items[i], word);
	return count;
}

int gpg_judge(const char *status, struct err *err)
{
	/* Each of them exactly once: two messages, or two signatures, are not what was asked about. */
	static const char *const once[] = { "PLAINTEXT", "GOODSIG", "VALIDSIG" };
	AUTO(strv) struct strv words = { 0 };

	read_words(status, &words);
	for (size_t i = 0; i < array_len(faults); i++)
		if (count_word(&words, faults[i].word))
			return err_set(err, -EKEYREJECTED, "%s", faults[i].why);
	for (size_t i = 0; i < array_len(once); i++)
		if (count_word(&words, once[i]) != 1)
			return err_set(err, -EKEYREJECTED,
				       "it is not one message with one signature");
	return 0;
}

/* ---- asking it -------------------------------------------------------------------------------- */

static int start(const struct host *host, const char *gpgv, const struct spawn_fd *fds,
		 size_t count, struct err *err)
{
	AUTO(mem) char *program = host_helper(host, HELPER);
	char *argv[] = { (char *)HELPER, (char *)gpgv, NULL };
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = count,
				     .die_with_parent = true };
	int pidfd;
	pid_t pid = spawn_start(&spawn, &pidfd, err);

	return pid < 0 ? (int)pid : pidfd;
}

static int read_whole(int file, char **out, size_t *out_size)
{
	if (lseek(file, 0, SEEK_SET) < 0)
		return -errno;
	return fd_read_all(file, GPG_MAX_SIGNED, out, out_size);
}

static int ask(const struct host *host, const char *gpgv, const struct gpg_message *message,
	       int signed_text, int status, struct err *err)
{
	AUTO(fd) int in = fd_memory("message", message->bytes, message->size);
	AUTO(fd) int keys = fd_memory("keys", message->keys, message->keys_size);
	const struct spawn_fd fds[] = {
		{ .from = in, .to = STDIN_FILENO },
		{ .from = signed_text, .to = STDOUT_FILENO },
		{ .from = keys, .to = GPG_KEYS_FD },
		{ .from = status, .to = GPG_STATUS_FD },
	};

	if (in < 0 || keys < 0)
		return err_sys(err, in < 0 ? in : keys, "cannot make a memory file");
	AUTO(fd) int child = start(host, gpgv, fds, array_len(fds), err);
	return child < 0 ? child : proc_wait(child);
}

int gpg_open(const struct host *host, const struct gpg_message *message, char **out,
	     size_t *out_size, struct err *err)
{
	AUTO(mem) char *gpgv = host_tool(host, "gpgv");
	AUTO(mem) char *found = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(fd) int signed_text = memfd_create("signed", MFD_CLOEXEC);
	AUTO(fd) int status = memfd_create("status", MFD_CLOEXEC);

	if (!gpgv) {
		(void)err_set(err, -ENOPKG,
			      "the program gpgv, which checks signatures, is missing");
		return err_hint(err, "install the package gpgv, or gnupg2");
	}
	if (signed_text < 0 || status < 0)
		return err_sys(err, -errno, "cannot make a memory file");
	int ended = ask(host, gpgv, message, signed_text, status, err);
	if (ended < 0)
		return ended;
	int r = read_whole(status, &found, NULL);
	if (r < 0)
		return err_sys(err, r, "cannot read what gpgv found");
	if (ended == 128 + SIGXFSZ)
		return err_set(err, -EKEYREJECTED, "more than %d bytes are signed", GPG_MAX_SIGNED);
	r = gpg_judge(found, err);
	if (r == 0 && ended != 0)
		return err_set(err, -EKEYREJECTED, "gpgv gave up with status %d", ended);
	if (r == 0) {
		r = read_whole(signed_text, &text, out_size);
		if (r < 0)
			return err_sys(err, r, "cannot read what is signed");
		*out = take_ptr(text);
	}
	return r;
}
