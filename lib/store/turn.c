/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * turn - one process asks a registry, and who asks the same meanwhile takes its answer
 *
 * A note is one line of JSON, and behind it the bytes of the manifest as they came. It is written where it lies:
 * whoever has the turn is alone with it.
 */
#include "store/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "oci/digest.h"
#include "store/lock.h"

enum { NOTE_MAX = 2 * JSON_MAX_BYTES };

struct turn {
	const struct store *store;
	char *question;
	char *rel;     /* of the note, below the store */
	int lock;      /* LOCK_ASK, until it is passed on */
	int note;      /* LOCK_TEMP of the note, shared; or -1: there is none for us */
	int64_t asked; /* since when we have the turn */
};

struct note {
	char *question;
	char *boot;
	int64_t asked; /* clock_mono() before the question was put */
	bool alone;
	struct strv digests;
	char *media_type;
	int64_t size; /* of what follows; negative: nothing does */
};

static const struct jfield note_fields[] = {
	J_TEXT("question", struct note, question), J_TEXT("boot", struct note, boot),
	J_I64("asked", struct note, asked),	   J_BOOL("alone", struct note, alone),
	J_STRV("digests", struct note, digests),   J_TEXT("mediaType", struct note, media_type),
	J_I64("size", struct note, size),	   J_END,
};

static void auto_note(struct note *note)
{
	jfield_clear(note_fields, note);
}

static void remove_note(struct turn *turn)
{
	(void)unlinkat(turn->store->dir, turn->rel, 0); /* there may be none */
}

/* Shares the note; what a killed process left goes. */
static void hold(struct turn *turn)
{
	const struct store *store = turn->store;

	if (lock_take(store, LOCK_TEMP, turn->rel, LOCK_EXCLUSIVE | LOCK_TRY, &turn->note, NULL) ==
	    0) {
		remove_note(turn);
		if (lock_share(turn->note, LOCK_TEMP, turn->rel) < 0)
			fd_close(take_fd(turn->note));
	} else if (lock_take(store, LOCK_TEMP, turn->rel, LOCK_SHARED | LOCK_TRY, &turn->note,
			     NULL) < 0) {
		turn->note = -1;
	}
}

static void let_go(struct turn *turn)
{
	AUTO(fd) int last = -1;

	if (turn->note < 0)
		return;
	fd_close(take_fd(turn->note));
	if (lock_take(turn->store, LOCK_TEMP, turn->rel, LOCK_EXCLUSIVE | LOCK_TRY, &last, NULL) ==
	    0)
		remove_note(turn);
}

static bool is_sound(const struct note *note, const char *text, size_t size)
{
	for (size_t i = 0; i < note->digests.count; i++)
		if (!digest_valid(note->digests.items[i]))
			return false;
	return note->digests.count && (note->size < 0 ? size == 0 : note->size == (int64_t)size) &&
	       !memchr(text, '\0', size);
}

/* Return: 1 with an answer, -EAGAIN when everybody asks alone, 0 when there is nothing that counts. */
static int read_note(const struct turn *turn, int64_t since, struct turn_answer *out)
{
	AUTO(mem) char *all = NULL;
	AUTO(json) cJSON *doc = NULL;
	AUTO(note) struct note note = { 0 };
	size_t size;

	AUTO(fd) int fd = openat(turn->store->dir, turn->rel, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fd_read_all(fd, NOTE_MAX, &all, &size) < 0)
		return 0;
	char *text = memchr(all, '\n', size);
	if (!text || json_parse(all, (size_t)(text - all), &doc, NULL) < 0 ||
	    jfield_load(note_fields, doc, &note, NULL) < 0 ||
	    !str_eq(note.question, turn->question) || !str_eq(note.boot, turn->store->boot_id))
		return 0;
	if (note.alone)
		return -EAGAIN;
	text++;
	size -= (size_t)(text - all);
	if (note.asked <= since || !is_sound(&note, text, size))
		return 0;
	*out = (struct turn_answer){ .digests = note.digests,
				     .media_type = take_ptr(note.media_type),
				     .text = note.size < 0 ? NULL : str_ndup(text, size),
				     .size = size };
	note.digests = (struct strv){ 0 };
	return 1;
}

static void write_note(struct turn *turn, const struct note *note, const char *text, size_t size)
{
	AUTO(json) cJSON *doc = jfield_save(note_fields, note);
	AUTO(mem) char *line = json_print(doc, 0);
	AUTO(mem) char *dir = str_fmt("tmp/%s", turn->store->host_id);

	if (turn->note < 0)
		return;
	(void)mkdirat(turn->store->dir, dir, 0700); /* mostly it is there */
	AUTO(fd)
	int fd = openat(turn->store->dir, turn->rel,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (fd_write_all(fd, line, strlen(line)) < 0 || fd_write_all(fd, "\n", 1) < 0 ||
	    fd_write_all(fd, text, size) < 0)
		remove_note(turn);
}

int turn_take(const struct store *store, const char *question, int64_t since, struct turn **out,
	      struct turn_answer *out_answer, struct err *err)
{
	AUTO(turn) struct turn *turn = mem_new(struct turn);

	turn->store = store;
	turn->lock = turn->note = -1;
	turn->question = str_dup(question);
	turn->rel = str_fmt("tmp/%s/turn-%016llx", store->host_id,
			    (unsigned long long)lock_place(LOCK_ASK, question));
	int r = lock_take(store, LOCK_ASK, turn->rel, LOCK_EXCLUSIVE, &turn->lock, err);
	if (r < 0)
		return r;
	turn->asked = clock_mono();
	hold(turn);
	r = turn->note < 0 ? 0 : read_note(turn, since, out_answer);
	if (r != 0)
		fd_close(take_fd(turn->lock));
	*out = take_ptr(turn);
	return max_of(r, 0);
}

void turn_tell(struct turn *turn, const struct turn_answer *answer)
{
	if (!turn || turn->lock < 0)
		return;
	const struct note note = { .question = turn->question,
				   .boot = turn->store->boot_id,
				   .asked = turn->asked,
				   .digests = answer->digests,
				   .media_type = answer->media_type,
				   .size = answer->text ? (int64_t)answer->size : -1 };
	write_note(turn, &note, str_or(answer->text, ""), answer->text ? answer->size : 0);
	fd_close(take_fd(turn->lock));
}

void turn_alone(struct turn *turn)
{
	if (!turn || turn->lock < 0)
		return;
	const struct note note = { .question = turn->question,
				   .boot = turn->store->boot_id,
				   .alone = true };
	write_note(turn, &note, "", 0);
	fd_close(take_fd(turn->lock));
}

void turn_free(struct turn *turn)
{
	if (!turn)
		return;
	fd_close(turn->lock);
	let_go(turn);
	free(turn->question);
	free(turn->rel);
	free(turn);
}

void turn_answer_clear(struct turn_answer *answer)
{
	strv_clear(&answer->digests);
	free(answer->media_type);
	free(answer->text);
	*answer = (struct turn_answer){ 0 };
}
