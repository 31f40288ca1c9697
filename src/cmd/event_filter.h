/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_filter - the filters of events
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/event.h"

/**
 * event_filter_check() - refuse filters that are not there
 * @filters:	as typed
 * @err:	names the filter
 *
 * Return: 0 or -EINVAL.
 */
must_check int event_filter_check(const struct strv *filters, struct err *err);

/**
 * event_filter_met() - whether an event meets all filters but those for its name
 * @filters:	checked
 * @docker:	whose way: for docker "image" means containers of the image too
 * @event:	as read
 *
 * Return: whether it does.
 */
must_check bool event_filter_met(const struct strv *filters, bool docker,
				 const struct event *event);

/**
 * event_filter_named() - whether one of an event's names is asked for
 * @filters:	checked
 * @event:	as read
 * @shown:	one of its names
 *
 * Return: whether it is.
 */
must_check bool event_filter_named(const struct strv *filters, const struct event *event,
				   const char *shown);
