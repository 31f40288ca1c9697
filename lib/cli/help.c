/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * help - the texts of --help, made from the tables
 *
 * Nothing is wrapped: the texts are short, and what reads them (people, pagers, tests) wraps better.
 */
#include "cli/help.h"

#include <ctype.h>

#include "base/mem.h"

const char *help_heading(enum command_group group)
{
	static const char *const headings[GROUP_COUNT] = {
		[GROUP_HIDDEN] = "Hidden commands",   [GROUP_CONTAINER] = "Container commands",
		[GROUP_IMAGE] = "Image commands",     [GROUP_VOLUME] = "Volume commands",
		[GROUP_NETWORK] = "Network commands", [GROUP_SYSTEM] = "System commands",
		[GROUP_SECRET] = "Secret commands",   [GROUP_MANAGE] = "Management commands",
	};

	return headings[group];
}

char *help_sentence(const char *text)
{
	char *copy = str_dup(text);

	copy[0] = (char)toupper((unsigned char)copy[0]);
	return copy;
}

char *help_option(const struct opt *opt)
{
	bool harmless = opt->kind == OPT_KIND_HARMLESS || opt->kind == OPT_KIND_HARMLESS_VALUE;
	AUTO(mem) char *text = str_fmt("%s%s", harmless ? "no effect: " : "", opt_help(opt));

	return help_sentence(text);
}

bool help_shown(const struct opt *opt)
{
	return opt->kind != OPT_KIND_ALIAS && opt->kind != OPT_KIND_REFUSED;
}

struct spelling {
	const struct opt *opt;
	FILE *to;
};

static int add_alias(const struct opt *opt, unused_arg size_t base, void *data)
{
	struct spelling *spelling = data;

	if (opt->kind == OPT_KIND_ALIAS && str_eq(opt_value(opt), opt_name(spelling->opt))) {
		if (opt->letter)
			fprintf(spelling->to, ", -%c", opt->letter);
		fprintf(spelling->to, ", --%s", opt_name(opt));
	}
	return 0;
}

char *help_spelling(const struct opt *table, const struct opt *opt)
{
	char *text = NULL;
	size_t size = 0;
	struct spelling spelling = { .opt = opt, .to = open_memstream(&text, &size) };

	bug_unless(spelling.to);
	if (opt->letter)
		fprintf(spelling.to, "-%c, ", opt->letter);
	fprintf(spelling.to, "--%s", opt_name(opt));
	opt_each(table, add_alias, &spelling);
	if (opt->kind == OPT_KIND_OPTIONAL)
		fprintf(spelling.to, "[=%s]", opt_value(opt));
	else if (*opt_value(opt))
		fprintf(spelling.to, " %s", opt_value(opt));
	bug_unless(fclose(spelling.to) == 0);
	return text;
}

struct options {
	const struct opt *table;
	FILE *to; /* NULL while the width is measured */
	int width;
};

static int print_option(const struct opt *opt, unused_arg size_t base, void *data)
{
	struct options *options = data;

	if (!help_shown(opt))
		return 0;
	AUTO(mem) char *spelling = help_spelling(options->table, opt);
	const char *indent = opt->letter ? "" : "    ";
	int width = (int)(strlen(indent) + strlen(spelling));
	if (!options->to) {
		options->width = max_of(options->width, width);
		return 0;
	}
	AUTO(mem) char *sentence = help_option(opt);
	fprintf(options->to, "  %s%s%*s   %s\n", indent, spelling, options->width - width, "",
		sentence);
	return 0;
}

static void print_options(const struct opt *table, FILE *to)
{
	struct options options = { .table = table };

	opt_each(table, print_option, &options);
	if (!options.width)
		return;
	fputs("\nOptions:\n", to);
	options.to = to;
	opt_each(table, print_option, &options);
}

static void print_names(const struct app *app, const struct command *command, FILE *to)
{
	AUTO(strv) struct strv names = { 0 };

	for (size_t i = 0; i < app->commands->count; i++)
		if (app->commands->items[i].command == command)
			strv_addf(&names, "%s %s", app->name, app->commands->items[i].words);
	if (names.count < 2)
		return;
	AUTO(mem) char *list = str_join(&names, ", ");
	fprintf(to, "\nAliases:\n  %s\n", list);
}

/* Members of a group that are shown, of one heading or of all. */
static void print_members(const struct app *app, const char *group, enum command_group heading,
			  FILE *to)
{
	const struct command_list *list = app->commands;
	int width = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < list->count; i++) {
			const struct command_entry *entry = &list->items[i];
			const char *word = command_in(entry, group);
			if (!word || entry->command->group == GROUP_HIDDEN ||
			    (heading != GROUP_COUNT && entry->command->group != heading) ||
			    !command_is_main(list, entry))
				continue;
			if (pass == 0) {
				width = max_of(width, (int)strlen(word));
				continue;
			}
			AUTO(mem) char *about = help_sentence(entry->command->about);
			fprintf(to, "  %-*s   %s\n", width, word, about);
		}
	}
}

static void print_examples(const char *examples, FILE *to)
{
	fputs("\nExamples:\n", to);
	while (*examples) {
		size_t n = strcspn(examples, "\n");
		fprintf(to, "  %.*s\n", (int)n, examples);
		examples += n + (examples[n] == '\n');
	}
}

void help_command(const struct app *app, const struct command_entry *entry, FILE *out)
{
	const struct command *command = entry->command;
	AUTO(mem) char *about = help_sentence(command->about);

	fprintf(out, "Usage:  %s %s%s%s%s\n\n%s\n", app->name, entry->words,
		command->run ? command->opts ? " [OPTIONS]" : "" : " COMMAND",
		command->args ? " " : "", str_or(command->args, ""), about);
	if (command->text)
		fprintf(out, "\n%s\n", command->text);
	print_names(app, command, out);
	if (!command->run) {
		fputs("\nCommands:\n", out);
		print_members(app, entry->words, GROUP_COUNT, out);
	}
	print_options(command->opts, out);
	if (command->examples)
		print_examples(command->examples, out);
	if (!command->run)
		fprintf(out, "\nRun '%s %s COMMAND --help' for more on a command.\n", app->name,
			entry->words);
}

static bool has_members(const struct command_list *list, enum command_group heading)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].command->group == heading && command_in(&list->items[i], ""))
			return true;
	return false;
}

void help_program(const struct app *app, const struct opt *options, FILE *out)
{
	fprintf(out,
		"Usage:  %s [OPTIONS] COMMAND\n\n"
		"Containers for one user, without a daemon\n",
		app->name);
	for (enum command_group group = GROUP_CONTAINER; group < GROUP_COUNT; group++) {
		if (!has_members(app->commands, group))
			continue;
		fprintf(out, "\n%s:\n", help_heading(group));
		print_members(app, "", group, out);
	}
	print_options(options, out);
	fprintf(out, "\nRun '%s COMMAND --help', or -h, for more on a command.\n", app->name);
}
