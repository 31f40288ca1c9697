/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_archive - manifest.json of docker's archives: pure text to structs
 *
 * It is a list of images, each with the names of files of the archive: its config and its layers, the lowest
 * first; and the names that it had.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct docker_image {
	char *config;	    /* file; never NULL once parsed */
	struct strv tags;   /* as docker wrote them: not checked */
	struct strv layers; /* files, at most IMAGE_MAX_LAYERS */
};

struct docker_images {
	struct docker_image *items;
	size_t count;
};

/**
 * docker_images_parse() - read manifest.json
 * @text:	its bytes
 * @size:	how many
 * @out:	to be released with docker_images_clear; set on success only
 * @err:	what is wrong with it
 *
 * Return: 0; -EBADMSG when it is damaged or names no image; -EFBIG.
 * Source: docker's image spec v1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
must_check int docker_images_parse(const char *text, size_t size, struct docker_images *out,
				   struct err *err);

/**
 * docker_archive_file() - a name in manifest.json as the archive has it
 * @name:	with or without "./" in front
 *
 * Return: inside @name.
 */
const char *docker_archive_file(const char *name);

/**
 * docker_images_clear() - release
 * @images:	empty afterwards
 */
void docker_images_clear(struct docker_images *images);

static inline void auto_docker_images(struct docker_images *images)
{
	docker_images_clear(images);
}
