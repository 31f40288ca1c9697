/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_absent_opts - what others' build has and ours has not, and why; and what is so anyway
 */
#include <errno.h>

#include "cmd/build_opts.h"

#define STATEMENTS "statements about how an image was built are not made"

/* Scripts say that they want none. */
static int set_provenance(unused_arg void *args, const char *value, struct err *err)
{
	if (str_eq(value, "false") || str_eq(value, "0") || !*value)
		return 0;
	return err_set(err, -EINVAL, "there is only 'false': " STATEMENTS);
}

static int set_identity_label(unused_arg void *args, const char *value, struct err *err)
{
	return str_eq(value, "false") ? 0
				      : err_set(err, -EINVAL,
						"no label tells what built an "
						"image; give one with --label");
}

static int set_inherit_annotations(unused_arg void *args, const char *value, struct err *err)
{
	return str_eq(value, "false") ? 0
				      : err_set(err, -EINVAL,
						"those of the base say what "
						"the base is; give the image its own with "
						"--annotation");
}

const struct opt build_absent_opts[] = {
	/* so anyway */
	OPT_HARMLESS(0, "rm", "the container of a step is always removed"),
	OPT_HARMLESS(0, "force-rm", "also when the step failed"),
	OPT_HARMLESS(0, "compress", "the context is not sent anywhere"),
	OPT_HARMLESS('D', "disable-compression",
		     "layers are kept unpacked, and compressed when they are pushed"),
	OPT_HARMLESS(0, "disable-content-trust", "nothing is asked to be signed"),
	OPT_HARMLESS_VALUE(0, "unsetannotation", "KEY",
			   "annotations of the base are not taken over"),
	OPT_SWITCH(0, "inherit-annotations", set_inherit_annotations, "only =false"),
	OPT_SWITCH(0, "identity-label", set_identity_label, "only =false"),
	OPT_CALL(0, "provenance", "HOW", set_provenance, COMPLETE_NONE, "only false"),

	/* not there */
	OPT_REFUSED(0, "attest", STATEMENTS),
	OPT_REFUSED(0, "builder", "there is no builder but the program itself"),
	OPT_REFUSED(
		0, "cpp-flag",
		"files with the ending .in are not preprocessed; cpp -E -traditional -undef FILE | cubby build -f - does it"),
	OPT_REFUSED(0, "policy", "what is pulled is checked as 'image trust' says"),
	OPT_REFUSED(0, "source-policy-file", "what is pulled is checked as 'image trust' says"),
	OPT_REFUSED(0, "signature-policy", "what is pulled is checked as 'image trust' says"),
	OPT_REFUSED(0, "sign-by", "images are not signed when they are made; see push"),
	OPT_REFUSED(0, "decryption-key", "encrypted images are not there"),
	OPT_REFUSED(0, "cw", "images for confidential machines are not there"),
	OPT_END,
};
