/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rateplan - --network-rate: which networks can be limited, and what is recorded
 */
#include "engine/rateplan.h"

#include <errno.h>

#include "base/str.h"
#include "net/config.h"
#include "net/rate.h"

/* With --network fast connections are the host's own, and pass cubby-net by. */
static bool is_fast(const struct container_config *config)
{
	AUTO(net_config) struct net_config net = { 0 };
	const struct strv none = { 0 };

	return net_config_load(&config->network_options, &none, &net, NULL) == 0 && net.fast;
}

int rateplan_set(const char *text, struct container_config *config, struct err *err)
{
	bool fast = is_fast(config);
	const char *network = fast ? "fast" : str_or(config->network_mode, "slirp");
	struct rate rate;
	int r = rate_parse(text, &rate, err);

	if (r < 0)
		return err_wrap(err, "--network-rate");
	AUTO(mem) char *printed = rate_print(&rate);
	if (printed && !str_eq(network, "slirp") && !str_eq(network, "bridge")) {
		(void)err_set(err, -EINVAL, "--network-rate cannot limit the network '%s'",
			      network);
		return err_hint(err, "it limits the default network, also with options of "
				     "slirp4netns, and networks made with network create");
	}
	str_set(&config->network_rate, printed);
	return 0;
}
