/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyring - a session keyring that is not the caller's
 *
 * Each keyring counts for its owner, and a user may have 200 of them (kernel.keys.maxkeys). Root of a user namespace
 * with many ids can have another id own it: a process may use its session keyring whoever owns it.
 */
#pragma once

#include <stdint.h>

/**
 * keyring_fresh() - enter a new and empty session keyring
 * @lender:	an id of the user namespace that owns it when the caller's own have run out; 0 for nobody
 *
 * Return: 0; -EDQUOT; -ENOSYS where the kernel has no keys; otherwise a negative errno. The keyring is the one from
 * before then.
 */
int keyring_fresh(uint32_t lender);
