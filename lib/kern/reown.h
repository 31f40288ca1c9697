/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reown - each file of a tree given to the owner that a map has for its own
 *
 * Modes, attributes and times stay: set-user-id bits and capabilities, which a change of hands takes away, are set
 * again. Capabilities of the map's root become those of the caller's, as they are where nothing is mapped. A file with
 * several names changes hands once. No link is followed, and no mount is left.
 */
#pragma once

#include "base/str.h"
#include "kern/idmap.h"

/**
 * reown_tree() - give the files of a tree to other owners
 * @dir:	the top, open for reading, which is one of them; nobody else changes the tree meanwhile
 * @uids:	owners are ids outside, and become those inside; without range they stay
 * @gids:	likewise of groups
 * @lower:	folders below it, topmost first, whose ACLs were shown as they are; a name that is no folder is passed over
 *
 * Of ACLs those who are named become others, too, unless an ACL of that path below names them, or of what is new
 * the one that it has inherited from there. The ACL of a file that overlayfs has copied from elsewhere stays.
 *
 * Return: 0 or the first negative errno, after which some have their new owner.
 */
must_check int reown_tree(int dir, const struct idmap *uids, const struct idmap *gids,
			  const struct strv *lower);
