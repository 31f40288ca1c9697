/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dial_fuzz - frames of a hostile container that may open connections
 *
 * The first two bytes choose what becomes of the call, the rest is the frame. No call is connected: the answers
 * that tell why are made from the frame's own heads.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/dialer.h"
#include "cubby-net/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const int codes[] = { ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ETIMEDOUT };

static struct {
	struct dialer *dialer;
	struct tap tap;
	int far;
	int code;
} world;

int egress_target(const struct egress *egress unused_arg, int fd unused_arg,
		  const struct sockaddr *wanted unused_arg, socklen_t size unused_arg,
		  struct sockaddr_storage *out unused_arg)
{
	return -world.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t answer[REFUSAL_MAX + 1];

	if (size < 2)
		return 0;
	world.code = codes[data[0] % array_len(codes)];
	uint8_t *frame = mem_copy(data + 2, size - 2); /* of just that size: reading on is seen */
	(void)!dialer_frame(world.dialer, &world.tap, frame, size - 2);
	dialer_serve(world.dialer, &world.tap);
	free(frame);
	ssize_t n = recv(world.far, answer, sizeof answer, MSG_DONTWAIT);
	bug_unless(n <= REFUSAL_MAX);
	return 0;
}

int LLVMFuzzerInitialize(int *argc unused_arg, char ***argv unused_arg)
{
	static struct net_config config;
	static struct transit transit = { -1, -1, -1, -1 };
	int pair[2];

	bug_unless(fd_pair(SOCK_SEQPACKET, pair) == 0);
	world.tap.fd = pair[0];
	world.far = pair[1];
	const struct dialer_args args = { .config = &config, .transit = &transit, .out = -1 };
	bug_unless(dialer_new(&args, &world.dialer) == 0);
	return 0;
}
