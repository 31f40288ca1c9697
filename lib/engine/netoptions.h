/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netoptions - what --opt of a network may say
 *
 * Pure. Options whose effect is so anyway are taken; what has none here is refused with the reason, because
 * who gives it relies on it.
 */
#pragma once

#include "base/err.h"
#include "store/network.h"

/**
 * netoptions_check() - read the options of a network
 * @record:	has the options, and whether it has IPv6; an option that names the bridge sets interface
 * @err:	names the option, and says what is there instead
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP.
 */
must_check int netoptions_check(struct network_record *record, struct err *err);

/**
 * netoptions_interface() - refuse what cannot be the name of an interface
 * @name:	as typed
 * @err:	the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int netoptions_interface(const char *name, struct err *err);
