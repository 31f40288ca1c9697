/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command - finding a command by its words
 */
#include "cli/command.h"

#include <errno.h>

#include "base/mem.h"
#include "base/nearest.h"

static const struct command_entry *look_up(const struct command_list *list, const char *words)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(words, list->items[middle].words);
		if (order == 0)
			return &list->items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *command_in(const struct command_entry *entry, const char *group)
{
	const char *rest = str_starts(entry->words, group);

	if (!rest)
		return NULL;
	if (*group) {
		if (*rest != ' ')
			return NULL;
		rest++;
	}
	return *rest && !strchr(rest, ' ') ? rest : NULL;
}

static const char *last_word(const char *words)
{
	const char *space = strrchr(words, ' ');

	return space ? space + 1 : words;
}

bool command_is_main(const struct command_list *list, const struct command_entry *entry)
{
	const char *own = last_word(entry->words);
	AUTO(mem) char *group = str_ndup(entry->words, (size_t)(own - entry->words));
	const char *name = last_word(entry->command->name);

	str_trim(group);
	if (str_eq(own, name))
		return true;
	for (size_t i = 0; i < list->count; i++) {
		const struct command_entry *other = &list->items[i];
		const char *word = other->command == entry->command ? command_in(other, group)
								    : NULL;
		if (!word || other == entry)
			continue;
		if (str_eq(word, name) || strlen(word) < strlen(own) ||
		    (strlen(word) == strlen(own) && other < entry))
			return false;
	}
	return true;
}

static int unknown(const struct command_list *list, const char *group, const char *word,
		   struct err *err)
{
	struct nearest nearest;
	const char *space = *group ? " " : "";

	nearest_begin(&nearest, word);
	for (size_t i = 0; i < list->count; i++) {
		const char *name = command_in(&list->items[i], group);
		if (name && list->items[i].command->group != GROUP_HIDDEN)
			nearest_offer(&nearest, name);
	}
	err_set(err, -EINVAL, "unknown command '%s%s%s'", group, space, word);
	if (nearest.best)
		return err_hint(err, "did you mean '%s%s%s'?", group, space, nearest.best);
	if (*group)
		return err_hint(err, "see 'cubby %s --help'", group);
	return -EINVAL;
}

const struct command_entry *command_find(const struct command_list *list, char **argv,
					 size_t *out_used, struct err *err)
{
	AUTO(mem) char *words = str_dup(argv[0]);
	const struct command_entry *found = look_up(list, words);
	size_t used = 1;

	if (!found) {
		unknown(list, "", argv[0], err);
		return NULL;
	}
	while (!found->command->run && argv[used] && argv[used][0] != '-') {
		AUTO(mem) char *longer = str_fmt("%s %s", words, argv[used]);
		const struct command_entry *deeper = look_up(list, longer);
		if (!deeper) {
			unknown(list, words, argv[used], err);
			return NULL;
		}
		found = deeper;
		str_set(&words, longer);
		used++;
	}
	*out_used = used;
	return found;
}

void command_arity(const char *args, size_t *out_min, size_t *out_max)
{
	size_t min = 0, max = 0;
	bool endless = false;

	for (const char *p = args; p && *p;) {
		size_t n = strcspn(p, " ");
		bool more = memmem(p, n, "...", 3) != NULL;
		min += *p != '[';
		max++;
		endless = endless || more;
		p += n;
		p += strspn(p, " ");
	}
	*out_min = min;
	*out_max = endless ? SIZE_MAX : max;
}
