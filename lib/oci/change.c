/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change - instructions that change what an image runs: --change of import and commit
 *
 * Words are split at white space; quotes hold a word together, a backslash takes the next
 * character as it is (inside single quotes it is a character like any other).
 */
#include "oci/change.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json.h"

struct instruction {
	const char *name;
	int (*apply)(struct image_process *process, const char *rest, struct err *err);
};

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

/* Reads one word; *at moves behind it. */
static int next_word(const char **at, struct strv *out, struct err *err)
{
	AUTO(mem) char *word = mem_alloc(strlen(*at) + 1, 1);
	size_t n = 0;
	char quote = 0;
	const char *s = *at;

	for (; *s && (quote || !is_space(*s)); s++) {
		if (*s == '\\' && quote != '\'' && s[1])
			word[n++] = *++s;
		else if (*s == quote)
			quote = 0;
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else
			word[n++] = *s;
	}
	if (quote)
		return err_set(err, -EINVAL, "a quote is not closed");
	strv_take(out, take_ptr(word));
	*at = s;
	return 0;
}

static int split_words(const char *text, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	int r = 0;

	while (r == 0) {
		while (is_space(*text))
			text++;
		if (!*text)
			break;
		r = next_word(&text, &words, err);
	}
	if (r == 0 && !words.count)
		r = err_set(err, -EINVAL, "a value is missing");
	if (r == 0)
		strv_extend(out, &words);
	return r;
}

/* Return: 1 when it is a JSON list of texts, 0 when it is none. */
static int json_words(const char *text, struct strv *out)
{
	AUTO(json) cJSON *wrapped = NULL;
	AUTO(mem) char *object = str_fmt("{\"x\":%s}", text);

	if (text[0] != '[' || json_parse(object, strlen(object), &wrapped, NULL) < 0)
		return 0;
	return json_strv(wrapped, "x", out) == 0;
}

static void replace(struct strv *list, struct strv *with)
{
	strv_clear(list);
	*list = *with;
	*with = (struct strv){ 0 };
}

/* A list is taken as it is, anything else is a line for the shell. */
static int set_command(struct strv *list, const struct image_process *process, const char *rest)
{
	AUTO(strv) struct strv words = { 0 };

	if (!json_words(rest, &words)) {
		if (process->shell.count) {
			strv_extend(&words, &process->shell);
		} else {
			strv_add(&words, "/bin/sh");
			strv_add(&words, "-c");
		}
		strv_add(&words, rest);
	}
	replace(list, &words);
	return 0;
}

static int apply_cmd(struct image_process *process, const char *rest, struct err *err)
{
	(void)err;
	return set_command(&process->cmd, process, rest);
}

static int apply_entrypoint(struct image_process *process, const char *rest, struct err *err)
{
	(void)err;
	return set_command(&process->entrypoint, process, rest);
}

/* "A=1 B=2", or the old form "A all of the rest". */
static int split_pairs(const char *rest, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };

	int r = split_words(rest, &words, err);
	if (r < 0)
		return r;
	if (!strchr(words.items[0], '=')) {
		if (words.count < 2)
			return err_set(err, -EINVAL, "'%s' has no value", words.items[0]);
		const char *value = rest + strcspn(rest, " \t");
		strv_addf(out, "%s=%s", words.items[0], value + strspn(value, " \t"));
		return 0;
	}
	for (size_t i = 0; i < words.count; i++)
		if (words.items[i][0] == '=' || !strchr(words.items[i], '='))
			return err_set(err, -EINVAL, "'%s' is no NAME=VALUE", words.items[i]);
	strv_extend(out, &words);
	return 0;
}

static int apply_env(struct image_process *process, const char *rest, struct err *err)
{
	AUTO(strv) struct strv pairs = { 0 };

	int r = split_pairs(rest, &pairs, err);
	for (size_t i = 0; i < pairs.count; i++)
		strv_env_set(&process->env, pairs.items[i]);
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, compare);
}

static void add_once(struct strv *set, const char *item)
{
	if (strv_find(set, item) < 0)
		strv_add(set, item);
	sort(set);
}

static int apply_label(struct image_process *process, const char *rest, struct err *err)
{
	AUTO(strv) struct strv pairs = { 0 };

	int r = split_pairs(rest, &pairs, err);
	for (size_t i = 0; i < pairs.count; i++)
		strv_env_set(&process->labels, pairs.items[i]);
	sort(&process->labels);
	return r;
}

/* "80", "80/udp", "80-82/tcp": a range becomes its ports. */
static int add_ports(struct strv *set, const char *word, struct err *err)
{
	AUTO(mem) char *ports = str_dup(word);
	uint64_t first, last;

	const char *protocol = str_cut(ports, '/');
	const char *end = str_cut(ports, '-');
	if (str_u64(ports, UINT16_MAX, &first) < 0 || first == 0 ||
	    str_u64(end ? end : ports, UINT16_MAX, &last) < 0 || last < first ||
	    (protocol && strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0 &&
	     strcmp(protocol, "sctp") != 0))
		return err_set(err, -EINVAL, "'%s' is no port", word);
	for (uint64_t port = first; port <= last; port++) {
		AUTO(mem)
		char *item = str_fmt("%u/%s", (unsigned int)port, str_or(protocol, "tcp"));
		add_once(set, item);
	}
	return 0;
}

static int apply_expose(struct image_process *process, const char *rest, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	AUTO(strv) struct strv ports = { 0 };

	strv_extend(&ports, &process->exposed_ports);
	int r = split_words(rest, &words, err);
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = add_ports(&ports, words.items[i], err);
	if (r == 0)
		replace(&process->exposed_ports, &ports);
	return r;
}

static int apply_volume(struct image_process *process, const char *rest, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };

	int r = json_words(rest, &words) ? 0 : split_words(rest, &words, err);
	if (r == 0 && !words.count)
		r = err_set(err, -EINVAL, "a value is missing");
	for (size_t i = 0; r == 0 && i < words.count; i++)
		if (words.items[i][0] != '/')
			r = err_set(err, -EINVAL, "'%s' is no absolute path", words.items[i]);
	for (size_t i = 0; r == 0 && i < words.count; i++)
		add_once(&process->volumes, words.items[i]);
	return r;
}

static int set_text(char **slot, const char *rest, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };

	int r = split_words(rest, &words, err);
	if (r == 0 && words.count != 1)
		r = err_set(err, -EINVAL, "it takes one value");
	if (r == 0)
		str_set(slot, words.items[0]);
	return r;
}

static int apply_user(struct image_process *process, const char *rest, struct err *err)
{
	return set_text(&process->user, rest, err);
}

static int apply_stopsignal(struct image_process *process, const char *rest, struct err *err)
{
	return set_text(&process->stop_signal, rest, err);
}

/* A relative path goes on from where it stood. */
static int apply_workdir(struct image_process *process, const char *rest, struct err *err)
{
	AUTO(mem) char *path = NULL;
	const char *before = str_or(process->workdir, "");

	int r = set_text(&path, rest, err);
	if (r < 0)
		return r;
	AUTO(mem)
	char *full = path[0] == '/'
			     ? str_dup(path)
			     : str_fmt("%s%s%s", before, str_ends(before, "/") ? "" : "/", path);
	str_set(&process->workdir, full);
	return 0;
}

static int apply_onbuild(struct image_process *process, const char *rest, struct err *err)
{
	(void)err;
	strv_add(&process->on_build, rest);
	return 0;
}

static const struct instruction instructions[] = {
	{ "CMD", apply_cmd },
	{ "ENTRYPOINT", apply_entrypoint },
	{ "ENV", apply_env },
	{ "EXPOSE", apply_expose },
	{ "LABEL", apply_label },
	{ "ONBUILD", apply_onbuild },
	{ "STOPSIGNAL", apply_stopsignal },
	{ "USER", apply_user },
	{ "VOLUME", apply_volume },
	{ "WORKDIR", apply_workdir },
};

int change_apply(struct image_process *process, const char *line, struct err *err)
{
	AUTO(mem) char *copy = str_dup(line);
	char *name = str_trim(copy);
	char *rest = name + strcspn(name, " \t=");

	/* "CMD=..." is what podman's users write. */
	if (*rest)
		*rest++ = 0;
	rest += strspn(rest, " \t");
	for (size_t i = 0; i < array_len(instructions); i++) {
		if (strcasecmp(name, instructions[i].name) != 0)
			continue;
		if (!*rest)
			return err_set(err, -EINVAL, "the change '%s' has no value", line);
		int r = instructions[i].apply(process, rest, err);
		if (r < 0)
			(void)err_wrap(err, "cannot make the change '%s'", line);
		return r;
	}
	(void)err_set(err, -EINVAL, "the change '%s' is none of the instructions that are known",
		      line);
	(void)err_hint(err, "known are CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, "
			    "USER, VOLUME and WORKDIR");
	return -EINVAL;
}
