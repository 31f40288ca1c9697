/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serve - answering the requests of one client, inside cubby-layer
 */
#pragma once

#include "base/macros.h"

/**
 * serve_client() - answer requests until the client goes
 * @sock:	the stream of layer/protocol.h
 *
 * Return: 0 when the client has gone; otherwise a negative errno.
 */
must_check int serve_client(int sock);
