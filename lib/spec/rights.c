/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rights - the capabilities of a container's processes
 */
#include "spec/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <strings.h>

#include "kern/caps.h"

/* Podman's default set. */
#define DEFAULT_CAPS                                                                               \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FOWNER) |                    \
	 CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_KILL) | CAP_BIT(CAP_NET_BIND_SERVICE) |                 \
	 CAP_BIT(CAP_SETFCAP) | CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_SETPCAP) | CAP_BIT(CAP_SETUID) | \
	 CAP_BIT(CAP_SYS_CHROOT))

static int parse_names(const struct strv *names, uint64_t *out, struct err *err)
{
	*out = 0;
	for (size_t i = 0; names && i < names->count; i++) {
		if (!strcasecmp(names->items[i], "ALL")) {
			*out = caps_all();
			continue;
		}
		int number = caps_parse(names->items[i]);
		if (number < 0)
			return err_set(err, -EINVAL, "there is no capability '%s'",
				       names->items[i]);
		*out |= CAP_BIT(number);
	}
	return 0;
}

static bool names_all(const struct strv *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcasecmp(names->items[i], "ALL"))
			return true;
	return false;
}

/* "ALL" is taken first on either side, so that single names count against it. */
static uint64_t container_set(const struct container_config *config, uint64_t add, uint64_t drop)
{
	if (names_all(&config->cap_drop))
		return names_all(&config->cap_add) ? 0 : add;
	if (config->privileged)
		return caps_all() & ~drop;
	return (DEFAULT_CAPS | add) & ~drop;
}

int spec_caps(const struct container_config *config, const struct strv *add, bool root,
	      uint64_t can, struct runtime_caps *out, struct err *err)
{
	uint64_t added, dropped, further;
	int r = parse_names(&config->cap_add, &added, err);

	if (r == 0)
		r = parse_names(&config->cap_drop, &dropped, err);
	if (r == 0)
		r = parse_names(add, &further, err);
	if (r < 0)
		return r;
	uint64_t all = (container_set(config, added, dropped) | further) & can;
	uint64_t asked = (added | further) & all;
	caps_list(all, &out->bounding);
	caps_list(root ? all : asked, &out->permitted);
	caps_list(root ? all : asked, &out->effective);
	caps_list(root ? 0 : asked, &out->inheritable);
	caps_list(root ? 0 : asked, &out->ambient);
	return 0;
}
