/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reset - removing a whole store
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"

/**
 * reset_check() - find out whether a store may be removed
 * @engine:	the engine
 * @err:	names a container that runs on another host
 *
 * Return: 0; -EBUSY when one does; -EROFS; otherwise a negative errno.
 */
must_check int reset_check(struct engine *engine, struct err *err);

/**
 * reset_store() - end and remove all containers, then everything else
 * @engine:	the engine; its store is gone afterwards
 * @err:	what could not be removed
 *
 * What other commands are making meanwhile may fail, or be left over; the next reset takes it.
 *
 * Return: 0; -EBUSY as reset_check(); otherwise a negative errno.
 */
must_check int reset_store(struct engine *engine, struct err *err);
