/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbom - what a build is to have scanned, by what, and where the list of what is in it goes
 */
#include "build/sbom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/words.h"

#define SYFT "ghcr.io/anchore/syft"
#define TRIVY "ghcr.io/aquasecurity/trivy"

static const char *const strategy_names[] = {
	[SBOM_NONE] = "",
	[SBOM_CAT] = "cat",
	[SBOM_CYCLONEDX] = "merge-cyclonedx-by-component-name-and-version",
	[SBOM_SPDX] = "merge-spdx-by-package-name-and-versioninfo",
};

struct preset {
	const char *names[2];
	const char *image;
	const char *commands[2];
	enum sbom_strategy strategy;
};

static const struct preset presets[] = {
	{ { "syft", "syft-cyclonedx" },
	  SYFT,
	  { "/syft scan -q dir:{ROOTFS} --output cyclonedx-json={OUTPUT}",
	    "/syft scan -q dir:{CONTEXT} --output cyclonedx-json={OUTPUT}" },
	  SBOM_CYCLONEDX },
	{ { "syft-spdx" },
	  SYFT,
	  { "/syft scan -q dir:{ROOTFS} --output spdx-json={OUTPUT}",
	    "/syft scan -q dir:{CONTEXT} --output spdx-json={OUTPUT}" },
	  SBOM_SPDX },
	{ { "trivy", "trivy-cyclonedx" },
	  TRIVY,
	  { "trivy filesystem -q {ROOTFS} --format cyclonedx --output {OUTPUT}",
	    "trivy filesystem -q {CONTEXT} --format cyclonedx --output {OUTPUT}" },
	  SBOM_CYCLONEDX },
	{ { "trivy-spdx" },
	  TRIVY,
	  { "trivy filesystem -q {ROOTFS} --format spdx-json --output {OUTPUT}",
	    "trivy filesystem -q {CONTEXT} --format spdx-json --output {OUTPUT}" },
	  SBOM_SPDX },
};

/* ---- commands --------------------------------------------------------------------------------- */

/* Whether a shell would make more of it than words. */
static bool needs_shell(const char *text)
{
	char quote = 0;

	for (const char *p = text; *p; p++) {
		if (*p == '\\' && quote != '\'' && p[1])
			p++;
		else if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (quote != '\'' && strchr(quote ? "$`" : "|&;<>()$`\n", *p))
			return true;
	}
	return false;
}

/* A word's quotes and escapes are taken away. Return: false when a quote is not closed. */
static bool unquote(char *word)
{
	char quote = 0;
	char *to = word;

	for (const char *p = word; *p; p++) {
		if (*p == '\\' && !quote && p[1])
			*to++ = *++p;
		else if (*p == '\\' && quote == '"' && p[1] && strchr("\"\\$`", p[1]))
			*to++ = *++p;
		else if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else
			*to++ = *p;
	}
	*to = 0;
	return !quote;
}

static int split(struct sbom_command *command, struct err *err)
{
	words_quoted(command->text, '\\', &command->words);
	for (size_t i = 0; i < command->words.count; i++)
		if (!unquote(command->words.items[i]))
			return err_set(err, -EINVAL,
				       "--sbom-scanner-command '%s': a quote is not closed",
				       command->text);
	return 0;
}

static int add_command(const char *text, struct sbom *out, struct err *err)
{
	struct sbom_command *command = vec_push(&out->commands);

	*command = (struct sbom_command){ .text = str_dup(text),
					  .shell = needs_shell(text),
					  .context = strstr(text, "{CONTEXT}") };
	if (!strstr(text, "{OUTPUT}"))
		return err_set(err, -EINVAL,
			       "--sbom-scanner-command '%s': it does not say {OUTPUT}, the file "
			       "that it is to write",
			       text);
	if (!command->context && !strstr(text, "{ROOTFS}"))
		return err_set(err, -EINVAL,
			       "--sbom-scanner-command '%s': it says neither {ROOTFS} nor "
			       "{CONTEXT}, which are what it can scan",
			       text);
	return command->shell ? 0 : split(command, err);
}

static char *put_in(const char *text, const struct sbom_places *places)
{
	const struct {
		const char *name, *value;
	} known[] = {
		{ "{ROOTFS}", places->rootfs },
		{ "{CONTEXT}", places->context },
		{ "{OUTPUT}", places->output },
	};
	AUTO(strv) struct strv parts = { 0 };

	while (*text) {
		size_t n = 1 + strcspn(text + 1, "{"), at;
		const char *rest = NULL;
		for (at = 0; at < array_len(known); at++) {
			rest = known[at].value ? str_starts(text, known[at].name) : NULL;
			if (rest)
				break;
		}
		if (rest)
			strv_add(&parts, known[at].value);
		else
			strv_take(&parts, str_ndup(text, n));
		text = rest ? rest : text + n;
	}
	return str_join(&parts, "");
}

void sbom_command_words(const struct sbom_command *command, const struct strv *shell,
			const struct sbom_places *places, struct strv *out)
{
	if (command->shell) {
		if (shell->count)
			strv_extend(out, shell);
		else {
			strv_add(out, "/bin/sh");
			strv_add(out, "-c");
		}
		strv_take(out, put_in(command->text, places));
		return;
	}
	for (size_t i = 0; i < command->words.count; i++)
		strv_take(out, put_in(command->words.items[i], places));
}

/* ---- options ---------------------------------------------------------------------------------- */

static const struct preset *find_preset(const char *name)
{
	for (size_t i = 0; i < array_len(presets); i++)
		for (size_t k = 0; k < array_len(presets[i].names); k++)
			if (str_eq(name, presets[i].names[k]))
				return &presets[i];
	return NULL;
}

/* Docker's way to say that statements about the build are wanted, or not. */
static bool is_statement(const char *text)
{
	return str_eq(text, "true") || str_eq(text, "1") || strchr(text, '=');
}

static bool is_none(const char *text)
{
	return str_empty(text) || str_eq(text, "false") || str_eq(text, "0");
}

static int read_preset(const struct sbom_typed *typed, const struct preset **out, struct err *err)
{
	if (is_none(typed->preset))
		return 0;
	*out = find_preset(typed->preset);
	if (*out)
		return 0;
	if (is_statement(typed->preset)) {
		(void)err_set(
			err, -EINVAL,
			"--sbom: '%s' asks for a statement beside the image, which is not made, "
			"only 'false' and the names of presets are there",
			typed->preset);
		return err_hint(err, "a list of what is in it is written by: --sbom syft "
				     "--sbom-output FILE");
	}
	(void)err_set(err, -EINVAL, "--sbom: there is no preset '%s'", typed->preset);
	return err_hint(err, "syft, syft-cyclonedx, syft-spdx, trivy, trivy-cyclonedx, trivy-spdx");
}

static int read_strategy(const struct sbom_typed *typed, struct sbom *out, struct err *err)
{
	if (str_empty(typed->strategy))
		return 0;
	for (size_t i = SBOM_CAT; i < array_len(strategy_names); i++)
		if (str_eq(typed->strategy, strategy_names[i])) {
			out->strategy = (enum sbom_strategy)i;
			return 0;
		}
	(void)err_set(err, -EINVAL, "--sbom-merge-strategy: there is no '%s'", typed->strategy);
	return err_hint(err, "cat, %s or %s", strategy_names[SBOM_CYCLONEDX],
			strategy_names[SBOM_SPDX]);
}

/* Absolute, as the root is where it begins. */
static int read_path(const char *name, const char *text, char **out, struct err *err)
{
	const char *slash = text ? strrchr(text, '/') : NULL;
	const char *last = slash ? slash + 1 : text;

	if (str_empty(text))
		return 0;
	if (!*last || str_eq(last, ".") || str_eq(last, ".."))
		return err_set(err, -EINVAL, "--%s: '%s' does not name a file of the image", name,
			       text);
	*out = str_fmt("%s%s", *text == '/' ? "" : "/", text);
	return 0;
}

static int read_paths(const struct sbom_typed *typed, struct sbom *out, struct err *err)
{
	int r = read_path("sbom-image-output", typed->image_output, &out->image_output, err);

	if (r == 0)
		r = read_path("sbom-image-purl-output", typed->image_purl_output,
			      &out->image_purl_output, err);
	if (r < 0)
		return r;
	if (out->image_output && str_eq(out->image_output, out->image_purl_output))
		return err_set(err, -EINVAL,
			       "--sbom-image-output and --sbom-image-purl-output name one file");
	if (!str_empty(typed->output) && str_eq(typed->output, typed->purl_output))
		return err_set(err, -EINVAL, "--sbom-output and --sbom-purl-output name one file");
	return 0;
}

static int read_commands(const struct sbom_typed *typed, const struct preset *preset,
			 struct sbom *out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < typed->commands.count; i++)
		r = add_command(typed->commands.items[i], out, err);
	if (typed->commands.count || !preset)
		return r;
	for (size_t i = 0; r == 0 && i < array_len(preset->commands); i++)
		r = add_command(preset->commands[i], out, err);
	return r;
}

/* One document, of which nothing is asked, can have any form. */
static bool needs_strategy(const struct sbom_typed *typed, const struct sbom *out)
{
	return out->commands.count > 1 || out->commands.items[0].context ||
	       !str_empty(typed->purl_output) || !str_empty(typed->image_purl_output);
}

static int missing(const char *what, struct err *err)
{
	(void)err_set(err, -EINVAL, "a scan needs %s", what);
	return err_hint(err,
			"--sbom syft and --sbom trivy have all that a scan needs but where its "
			"result goes");
}

static int check(const struct sbom_typed *typed, const struct sbom *out, struct err *err)
{
	if (!out->image)
		return missing("--sbom-scanner-image", err);
	if (!out->commands.count)
		return missing("--sbom-scanner-command", err);
	if (str_empty(typed->output) && str_empty(typed->purl_output) && !out->image_output &&
	    !out->image_purl_output)
		return err_set(
			err, -EINVAL,
			"a scan needs a place for its result: --sbom-output, "
			"--sbom-purl-output, --sbom-image-output or --sbom-image-purl-output");
	if (out->strategy == SBOM_NONE && needs_strategy(typed, out))
		return missing("--sbom-merge-strategy, which also says where a document has purls",
			       err);
	return 0;
}

static bool any(const struct sbom_typed *typed)
{
	const char *const texts[] = { typed->image,	   typed->strategy,
				      typed->output,	   typed->purl_output,
				      typed->image_output, typed->image_purl_output };

	for (size_t i = 0; i < array_len(texts); i++)
		if (!str_empty(texts[i]))
			return true;
	return typed->commands.count || !is_none(typed->preset);
}

int sbom_choose(const struct sbom_typed *typed, struct sbom *out, struct err *err)
{
	const struct preset *preset = NULL;

	if (!any(typed))
		return 0;
	int r = read_preset(typed, &preset, err);
	if (r < 0)
		return r;
	if (!str_empty(typed->image))
		out->image = str_dup(typed->image);
	else if (preset)
		out->image = str_dup(preset->image);
	out->strategy = preset ? preset->strategy : SBOM_NONE;
	r = read_strategy(typed, out, err);
	if (r == 0)
		r = read_commands(typed, preset, out, err);
	if (r == 0)
		r = read_paths(typed, out, err);
	return r < 0 ? r : check(typed, out, err);
}

void sbom_clear(struct sbom *sbom)
{
	for (size_t i = 0; i < sbom->commands.count; i++) {
		free(sbom->commands.items[i].text);
		strv_clear(&sbom->commands.items[i].words);
	}
	free(sbom->commands.items);
	free(sbom->image);
	free(sbom->image_output);
	free(sbom->image_purl_output);
	*sbom = (struct sbom){ 0 };
}
