/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse - words of a command line, read through option tables
 *
 * Which option a word names is found here; what its value does is optvalue.c's.
 */
#include "cli/parse.h"

#include <errno.h>

#include "base/nearest.h"
#include "cli/optvalue.h"

/* What is looked for: a long name, or a letter. */
struct search {
	const char *name;
	size_t length;
	char letter;
	const struct opt *opt;
	size_t base;
};

static int is_wanted(const struct opt *opt, size_t base, void *data)
{
	struct search *search = data;
	bool same = search->letter ? opt->letter == search->letter
				   : strncmp(opt_name(opt), search->name, search->length) == 0 &&
					     !opt_name(opt)[search->length];

	if (!same)
		return 0;
	search->opt = opt;
	search->base = base;
	return 1;
}

static bool find(const struct opt *table, struct search *search)
{
	search->opt = NULL;
	if (!opt_each(table, is_wanted, search))
		return false;
	if (search->opt->kind != OPT_KIND_ALIAS)
		return true;
	struct search meant = { .name = opt_value(search->opt) };
	meant.length = strlen(meant.name);
	bug_unless(find(table, &meant));
	*search = meant;
	return true;
}

struct parser {
	const struct opt_set *own;
	const struct opt_set *outer;
	char **at; /* the word being read */
	struct err *err;
};

static int offer_name(const struct opt *opt, unused_arg size_t base, void *data)
{
	if (opt->kind != OPT_KIND_REFUSED)
		nearest_offer(data, opt_name(opt));
	return 0;
}

static int unknown_name(struct parser *parser, const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	opt_each(parser->own->table, offer_name, &nearest);
	if (parser->outer)
		opt_each(parser->outer->table, offer_name, &nearest);
	nearest_offer(&nearest, "help");
	if (nearest.best)
		return err_set(parser->err, -EINVAL, "unknown flag: --%s; did you mean '--%s'?",
			       name, nearest.best);
	return err_set(parser->err, -EINVAL, "unknown flag: --%s", name);
}

/* Gives an option its value, which may be the next word. */
static int give(struct parser *parser, const struct opt_set *set, const struct search *found,
		const char *value, const char *flag)
{
	if (!value && optvalue_wanted(found->opt)) {
		value = parser->at[1];
		if (!value)
			return err_set(parser->err, -EINVAL, "flag needs a value: %s", flag);
		parser->at++;
	}
	return optvalue_take(found->opt, (char *)set->args + found->base, value, flag, parser->err);
}

static int take_long(struct parser *parser, const char *word)
{
	AUTO(mem) char *flag = str_dup(word);
	struct search search = { .name = flag + 2 };
	const struct opt_set *set = parser->own;

	str_cut(flag, '=');
	search.length = strlen(search.name);
	const char *value = word[search.length + 2] ? word + search.length + 3 : NULL;
	if (find(set->table, &search))
		return give(parser, set, &search, value, flag);
	if (str_eq(search.name, "help"))
		return OPT_HELP;
	set = parser->outer;
	if (set && find(set->table, &search))
		return give(parser, set, &search, value, flag);
	return unknown_name(parser, flag + 2);
}

static int take_letters(struct parser *parser, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		struct search search = { .letter = *p };
		char flag[] = { '-', *p, 0 };
		if (!find(parser->own->table, &search)) {
			if (*p == 'h')
				return OPT_HELP;
			return err_set(parser->err, -EINVAL, "unknown flag: '%c' in %s", *p, word);
		}
		bool rest = p[1] == '=' || (p[1] && optvalue_wanted(search.opt));
		const char *value = !rest ? NULL : p[1] == '=' ? p + 2 : p + 1;
		int r = give(parser, parser->own, &search, value, flag);
		if (r || rest)
			return r;
	}
	return OPT_PARSED;
}

static bool is_flag(const char *word)
{
	return word[0] == '-' && word[1];
}

int opt_parse(const struct opt_set *own, const struct opt_set *outer, unsigned int flags,
	      char **argv, struct strv *out, struct err *err)
{
	struct parser parser = { .own = own, .outer = outer, .at = argv, .err = err };
	bool open = !(flags & OPT_ALL_WORDS);

	for (; *parser.at; parser.at++) {
		const char *word = *parser.at;
		if (!open || !is_flag(word)) {
			strv_add(out, word);
			if (flags & OPT_STOP_AT_WORD)
				open = false;
		} else if (str_eq(word, "--")) {
			open = false;
		} else {
			int r = word[1] == '-' ? take_long(&parser, word)
					       : take_letters(&parser, word);
			if (r)
				return r;
		}
	}
	return OPT_PARSED;
}
