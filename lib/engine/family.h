/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * family - a process with all that it started
 *
 * Who belongs to it is read from the mounted /proc: children, theirs, and every process of the session that
 * the first one leads. A process that left the session and whose parent has ended is nobody's any more.
 */
#pragma once

/**
 * family_kill() - kill a session's leader and all that belong to it
 * @pidfd:	of the leader, a child of the caller that was not reaped yet
 *
 * Goes on until a look finds nobody alive. The caller has the right to kill them.
 */
void family_kill(int pidfd);
