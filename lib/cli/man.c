/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * man - manual pages and the index of commands, made from the tables
 */
#include "cli/man.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/help.h"

/* Text for troff: nothing in it is a request or an escape. */
static void put_text(const char *text, FILE *to)
{
	for (const char *p = text; *p; p++) {
		if (p == text && (*p == '.' || *p == '\''))
			fputs("\\&", to);
		if (*p == '\\')
			fputs("\\e", to);
		else if (*p == '-')
			fputs("\\-", to);
		else
			fputc(*p, to);
		if (*p == '\n' && (p[1] == '.' || p[1] == '\''))
			fputs("\\&", to);
	}
}

static void put_sentence(const char *text, FILE *to)
{
	AUTO(mem) char *sentence = help_sentence(text);

	put_text(sentence, to);
	fputs(".\n", to);
}

struct options {
	const struct opt *table;
	FILE *to;
};

static int put_option(const struct opt *opt, unused_arg size_t base, void *data)
{
	const struct options *options = data;

	if (!help_shown(opt))
		return 0;
	AUTO(mem) char *spelling = help_spelling(options->table, opt);
	fputs(".TP\n\\fB", options->to);
	put_text(spelling, options->to);
	fputs("\\fR\n", options->to);
	AUTO(mem) char *sentence = help_option(opt);
	put_sentence(sentence, options->to);
	return 0;
}

static void put_options(const struct opt *table, FILE *to)
{
	struct options options = { .table = table, .to = to };

	if (!table)
		return;
	fputs(".SH OPTIONS\n", to);
	opt_each(table, put_option, &options);
}

static char *page_name(const struct man_input *input, const char *words)
{
	char *name = str_fmt("%s%s%s", input->name, *words ? "-" : "", words);

	for (char *p = name; *p; p++)
		if (*p == ' ')
			*p = '-';
	return name;
}

static void put_title(const struct man_input *input, const char *page, const char *about, FILE *to)
{
	fputs(".TH \"", to);
	put_text(page, to);
	fprintf(to, "\" 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n", input->name,
		input->version);
	put_text(page, to);
	fputs(" \\- ", to);
	put_text(about, to);
	fputc('\n', to);
}

static void put_members(const struct man_input *input, const char *group, FILE *to)
{
	fputs(".SH COMMANDS\n", to);
	for (size_t i = 0; i < input->commands->count; i++) {
		const struct command_entry *entry = &input->commands->items[i];
		const char *word = command_in(entry, group);
		if (!word || entry->command->group == GROUP_HIDDEN ||
		    !command_is_main(input->commands, entry))
			continue;
		fputs(".TP\n\\fB", to);
		put_text(word, to);
		fputs("\\fR\n", to);
		put_sentence(entry->command->about, to);
	}
}

static void put_examples(const char *examples, FILE *to)
{
	fputs(".SH EXAMPLES\n.nf\n", to);
	put_text(examples, to);
	fputs(".fi\n", to);
}

static void put_command(const struct man_input *input, const struct command *command, FILE *to)
{
	AUTO(mem) char *page = page_name(input, command->name);

	put_title(input, page, command->about, to);
	fprintf(to, ".SH SYNOPSIS\n\\fB%s %s\\fR", input->name, command->name);
	fputs(command->run ? command->opts ? " [\\fIOPTIONS\\fR]" : "" : " \\fICOMMAND\\fR", to);
	if (command->args) {
		fputc(' ', to);
		put_text(command->args, to);
	}
	fputs("\n.SH DESCRIPTION\n", to);
	put_sentence(command->about, to);
	if (command->text) {
		fputs(".PP\n", to);
		put_text(command->text, to);
		fputc('\n', to);
	}
	if (!command->run)
		put_members(input, command->name, to);
	put_options(command->opts, to);
	if (command->examples)
		put_examples(command->examples, to);
	fprintf(to, ".SH SEE ALSO\n.BR %s (1)\n", input->name);
}

static void put_program(const struct man_input *input, FILE *to)
{
	put_title(input, input->name, "containers for one user, without a daemon", to);
	fprintf(to,
		".SH SYNOPSIS\n\\fB%s\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR\n"
		".SH DESCRIPTION\n"
		"Runs containers as the calling user. Nothing keeps running when no container does.\n"
		"Called as docker or podman through a link, it follows that tool where the two differ.\n",
		input->name);
	put_members(input, "", to);
	put_options(input->options, to);
	fputs(".SH EXIT STATUS\n"
	      "125: the command line is wrong, or nothing could be started; 126: the program in the\n"
	      "container is not executable; 127: it is not there; otherwise the container's own.\n",
	      to);
}

/* Ends a page that was written to memory; Return: 0 or what the kernel said. */
static int save(FILE *memory, char **text, const size_t *size, const char *dir, const char *page,
		struct err *err)
{
	bug_unless(fclose(memory) == 0);
	AUTO(mem) char *bytes = *text;
	AUTO(mem) char *path = str_fmt("%s/%s.1", dir, page);
	int r = file_write(AT_FDCWD, path, 0644, bytes, *size);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

static int write_page(const struct man_input *input, const struct command_entry *entry,
		      const char *dir, struct err *err)
{
	AUTO(mem) char *page = page_name(input, entry ? entry->words : "");
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	bug_unless(memory);
	if (!entry) {
		put_program(input, memory);
	} else if (str_eq(entry->words, entry->command->name)) {
		put_command(input, entry->command, memory);
	} else {
		AUTO(mem) char *real = page_name(input, entry->command->name);
		fprintf(memory, ".so man1/%s.1\n", real);
	}
	return save(memory, &text, &size, dir, page, err);
}

int man_write(const struct man_input *input, const char *dir, struct err *err)
{
	int r = write_page(input, NULL, dir, err);

	for (size_t i = 0; i < input->commands->count && r >= 0; i++)
		if (input->commands->items[i].command->group != GROUP_HIDDEN)
			r = write_page(input, &input->commands->items[i], dir, err);
	return r;
}

static int index_option(const struct opt *opt, unused_arg size_t base, void *data)
{
	const struct options *options = data;

	if (!help_shown(opt))
		return 0;
	AUTO(mem) char *spelling = help_spelling(options->table, opt);
	AUTO(mem) char *sentence = help_option(opt);
	fprintf(options->to, "- `%s`: %s\n", spelling, sentence);
	return 0;
}

static void index_names(const struct man_input *input, const struct command *command, FILE *to)
{
	const char *before = "Also: ";

	for (size_t i = 0; i < input->commands->count; i++) {
		const struct command_entry *entry = &input->commands->items[i];
		if (entry->command != command || str_eq(entry->words, command->name))
			continue;
		fprintf(to, "%s`%s %s`", before, input->name, entry->words);
		before = ", ";
	}
	if (*before == ',')
		fputs("\n\n", to);
}

static void index_command(const struct man_input *input, const struct command *command, FILE *to)
{
	struct options options = { .table = command->opts, .to = to };
	AUTO(mem) char *about = help_sentence(command->about);

	fprintf(to, "### %s %s\n\n%s.\n\n`%s %s%s%s%s`\n\n", input->name, command->name, about,
		input->name, command->name, command->opts ? " [OPTIONS]" : "",
		command->args ? " " : "", str_or(command->args, ""));
	index_names(input, command, to);
	if (!command->opts)
		return;
	opt_each(command->opts, index_option, &options);
	fputc('\n', to);
}

/* What a command refuses, and why; "begun" says whether its heading stands already. */
struct refusals {
	const char *heading;
	FILE *to;
	bool begun;
};

static int index_refusal(const struct opt *opt, unused_arg size_t base, void *data)
{
	struct refusals *r = data;

	if (opt->kind != OPT_KIND_REFUSED)
		return 0;
	if (!r->begun)
		fprintf(r->to, "\n### %s\n\n", r->heading);
	r->begun = true;
	AUTO(mem) char *why = help_sentence(opt_help(opt));
	if (opt->letter)
		fprintf(r->to, "- `-%c, --%s`: %s\n", opt->letter, opt_name(opt), why);
	else
		fprintf(r->to, "- `--%s`: %s\n", opt_name(opt), why);
	return 0;
}

static void index_refusals(const struct man_input *input, FILE *to)
{
	fputs("\n## Refused\n\nFlags that docker or podman have, and why they are refused here.\n",
	      to);
	struct refusals own = { .heading = input->name, .to = to };
	opt_each(input->options, index_refusal, &own);
	for (size_t i = 0; i < input->commands->count; i++) {
		const struct command_entry *entry = &input->commands->items[i];
		AUTO(mem) char *heading = str_fmt("%s %s", input->name, entry->command->name);
		struct refusals r = { .heading = heading, .to = to };
		if (entry->command->opts && entry->command->group != GROUP_HIDDEN &&
		    str_eq(entry->words, entry->command->name))
			opt_each(entry->command->opts, index_refusal, &r);
	}
}

void man_index(const struct man_input *input, FILE *to)
{
	struct options options = { .table = input->options, .to = to };

	fprintf(to, "# Commands\n\nMade by `%s __docs` from the tables of options.\n\n",
		input->name);
	opt_each(input->options, index_option, &options);
	for (enum command_group group = GROUP_CONTAINER; group < GROUP_MANAGE; group++) {
		bool begun = false;
		for (size_t i = 0; i < input->commands->count; i++) {
			const struct command_entry *entry = &input->commands->items[i];
			if (entry->command->group != group ||
			    !str_eq(entry->words, entry->command->name))
				continue;
			if (!begun)
				fprintf(to, "\n## %s\n\n", help_heading(group));
			begun = true;
			index_command(input, entry->command, to);
		}
	}
	index_refusals(input, to);
}
