/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * durable - telling the store, later, that what was pulled has reached the disk
 *
 * What can be fetched again need not be on disk when a pull says it is done: until it is known to be,
 * the store trusts it in this boot only. A process of its own waits for the disk and then marks it, so
 * nobody else waits.
 */
#pragma once

#include "base/str.h"
#include "engine/engine.h"

/**
 * durable_later() - leave a process behind that syncs and marks
 * @engine:	the engine
 * @blobs:	digests
 * @layers:	keys
 *
 * It keeps no descriptor of the caller, is nobody's child, and ends by itself. That it cannot be started
 * is no failure: what is not marked is checked again after a reboot.
 */
void durable_later(struct engine *engine, const struct strv *blobs, const struct strv *layers);
