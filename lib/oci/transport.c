/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transport - where an image comes from or goes to, as podman and skopeo write it
 */
#include "oci/transport.h"

#include <ctype.h>
#include <errno.h>

#include "oci/digest.h"
#include "oci/reference.h"

enum { NAME_MAX_LENGTH = 512, INDEX_MAX = 1000000 };

const char *const transport_names[] = {
	"", "docker", "oci", "oci-archive", "docker-archive", "dir", "containers-storage", NULL,
};

static const char known[] = "known are docker://, oci:, oci-archive:, docker-archive:, dir: and "
			    "containers-storage:";

/* What other tools read, with what leads to the same. */
static const struct {
	const char *word, *reason, *hint;
	bool always; /* also where it could be the name of an image */
} foreign[] = {
	{ "docker-daemon", "no docker daemon is talked to",
	  "docker save IMAGE | cubby load, or cubby save IMAGE | docker load", true },
	{ "sif", "images of Singularity are not read", known, false },
	{ "ostree", "ostree is not read", known, false },
	{ "atomic", "OpenShift's own transport is not spoken: its registry is docker://", known,
	  false },
	{ "tarball", "a plain tar is no image", "cubby import FILE makes one of it", false },
};

/* Which kind the word before the ':' is, and the text behind it. */
static enum transport_kind find_kind(const char *text, const char **out_rest)
{
	for (int kind = TRANSPORT_REGISTRY; transport_names[kind]; kind++) {
		const char *rest = str_starts(text, transport_names[kind]);
		if (!rest || *rest != ':')
			continue;
		if (kind == TRANSPORT_REGISTRY && !str_starts(rest, "://"))
			return TRANSPORT_NONE;
		*out_rest = kind == TRANSPORT_REGISTRY ? rest + strlen("://") : rest + 1;
		return (enum transport_kind)kind;
	}
	return TRANSPORT_NONE;
}

/* --- what is no transport of ours -------------------------------------------------------- */

static bool names_image(const char *text)
{
	AUTO(reference) struct reference ref = { 0 };

	return reference_parse(text, &ref, NULL) == 0;
}

static int refuse_foreign(const char *text, bool is_name, struct err *err)
{
	for (size_t i = 0; i < array_len(foreign); i++) {
		const char *rest = str_starts(text, foreign[i].word);
		if (!rest || *rest != ':' || (is_name && !foreign[i].always))
			continue;
		(void)err_set(err, -EOPNOTSUPP, "cannot use '%.100s': %s", text, foreign[i].reason);
		(void)err_hint(err, "%s", foreign[i].hint);
		return -EOPNOTSUPP;
	}
	return 0;
}

/* An image's name holds no "://", and none of the other transports' paths can be a tag. */
static int refuse_unknown(const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	size_t word = colon ? (size_t)(colon - text) : 0;

	if (!word)
		return 0;
	bool is_name = names_image(text);
	int r = refuse_foreign(text, is_name, err);
	if (r < 0 || is_name)
		return r;
	if (str_starts(colon, "://")) {
		(void)err_set(err, -EINVAL, "there is no transport '%.*s'",
			      (int)min_of(word, 100UL), text);
		(void)err_hint(err, "%s; a registry's name has no http:// before it", known);
		return -EINVAL;
	}
	if (word == 1 && isalpha((unsigned char)*text) && (colon[1] == '\\' || colon[1] == '/')) {
		(void)err_set(err, -EINVAL, "'%.100s' is a path of Windows and no image", text);
		(void)err_hint(err, "archives are named oci-archive:PATH or docker-archive:PATH");
		return -EINVAL;
	}
	if (colon[1] == '/' || colon[1] == '.') {
		(void)err_set(err, -EINVAL, "there is no transport '%.*s'",
			      (int)min_of(word, 100UL), text);
		(void)err_hint(err, "%s", known);
		return -EINVAL;
	}
	return 0;
}

/* --- the parts ------------------------------------------------------------------------------ */

/* What an OCI layout's annotation may hold; more than the specification's grammar is of no use. */
static int check_oci_name(const char *name, struct err *err)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < size; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-._:@+/", name[i]))
			size = 0;
	if (size && size <= NAME_MAX_LENGTH && isalnum((unsigned char)name[0]) &&
	    isalnum((unsigned char)name[size - 1]))
		return 0;
	(void)err_set(err, -EINVAL, "'%.100s' cannot name an image of an OCI layout", name);
	return err_hint(err, "letters, digits and -._:@+/ between them; a path holds no ':'");
}

static int take_reference(struct transport *t, const char *name, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };

	int r = reference_parse(name, &ref, err);
	if (r < 0)
		return r;
	if (ref.digest)
		return err_set(err, -EINVAL, "docker's archives know no digests: '%s'", name);
	strv_take(&t->names, reference_print(&ref));
	return 0;
}

static int take_references(struct transport *t, const char *list, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	int r = 0;

	strv_split(&names, list, ',');
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = take_reference(t, names.items[i], err);
	return r;
}

static int take_index(struct transport *t, const char *text, struct err *err)
{
	uint64_t index;

	if (str_u64(text, INDEX_MAX, &index) < 0)
		return err_set(err, -EINVAL, "'@%s' is no image's place: @0 is the first", text);
	t->index = (int64_t)index;
	return 0;
}

/* Cuts "@sha256:HEX" off a layout's path, where that is all that is behind it. */
static bool take_digest(struct transport *t)
{
	size_t size = strlen(t->path);
	char *at = size > DIGEST_TEXT ? t->path + size - DIGEST_TEXT - 1 : NULL;

	if (!at || *at != '@' || !digest_valid(at + 1))
		return false;
	t->digest = str_dup(at + 1);
	*at = '\0';
	return true;
}

static int parse_file(struct transport *t, const char *rest, struct err *err)
{
	const char *word = transport_names[t->kind];
	char *name = NULL;
	int r = 0;

	t->path = str_dup(rest);
	if (t->kind != TRANSPORT_DIR && (t->kind == TRANSPORT_DOCKER_ARCHIVE || !take_digest(t)))
		name = str_cut(t->path, ':');
	if (!*t->path || (t->digest && strchr(t->path, ':'))) {
		(void)err_set(err, -EINVAL, "'%s:%.100s' names no file", word, rest);
		return err_hint(err, "%s:PATH", word);
	}
	if (str_empty(name))
		return 0;
	if (*name == '@')
		return take_index(t, name + 1, err);
	if (t->kind == TRANSPORT_DOCKER_ARCHIVE)
		return take_references(t, name, err);
	r = check_oci_name(name, err);
	if (r == 0)
		strv_add(&t->names, name);
	return r;
}

/* [DRIVER@ROOT]NAME, where only one store can be meant: whose it is, is seen above. */
static int parse_storage(struct transport *t, const char *rest, struct err *err)
{
	const char *end = *rest == '[' ? strchr(rest, ']') : NULL;

	if (*rest == '[' && !end)
		return err_set(err, -EINVAL, "'containers-storage:%.100s' lacks a ']'", rest);
	if (end) {
		AUTO(mem) char *store = str_ndup(rest + 1, (size_t)(end - rest - 1));
		char *root = str_cut(store, '@');
		/* What containers/storage adds, its run folder and options, says nothing here. */
		char *path = root ? root : store;
		path[strcspn(path, "+:")] = '\0';
		str_set(&t->driver, root && *store ? store : NULL);
		if (*path != '/')
			return err_set(err, -EINVAL,
				       "the store in 'containers-storage:%.100s' is no absolute "
				       "path",
				       rest);
		str_set(&t->path, path);
		rest = end + 1;
	}
	if (!*rest)
		return err_set(err, -EINVAL, "'containers-storage:' names no image");
	strv_add(&t->names, rest);
	return 0;
}

static int parse_rest(struct transport *t, const char *rest, struct err *err)
{
	if (transport_is_file(t->kind))
		return parse_file(t, rest, err);
	if (t->kind == TRANSPORT_STORAGE)
		return parse_storage(t, rest, err);
	if (!*rest)
		return err_set(err, -EINVAL, "the name of an image is empty");
	strv_add(&t->names, rest);
	return 0;
}

/* --- public --------------------------------------------------------------------------------- */

int transport_parse(const char *text, struct transport *out, struct err *err)
{
	AUTO(transport) struct transport t = { .index = -1 };
	const char *rest = text;
	int r = 0;

	t.kind = find_kind(text, &rest);
	if (t.kind == TRANSPORT_NONE)
		r = refuse_unknown(text, err);
	if (r == 0)
		r = parse_rest(&t, rest, err);
	if (r < 0)
		return r;
	*out = t;
	t = (struct transport){ 0 };
	return 0;
}

bool transport_given(const char *text)
{
	const char *rest;
	enum transport_kind kind = find_kind(text, &rest);

	if (kind == TRANSPORT_NONE)
		return refuse_unknown(text, NULL) < 0;
	return kind != TRANSPORT_REGISTRY;
}

const char *transport_registry(const char *text)
{
	const char *rest = str_starts(text, "docker://");

	return rest ? rest : text;
}

bool transport_is_file(enum transport_kind kind)
{
	return kind == TRANSPORT_OCI || kind == TRANSPORT_OCI_ARCHIVE ||
	       kind == TRANSPORT_DOCKER_ARCHIVE || kind == TRANSPORT_DIR;
}

char *transport_print(const struct transport *transport)
{
	const char *word = transport_names[transport->kind];
	AUTO(mem) char *names = str_join(&transport->names, ",");

	switch (transport->kind) {
	case TRANSPORT_NONE:
		return take_ptr(names);
	case TRANSPORT_REGISTRY:
		return str_fmt("%s://%s", word, names);
	case TRANSPORT_STORAGE:
		if (transport->path)
			return str_fmt("%s:[%s%s%s]%s", word, str_or(transport->driver, ""),
				       transport->driver ? "@" : "", transport->path, names);
		return str_fmt("%s:%s", word, names);
	default:
		break;
	}
	if (transport->digest)
		return str_fmt("%s:%s@%s", word, transport->path, transport->digest);
	if (transport->index >= 0)
		return str_fmt("%s:%s:@%lld", word, transport->path, (long long)transport->index);
	return str_fmt("%s:%s%s%s", word, transport->path, *names ? ":" : "", names);
}

void transport_clear(struct transport *transport)
{
	free(transport->path);
	free(transport->driver);
	free(transport->digest);
	strv_clear(&transport->names);
	*transport = (struct transport){ 0 };
}
