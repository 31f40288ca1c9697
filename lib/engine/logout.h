/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logout - telling the user, once, that detached containers will end when they log out
 *
 * That it was told is remembered by a file in the store, "told-logout".
 */
#pragma once

#include "engine/engine.h"
#include "kern/session.h"

/**
 * logout_told() - whether there is no need to measure
 * @engine:	its store is looked at
 *
 * Return: the answer.
 */
bool logout_told(const struct engine *engine);

/**
 * logout_tell() - warn where it is so and was not told yet
 * @engine:	its warn is called
 * @session:	as measured
 */
void logout_tell(struct engine *engine, const struct session *session);
