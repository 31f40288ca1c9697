/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbommerge - one list of several that scanners wrote
 *
 *	cat		the bytes of all, one behind the other; purls are not looked for
 *	cyclonedx	"components" of later documents whose name and version are not there yet go behind those of the first
 *	spdx		so do "packages" by name and versionInfo, and "hasExtractedLicensingInfos" by licenseId
 *
 * Everything else is the first document's. One document alone stays as it is, to the byte. A purl (package URL) is
 * what CycloneDX has in "purl" of a component, and SPDX in the "referenceLocator" of a package's "externalRefs" whose
 * category is PACKAGE-MANAGER and whose type is purl. Their list is a document, too, each once, sorted:
 *
 *	{"image_contents":{"dependencies":["pkg:deb/debian/libc6@2.36",...]}}
 *
 * Source: buildah-build(1), "--sbom-merge-strategy"; the list of purls is as buildah writes it; CycloneDX 1.5; SPDX 2.3.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "build/sbom.h"

enum {
	SBOM_MAX_BYTES = 128 << 20,    /* of a document that a scanner wrote */
	SBOM_MAX_VALUES = 4000 * 1000, /* of one */
};

struct sbom_part {
	char *command; /* which wrote it, to be named */
	char *bytes;
	size_t size;
};

struct sbom_parts {
	struct sbom_part *items;
	size_t count;
};

struct sbom_merged {
	char *bytes; /* with a 0 behind them */
	size_t size;
	char *purls; /* the list of them */
};

/**
 * sbom_merge() - merge them
 * @strategy:	how
 * @parts:	in their order; at least one
 * @out:	zeroed; to be released with sbom_merged_clear; set on success only
 * @err:	names the command whose document is wrong, and what is
 *
 * Return: 0; -EBADMSG for a document that is none of its kind; -EFBIG for one that is too large.
 */
must_check int sbom_merge(enum sbom_strategy strategy, const struct sbom_parts *parts,
			  struct sbom_merged *out, struct err *err);

/**
 * sbom_merged_clear() - release
 * @merged:	zeroed afterwards
 */
void sbom_merged_clear(struct sbom_merged *merged);

static inline void auto_sbom_merged(struct sbom_merged *merged)
{
	sbom_merged_clear(merged);
}

/**
 * sbom_parts_clear() - release
 * @parts:	zeroed afterwards
 */
void sbom_parts_clear(struct sbom_parts *parts);

static inline void auto_sbom_parts(struct sbom_parts *parts)
{
	sbom_parts_clear(parts);
}
