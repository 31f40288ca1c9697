/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * challenge - what a registry asks for when it answers 401
 *
 * Source: RFC 9110 section 11.6.1 (WWW-Authenticate), distribution's token authentication.
 */
#pragma once

#include "base/err.h"
#include "base/macros.h"

enum challenge_kind { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_kind kind;
	char *realm; /* of Bearer: the URL that gives tokens */
	char *service;
	char *scope;
	char *error; /* "insufficient_scope", "invalid_token", or NULL */
};

/**
 * challenge_add() - read one WWW-Authenticate header
 * @challenge:	zeroed, or filled by earlier headers: the strongest kind is kept (Bearer over Basic)
 * @value:	the header's value, which may hold several challenges
 *
 * What is not understood is passed over.
 */
void challenge_add(struct challenge *challenge, const char *value);

/**
 * challenge_clear() - release the texts
 * @challenge:	zeroed afterwards
 */
void challenge_clear(struct challenge *challenge);

static inline void auto_challenge(struct challenge *challenge)
{
	challenge_clear(challenge);
}
