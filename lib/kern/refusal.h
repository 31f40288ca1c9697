/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - why this host refuses user namespaces to somebody, and what repairs that
 *
 * The kernel says EPERM or ENOSPC; the reason is one of few switches. AppArmor may also let a
 * namespace be made and withhold every right in it: the first mount or chown there fails then, and
 * nothing says why. So who fails there asks refusal_explain().
 */
#pragma once

#include "base/err.h"

enum refusal {
	REFUSAL_NONE,
	REFUSAL_OFF,	   /* user.max_user_namespaces is 0 */
	REFUSAL_ROOT_ONLY, /* kernel.unprivileged_userns_clone is 0: Debian's switch */
	REFUSAL_APPARMOR,  /* kernel.apparmor_restrict_unprivileged_userns is 1: Ubuntu's */
	REFUSAL_LIMIT,	   /* the user has as many as are allowed */
	REFUSAL_OTHER,	   /* a filter or a security module that has no such switch */
};

/**
 * refusal_find() - the switch that is thrown here
 * @code:	what the kernel said, a negative errno; 0 asks for the switches alone
 *
 * Return: the reason; REFUSAL_NONE when there is no such switch and @code says nothing either.
 */
enum refusal refusal_find(int code);

/**
 * refusal_hint() - what the user can do, in one sentence
 * @refusal:	the reason
 *
 * Return: static text, or NULL for REFUSAL_NONE.
 */
const char *refusal_hint(enum refusal refusal);

/**
 * refusal_repair() - the exact commands
 * @refusal:	the reason
 * @program:	path of our program's file, for AppArmor's profile
 *
 * Return: to be freed; NULL when there is no command for it. It may have several lines.
 */
char *refusal_repair(enum refusal refusal, const char *program);

/**
 * refusal_armed() - whether root of this user namespace has the rights that belong to it
 * @err:	that they are withheld, with a hint
 *
 * To be asked as root of a namespace; makes a process that tries.
 *
 * Return: 0, or -EPERM.
 */
must_check int refusal_armed(struct err *err);

/**
 * refusal_explain() - add to a failure in a user namespace that its rights are withheld, if they are
 * @err:	a failure; one without permission and without a hint gets one
 *
 * To be asked as root of the namespace.
 */
void refusal_explain(struct err *err);
