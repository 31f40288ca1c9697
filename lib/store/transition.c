/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transition - what may happen to a container in which state: the one table
 */
#include "store/transition.h"

#include <errno.h>

const char *const container_verb_names[] = {
	[VERB_START] = "start",
	[VERB_STOP] = "stop",
	[VERB_RESTART] = "restart",
	[VERB_KILL] = "kill",
	[VERB_PAUSE] = "pause",
	[VERB_UNPAUSE] = "unpause",
	[VERB_EXEC] = "exec in",
	[VERB_ATTACH] = "attach to",
	[VERB_TOP] = "list processes of",
	[VERB_REMOVE] = "remove",
	[VERB_REMOVE_FORCE] = "remove",
	[VERB_RENAME] = "rename",
	[VERB_UPDATE] = "update",
	[VERB_EXIT] = "end",
	[VERB_RETRY] = "retry",
	[VERB_FAIL] = "give up",
	NULL,
};

/* One cell: where it leads; NOTHING: already so; NO: forbidden. */
enum { NO = -1, NOTHING = -2 };
#define TO(status) (CONTAINER_##status)

enum { STATES = CONTAINER_DEAD + 1, VERBS = VERB_FAIL + 1 };

/* clang-format off */
static const signed char table[VERBS][STATES] = {
	/*                      created      running      paused       restarting   removing    exited       dead        */
	[VERB_START]        = { TO(RUNNING), NOTHING,     NO,          NOTHING,     NO,         TO(RUNNING), NO          },
	[VERB_STOP]         = { NOTHING,     TO(EXITED),  TO(EXITED),  TO(EXITED),  NO,         NOTHING,     NOTHING     },
	[VERB_RESTART]      = { TO(RUNNING), TO(RUNNING), TO(RUNNING), TO(RUNNING), NO,         TO(RUNNING), NO          },
	[VERB_KILL]         = { NO,          TO(RUNNING), TO(PAUSED),  TO(EXITED),  NO,         NO,          NO          },
	[VERB_PAUSE]        = { NO,          TO(PAUSED),  NO,          NO,          NO,         NO,          NO          },
	[VERB_UNPAUSE]      = { NO,          NO,          TO(RUNNING), NO,          NO,         NO,          NO          },
	[VERB_EXEC]         = { NO,          TO(RUNNING), NO,          NO,          NO,         NO,          NO          },
	[VERB_ATTACH]       = { NO,          TO(RUNNING), NO,          NO,          NO,         NO,          NO          },
	[VERB_TOP]          = { NO,          TO(RUNNING), TO(PAUSED),  NO,          NO,         NO,          NO          },
	[VERB_REMOVE]       = { TO(REMOVING),NO,          NO,          NO,          TO(REMOVING),TO(REMOVING),TO(REMOVING)},
	[VERB_REMOVE_FORCE] = { TO(REMOVING),TO(REMOVING),TO(REMOVING),TO(REMOVING),TO(REMOVING),TO(REMOVING),TO(REMOVING)},
	[VERB_RENAME]       = { TO(CREATED), TO(RUNNING), TO(PAUSED),  TO(RESTARTING), NO,      TO(EXITED),  NO          },
	[VERB_UPDATE]       = { TO(CREATED), TO(RUNNING), TO(PAUSED),  TO(RESTARTING), NO,      TO(EXITED),  NO          },
	[VERB_EXIT]         = { TO(EXITED),  TO(EXITED),  TO(EXITED),  TO(EXITED),  NO,         NOTHING,     NO          },
	[VERB_RETRY]        = { NO,          TO(RESTARTING),TO(RESTARTING),NOTHING, NO,         TO(RESTARTING),NO        },
	[VERB_FAIL]         = { NO,          NO,          NO,          NO,          TO(DEAD),   NO,          NOTHING     },
};
/* clang-format on */

/* Why a state stands in the way, and what helps. */
static const char *const reasons[STATES] = {
	[CONTAINER_CREATED] = "it was never started",
	[CONTAINER_RUNNING] = "it is running",
	[CONTAINER_PAUSED] = "it is paused",
	[CONTAINER_RESTARTING] = "it is restarting",
	[CONTAINER_REMOVING] = "it is being removed",
	[CONTAINER_EXITED] = "it is not running",
	[CONTAINER_DEAD] = "removing it was interrupted",
};

static int forbid(const char *name, enum container_status from, enum container_verb verb,
		  struct err *err)
{
	const char *why = reasons[from];

	if (verb == VERB_UNPAUSE)
		why = "it is not paused";
	else if (verb == VERB_PAUSE && from == CONTAINER_PAUSED)
		why = "it is paused already";
	err_set(err, -EPERM, "cannot %s container '%s': %s", container_verb_names[verb], name, why);
	if (verb == VERB_REMOVE)
		return err_hint(err, "stop it first, or remove it with -f");
	if (from == CONTAINER_PAUSED && verb != VERB_PAUSE)
		return err_hint(err, "unpause it first");
	if (from == CONTAINER_DEAD || from == CONTAINER_REMOVING)
		return err_hint(err, "remove it with: cubby rm %s", name);
	return -EPERM;
}

int transition_check(const char *name, enum container_status from, enum container_verb verb,
		     enum container_status *out_to, struct err *err)
{
	int cell = table[verb][from];

	if (cell == NO) {
		(void)forbid(name, from, verb, err);
		return -EPERM; /* err may be NULL */
	}
	if (out_to)
		*out_to = cell == NOTHING ? from : (enum container_status)cell;
	return cell != NOTHING;
}
