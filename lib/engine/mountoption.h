/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountoption - the options of -v, --mount and --tmpfs
 *
 * A white list: what is not on it would otherwise reach mount(2) as data. What an option means to the
 * kernel is decided by the runtime.
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

/**
 * mountoption_add() - add one option to a mount
 * @mount:	its type is set; the option is added
 * @text:	"ro", "size=64m"
 * @whole:	what was typed, for the message
 * @err:	names @whole and the option
 *
 * Return: 0; -EINVAL when it is unknown, malformed or not for this type; -EOPNOTSUPP when nobody but
 * root of the host could give it.
 */
must_check int mountoption_add(struct mount_config *mount, const char *text, const char *whole,
			       struct err *err);

/**
 * mountoption_add_list() - add options separated by commas
 * @mount:	its type is set; the options are added
 * @list:	may be NULL; empty parts are skipped
 * @whole:	what was typed, for the message
 * @err:	names @whole and the option
 *
 * Return: as mountoption_add().
 */
must_check int mountoption_add_list(struct mount_config *mount, const char *list, const char *whole,
				    struct err *err);
