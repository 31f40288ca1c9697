/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_advance - what is under way of an image's layers, and what can be started
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/fetch_work.h"

/**
 * fetch_advance() - start what can be started; stop the loop when there is no more to do
 * @f:	its works are claimed
 *
 * A failure is kept in @f.
 */
void fetch_advance(struct fetch *f);

/**
 * fetch_begin() - work_begin(), with what follows it
 * @w:		WORK_TODO
 * @mode:	as there
 * @err:	as there
 *
 * Return: as there.
 */
must_check int fetch_begin(struct work *w, int mode, struct err *err);

/**
 * fetch_at_work() - whether a layer is on its way
 * @f:	any
 *
 * Return: that.
 */
bool fetch_at_work(const struct fetch *f);

/**
 * fetch_tell() - let whoever watches know how far a layer is
 * @w:	any
 */
void fetch_tell(struct work *w);

/**
 * fetch_fail() - stop the loop; the first failure is the one that is told
 * @f:		keeps it
 * @err:	why; empty afterwards
 */
void fetch_fail(struct fetch *f, struct err *err);

/**
 * slot_open() - start a slot's helper, unless it runs
 * @slot:	any
 * @err:	why it cannot be started
 *
 * Return: 0 or a negative errno.
 */
must_check int slot_open(struct slot *slot, struct err *err);

/**
 * slot_close() - end a slot's helper, in the middle of its work if need be
 * @slot:	without work afterwards
 */
void slot_close(struct slot *slot);
