/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * each - commands that try every argument, whatever fails
 */
#include "cmd/each.h"

int each_word(struct app *app, const struct exit_rule *rules, const struct strv *words, each_fn *fn,
	      const void *data)
{
	int status = 0;

	for (size_t i = 0; i < words->count; i++) {
		AUTO(err) struct err one = { 0 };
		int r = fn(app, words->items[i], data, &one);
		if (r >= 0)
			continue;
		status = max_of(status, exit_status(rules, app->flavour, r));
		app_error(app, &one);
	}
	return status;
}
