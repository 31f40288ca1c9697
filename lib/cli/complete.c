/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * complete - what may follow on a command line that is being typed
 *
 * Words that cannot be right (unknown flags, too many arguments) end in no candidates, not in an
 * error: somebody is still typing.
 */
#include "cli/complete.h"

#include "base/mem.h"
#include "cli/help.h"
#include "cli/optvalue.h"

/* Where on the line the cursor stands. */
struct position {
	const struct complete_input *input;
	const struct command_entry *entry; /* NULL: no command yet */
	const struct opt *table;
	const char *typed; /* the word being typed */
	size_t arguments;  /* of the command, before the cursor */
	bool open;	   /* flags may still come */
	FILE *to;
};

static void offer(const struct position *at, const char *candidate, const char *sentence)
{
	if (!str_starts(candidate, at->typed))
		return;
	if (str_empty(sentence) || at->input->bare)
		fprintf(at->to, "%s\n", candidate);
	else
		fprintf(at->to, "%s\t%s\n", candidate, sentence);
}

static void finish(FILE *to, enum complete kind)
{
	fputs(kind == COMPLETE_FILE ? ":file\n" : kind == COMPLETE_DIR ? ":dir\n" : ":none\n", to);
}

struct lookup {
	const char *name;
	size_t length;
	char letter;
	const struct opt *found;
};

static int is_wanted(const struct opt *opt, unused_arg size_t base, void *data)
{
	struct lookup *lookup = data;
	bool same = lookup->letter
			    ? opt->letter == lookup->letter
			    : strlen(opt_name(opt)) == lookup->length &&
				      memcmp(opt_name(opt), lookup->name, lookup->length) == 0;

	if (same)
		lookup->found = opt;
	return same;
}

/* The option that a word names, with aliases resolved; *out_value is what stands in the word. */
static const struct opt *named(const struct opt *table, const char *word, const char **out_value)
{
	struct lookup lookup = { 0 };

	*out_value = NULL;
	if (word[1] == '-') {
		lookup.name = word + 2;
		lookup.length = strcspn(lookup.name, "=");
		if (lookup.name[lookup.length])
			*out_value = lookup.name + lookup.length + 1;
	} else {
		lookup.letter = word[strlen(word) - 1];
	}
	opt_each(table, is_wanted, &lookup);
	const struct opt *opt = lookup.found;
	if (opt && opt->kind == OPT_KIND_ALIAS) {
		struct lookup meant = { .name = opt_value(opt), .length = strlen(opt_value(opt)) };
		opt_each(table, is_wanted, &meant);
		opt = meant.found;
	}
	return opt;
}

/* Offers the names of one kind with a prefix (such as "--name=") before each. */
static void offer_kind(const struct position *at, enum complete kind, const char *prefix,
		       const char *typed)
{
	AUTO(strv) struct strv names = { 0 };

	if (kind == COMPLETE_COMMANDS) {
		for (size_t i = 0; i < at->input->commands->count; i++)
			if (at->input->commands->items[i].command->group != GROUP_HIDDEN)
				strv_add(&names, at->input->commands->items[i].words);
	} else if (kind >= COMPLETE_CONTAINERS && kind <= COMPLETE_SECRETS) {
		/* Without the store there are no names, and nothing to tell. */
		(void)at->input->names(at->input->data, kind, &names);
	}
	for (size_t i = 0; i < names.count; i++) {
		if (!str_starts(names.items[i], typed))
			continue;
		fprintf(at->to, "%s%s\n", prefix, names.items[i]);
	}
	finish(at->to, kind);
}

static void offer_value(const struct position *at, const struct opt *opt, const char *prefix,
			const char *typed)
{
	AUTO(strv) struct strv words = { 0 };

	if (opt->complete != COMPLETE_WORDS) {
		offer_kind(at, opt->complete, prefix, typed);
		return;
	}
	opt_words(opt, &words);
	for (size_t i = 0; i < words.count; i++)
		if (str_starts(words.items[i], typed))
			fprintf(at->to, "%s%s\n", prefix, words.items[i]);
	finish(at->to, COMPLETE_NONE);
}

static int offer_flag(const struct opt *opt, unused_arg size_t base, void *data)
{
	const struct position *at = data;

	if (opt->kind == OPT_KIND_REFUSED)
		return 0;
	AUTO(mem) char *word = str_fmt("--%s", opt_name(opt));
	offer(at, word, opt_help(opt));
	return 0;
}

static void offer_flags(const struct position *at)
{
	opt_each(at->table, offer_flag, (void *)at);
	offer(at, "--help", "show help");
	finish(at->to, COMPLETE_NONE);
}

/* Commands that stand directly in the group that was typed, or in none. */
static void offer_commands(const struct position *at)
{
	const struct command_list *list = at->input->commands;
	const char *group = at->entry ? at->entry->words : "";

	for (size_t i = 0; i < list->count; i++) {
		const char *word = command_in(&list->items[i], group);
		if (word && list->items[i].command->group != GROUP_HIDDEN)
			offer(at, word, list->items[i].command->about);
	}
	finish(at->to, COMPLETE_NONE);
}

static void offer_argument(const struct position *at)
{
	const struct command *command = at->entry->command;
	size_t min, max;

	command_arity(command->args, &min, &max);
	bool one_kind = command->args && !strchr(command->args, ' ');
	bool first = at->arguments == 0 || (one_kind && max == SIZE_MAX);
	enum complete kind = first ? command->complete : command->complete_rest;
	/* A command to run inside: its words are nobody's to guess. */
	if (at->arguments >= max)
		kind = COMPLETE_NONE;
	offer_kind(at, kind, "", at->typed);
}

/* Takes one whole word in; Return: the option whose value is the next word, or NULL. */
static const struct opt *step(struct position *at, const char *word)
{
	const char *value;

	if (at->open && word[0] == '-' && word[1]) {
		if (str_eq(word, "--")) {
			at->open = false;
			return NULL;
		}
		const struct opt *opt = named(at->table, word, &value);
		return opt && !value && optvalue_wanted(opt) ? opt : NULL;
	}
	if (at->entry && at->entry->command->run) {
		at->arguments++;
		if (at->entry->command->flags & COMMAND_FLAGS_FIRST)
			at->open = false;
		return NULL;
	}
	AUTO(mem)
	char *words = at->entry ? str_fmt("%s %s", at->entry->words, word) : str_dup(word);
	for (size_t i = 0; i < at->input->commands->count; i++) {
		const struct command_entry *entry = &at->input->commands->items[i];
		if (str_eq(entry->words, words)) {
			at->entry = entry;
			at->table = entry->command->opts;
		}
	}
	return NULL;
}

void complete_print(const struct complete_input *input, const struct strv *words, FILE *to)
{
	struct position at = { .input = input, .table = input->options, .open = true, .to = to };
	const struct opt *pending = NULL;
	const char *value;

	if (!words->count)
		return;
	for (size_t i = 0; i + 1 < words->count; i++)
		pending = pending ? NULL : step(&at, words->items[i]);
	at.typed = words->items[words->count - 1];
	if (pending) {
		offer_value(&at, pending, "", at.typed);
	} else if (at.open && at.typed[0] == '-') {
		const struct opt *opt = named(at.table, at.typed, &value);
		AUTO(mem)
		char *prefix = value ? str_ndup(at.typed, (size_t)(value - at.typed)) : NULL;
		if (opt && value)
			offer_value(&at, opt, prefix, value);
		else
			offer_flags(&at);
	} else if (!at.entry || !at.entry->command->run) {
		offer_commands(&at);
	} else {
		offer_argument(&at);
	}
}
