/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logout - telling the user, once, that detached containers will end when they log out
 */
#include "engine/logout.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

#define TOLD "told-logout"

bool logout_told(const struct engine *engine)
{
	return faccessat(engine->store->dir, TOLD, F_OK, 0) == 0;
}

void logout_tell(struct engine *engine, const struct session *session)
{
	if (!session_mortal(session))
		return;
	/* Who makes the file tells it; where none can be made it is told each time. */
	AUTO(fd)
	int told = openat(engine->store->dir, TOLD, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (told < 0 && logout_told(engine))
		return;
	engine_warn(engine, "detached containers end when you log out; to keep them: %s",
		    session_remedy(session));
}
