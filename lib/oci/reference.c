/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference - names of images, as docker reads and shows them
 *
 * The text is cut from its end: the digest behind '@', the tag behind a ':' that no '/' follows (so
 * that a port is not mistaken for a tag), then the domain. Each piece is checked by a scanner for
 * its rule of the grammar.
 */
#include "oci/reference.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "oci/digest.h"

#define DEFAULT_DOMAIN "docker.io"
#define OLD_DEFAULT_DOMAIN "index.docker.io"
#define DEFAULT_PATH "library/"
#define DEFAULT_TAG "latest"

enum { MAX_PORT = 65535 };

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* Bytes of the separator that begins here: '.', '_', '__', or any number of '-'. */
static size_t separator(const char *s)
{
	if (*s == '.')
		return 1;
	if (*s == '_')
		return s[1] == '_' ? 2 : 1;
	return strspn(s, "-");
}

static bool path_valid(const char *s)
{
	for (;;) {
		if (!is_lower_alnum(*s))
			return false;
		while (is_lower_alnum(*s))
			s++;
		if (!*s)
			return true;
		size_t n = *s == '/' ? 1 : separator(s);
		if (!n)
			return false;
		s += n;
	}
}

static bool host_valid(const char *s, size_t n)
{
	if (n > 2 && s[0] == '[' && s[n - 1] == ']')
		return strspn(s + 1, "0123456789abcdefABCDEF:") == n - 2 && memchr(s, ':', n);
	for (size_t i = 0; i < n; i++) {
		bool first = i == 0 || s[i - 1] == '.';
		bool last = i == n - 1 || s[i + 1] == '.';
		if (!is_alnum(s[i]) && (first || last || s[i] != '-') &&
		    (s[i] != '.' || first || i == n - 1))
			return false;
	}
	return n > 0;
}

static bool domain_valid(const char *s)
{
	const char *bracket = strchr(s, ']');
	const char *colon = strchr(bracket ? bracket : s, ':');
	uint64_t port;

	if (!colon)
		return host_valid(s, strlen(s));
	return host_valid(s, (size_t)(colon - s)) && str_u64(colon + 1, MAX_PORT, &port) == 0;
}

static bool tag_valid(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > REFERENCE_MAX_TAG || (!is_alnum(*s) && *s != '_'))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_alnum(s[i]) && !strchr("_.-", s[i]))
			return false;
	return true;
}

/* Whether the part before the first '/' names a registry. */
static bool is_domain(const char *s, size_t n)
{
	if (n == strlen("localhost") && memcmp(s, "localhost", n) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '.' || s[i] == ':' || isupper((unsigned char)s[i]))
			return true;
	return false;
}

/* Gives @out the domain and the path of a name without tag and digest. */
static void split_name(const char *name, struct reference *out)
{
	const char *slash = strchr(name, '/');

	out->short_name = !slash || !is_domain(name, (size_t)(slash - name));
	if (out->short_name) {
		out->domain = str_dup(DEFAULT_DOMAIN);
		out->path = str_dup(name);
	} else {
		out->domain = str_ndup(name, (size_t)(slash - name));
		out->path = str_dup(slash + 1);
	}
	if (str_eq(out->domain, OLD_DEFAULT_DOMAIN))
		str_set(&out->domain, DEFAULT_DOMAIN);
	if (str_eq(out->domain, DEFAULT_DOMAIN) && !strchr(out->path, '/')) {
		AUTO(mem) char *path = take_ptr(out->path);
		out->path = str_fmt(DEFAULT_PATH "%s", path);
		out->default_path = true;
	}
}

static int check_name(const char *text, const struct reference *ref, struct err *err)
{
	if (!domain_valid(ref->domain))
		return err_set(err, -EINVAL, "'%s' is no image name: '%s' is no registry", text,
			       ref->domain);
	for (const char *p = ref->path; *p; p++)
		if (isupper((unsigned char)*p))
			return err_set(err, -EINVAL,
				       "'%s' is no image name: it must be in lower case", text);
	if (!path_valid(ref->path))
		return err_set(err, -EINVAL, "'%s' is no image name", text);
	if (strlen(ref->domain) + 1 + strlen(ref->path) > REFERENCE_MAX_NAME)
		return err_set(err, -EINVAL, "the image name is longer than %d bytes",
			       REFERENCE_MAX_NAME);
	return 0;
}

int reference_parse(const char *text, struct reference *out, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(mem) char *name = str_dup(text);

	if (str_hex(text, DIGEST_HEX))
		return err_set(err, -EINVAL, "'%s' is an image's id, not its name", text);
	const char *digest = str_cut(name, '@');
	if (digest && !digest_valid(digest))
		return err_set(err, -EINVAL, "'%s' has no valid digest: 'sha256:' and %d of 0-9a-f",
			       text, DIGEST_HEX);
	ref.digest = str_dup(digest);
	char *colon = strrchr(name, ':');
	if (colon && !strchr(colon, '/')) {
		*colon = 0;
		if (!tag_valid(colon + 1))
			return err_set(err, -EINVAL, "'%s' has no valid tag: '%.200s'", text,
				       colon + 1);
		ref.tag = str_dup(colon + 1);
	}
	if (!*name)
		return err_set(err, -EINVAL, "'%s' is no image name", text);
	split_name(name, &ref);
	int r = check_name(text, &ref, err);
	if (r < 0)
		return r;
	ref.default_tag = !ref.tag && !ref.digest;
	if (ref.default_tag)
		ref.tag = str_dup(DEFAULT_TAG);
	*out = ref;
	ref = (struct reference){ 0 };
	return 0;
}

static char *with_version(const char *name, const struct reference *ref)
{
	return str_fmt("%s%s%s%s%s", name, ref->tag ? ":" : "", str_or(ref->tag, ""),
		       ref->digest ? "@" : "", str_or(ref->digest, ""));
}

char *reference_print(const struct reference *ref)
{
	AUTO(mem) char *name = reference_name(ref);

	return with_version(name, ref);
}

char *reference_name(const struct reference *ref)
{
	return str_fmt("%s/%s", ref->domain, ref->path);
}

char *reference_familiar(const struct reference *ref)
{
	AUTO(mem) char *name = reference_familiar_name(ref);

	return with_version(name, ref);
}

/* The path below library/ when it is of one part, or NULL. */
static const char *official(const char *path)
{
	const char *rest = str_starts(path, DEFAULT_PATH);

	return rest && !strchr(rest, '/') ? rest : NULL;
}

char *reference_familiar_name(const struct reference *ref)
{
	if (!str_eq(ref->domain, DEFAULT_DOMAIN))
		return reference_name(ref);
	const char *rest = official(ref->path);
	/* "localhost" alone would be read as it is; a first part like a registry would not. */
	const char *slash = strchr(ref->path, '/');
	if (!rest && slash && is_domain(ref->path, (size_t)(slash - ref->path)))
		return reference_name(ref);
	return str_dup(rest ? rest : ref->path);
}

char *reference_shown(const char *text, bool docker)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!docker || !text || reference_parse(text, &ref, NULL) < 0)
		return str_dup(text);
	return reference_familiar(&ref);
}

void reference_in_domain(const struct reference *ref, const char *domain, struct reference *out)
{
	reference_copy(out, ref);
	str_set(&out->domain, domain);
	/* library/ is docker.io's alone. */
	if (ref->default_path && !str_eq(domain, DEFAULT_DOMAIN)) {
		str_set(&out->path, official(ref->path));
		out->default_path = false;
	}
	out->short_name = false;
}

void reference_copy(struct reference *to, const struct reference *from)
{
	str_set(&to->domain, from->domain);
	str_set(&to->path, from->path);
	str_set(&to->tag, from->tag);
	str_set(&to->digest, from->digest);
	to->short_name = from->short_name;
	to->default_tag = from->default_tag;
	to->default_path = from->default_path;
}

void reference_clear(struct reference *ref)
{
	str_set(&ref->domain, NULL);
	str_set(&ref->path, NULL);
	str_set(&ref->tag, NULL);
	str_set(&ref->digest, NULL);
	*ref = (struct reference){ 0 };
}
