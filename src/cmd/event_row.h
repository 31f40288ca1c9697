/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_row - an event under the names that docker or podman has for it
 */
#pragma once

#include "base/json.h"
#include "cli/app.h"
#include "cli/template.h"
#include "store/event.h"

/* Of the documents of event_row_document(). */
extern const struct template_schema event_row_schema;

/**
 * event_row_names() - what an event is called
 * @docker:	whose names
 * @event:	as read
 * @out:	names are added, one for each line that is shown: none where the tool has no such event; exec
 *		is two of docker's
 */
void event_row_names(bool docker, const struct event *event, struct strv *out);

/**
 * event_row_is() - whether an event is what a filter calls it
 * @event:	as read
 * @shown:	one of its names
 * @value:	of the filter; either tool's name will do
 *
 * Return: whether it is.
 */
bool event_row_is(const struct event *event, const char *shown, const char *value);

/**
 * event_row_document() - the object that --format sees
 * @docker:	whose fields are listed; those of the other one are found as well
 * @event:	as read
 * @shown:	one of its names
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *event_row_document(bool docker, const struct event *event, const char *shown);

/**
 * event_row_text() - the line that people read
 * @docker:	whose
 * @event:	as read
 * @shown:	one of its names
 * @whole:	whether ids are not cut
 *
 * Return: the line without newline, to be freed.
 */
must_check char *event_row_text(bool docker, const struct event *event, const char *shown,
				bool whole);
