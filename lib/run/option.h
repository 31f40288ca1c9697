/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * option - the words that stand behind a mount, and what they mean to the kernel
 */
#pragma once

#include "base/err.h"
#include "run/op.h"

/**
 * option_apply() - take one word into a step
 * @word:	"ro", "nosuid", "rslave", "size=64m", ...
 * @op:		changed; its type is set before
 *
 * Words of a file system ("size=64m") go to its data, where the file system takes them. Words that
 * other layers acted on (z, Z, copy, nocopy) do nothing here.
 *
 * Return: 0; -EINVAL when the word is not known for this type.
 */
must_check int option_apply(const char *word, struct plan_op *op);

/**
 * option_print() - the words of a step's attributes
 * @op:		looked at
 * @out:	words are added, in a fixed order
 */
void option_print(const struct plan_op *op, struct strv *out);
