/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * turn - one process asks a registry, and who asks the same meanwhile takes its answer
 *
 * A question costs a helper that loads a library for HTTP and TLS: several times what the rest of a pull costs
 * whose image another process brings. So whoever has the same question waits for its turn.
 *
 *   (1) One process at a time has the turn of a question: it holds LOCK_ASK.
 *   (2) What it was told it writes into the question's note, and passes the turn on.
 *   (3) A note counts only for who began to wait before the question was put: nobody is told anything older than
 *       a question of their own would have brought, so a tag that was moved is seen. Of ten who begin together
 *       the second asks once more, and the others take what it was told.
 *   (4) Who is told nothing, or not soon, says so in the note: then all others ask for themselves, at once. Nobody
 *       waits long for a registry that does not answer others.
 *   (5) The note is a temporary object (temp.h): who wrote or reads it shares its LOCK_TEMP, which is only ever
 *       tried, and the last of them removes it. One that nobody holds was left by a killed process, and is none.
 *   (6) A note that is torn, of another question or of another boot is none.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

struct turn;

/* What a registry said a name means now. */
struct turn_answer {
	struct strv
		digests; /* of what was gone through, the outermost first; the last is the manifest's */
	char *media_type; /* of the manifest, or NULL */
	char *text;	  /* of the manifest, with a 0 behind it; NULL: the one that was known */
	size_t size;	  /* bytes of .text */
};

/**
 * turn_take() - wait until nobody else puts a question
 * @store:	open store, which can be written
 * @question:	all that the answer depends on
 * @since:	clock_mono() before the caller knew of the question
 * @out:	to be released with turn_free when the caller has all of what was answered; set on success only
 * @out_answer:	zeroed; to be released with turn_answer_clear; filled when the answer is there
 * @err:	what the kernel said
 *
 * Return: 1 when another was told the answer meanwhile; 0 when the caller has to ask, and to say what came of it
 * with turn_tell() or turn_alone(); or a negative errno.
 */
must_check int turn_take(const struct store *store, const char *question, int64_t since,
			 struct turn **out, struct turn_answer *out_answer, struct err *err);

/**
 * turn_tell() - leave the answer to the others and pass the turn on
 * @turn:	may be NULL, or passed on before: nothing is done then
 * @answer:	what the registry said
 *
 * That it cannot be left is no failure: the next one asks.
 */
void turn_tell(struct turn *turn, const struct turn_answer *answer);

/**
 * turn_alone() - let everybody ask for themselves
 * @turn:	as turn_tell()
 */
void turn_alone(struct turn *turn);

/**
 * turn_free() - let go of the turn and of the note
 * @turn:	may be NULL
 */
void turn_free(struct turn *turn);

/**
 * turn_answer_clear() - release
 * @answer:	empty afterwards
 */
void turn_answer_clear(struct turn_answer *answer);

static inline void auto_turn_answer(struct turn_answer *answer)
{
	turn_answer_clear(answer);
}

DEFINE_AUTO_PTR(turn, struct turn, turn_free)
