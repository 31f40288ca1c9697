/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session - what happens to the caller's processes when the user logs out
 *
 * systemd-logind keeps a user's things in two places:
 *
 *	session-N.scope		of one login; its processes are killed with it where KillUserProcesses=yes
 *	user@UID.service	the user's own systemd and what it started; ended with the last login
 *
 * A user who lingers (loginctl enable-linger) has the second from boot to shutdown; the first is killed all the
 * same. Without logind nothing happens at all.
 *
 * Source: logind.conf(5), loginctl(1).
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"
#include "kern/host.h"

enum session_place {
	SESSION_NONE,	 /* neither: cron, a system service, no logind */
	SESSION_LOGIN,	 /* session-N.scope */
	SESSION_MANAGER, /* user@UID.service */
};

struct session {
	bool logind;
	bool lingers;
	bool kills; /* KillUserProcesses */
	enum session_place place;
};

/**
 * session_measure() - find out
 * @host:	the caller
 * @root:	"" for this machine; else a folder with etc, run, var, usr and proc in it, for tests
 * @out:	filled
 */
void session_measure(const struct host *host, const char *root, struct session *out);

/**
 * session_mortal() - whether processes of the caller end when the user logs out
 * @session:	measured
 *
 * Return: the answer.
 */
bool session_mortal(const struct session *session);

/**
 * session_remedy() - what to type to have processes live on
 * @session:	one that is mortal
 *
 * Return: a command line, or two with a semicolon between them; constant.
 */
const char *session_remedy(const struct session *session);
