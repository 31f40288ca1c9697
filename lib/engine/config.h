/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config - the user's and the site's settings: cubby.conf
 *
 *	~/.config/cubby/cubby.conf	the user's ($XDG_CONFIG_HOME/cubby/cubby.conf)
 *	/etc/cubby/cubby.conf		the site's
 *
 * Both are read, and either may be missing. A single value of the user's counts before the site's; of
 * lists the user's come first, then the site's. TOML; an unknown key is told as a warning.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"

struct config {
	bool keep_blobs; /* else layers are kept unpacked alone (engine/blobless.h); true when not said */
	bool keep_blobs_said; /* a file says it */
	char *build_cache;    /* "20g": how much builds may keep to be faster; NULL when not said */
	struct strv stores;   /* folders of stores that are only read from (store_add); absolute */
	struct strv warnings; /* sentences about what was passed over */
};

/**
 * config_load() - read the settings
 * @host:	facts
 * @out:	zeroed by the caller, who releases it with config_clear
 * @err:	names the file
 *
 * "~/" in front of a path is the home.
 *
 * Return: 0; -EBADMSG when a file is no TOML or a value has the wrong type; otherwise what the kernel said.
 */
must_check int config_load(const struct host *host, struct config *out, struct err *err);

/**
 * config_clear() - release settings
 * @config:	empty afterwards
 */
void config_clear(struct config *config);

static inline void auto_config(struct config *config)
{
	config_clear(config);
}
