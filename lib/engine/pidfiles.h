/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pidfiles - --pidfile and --conmon-pidfile: numbers of the host, for who watches from outside
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

/**
 * pidfiles_write() - write the files that a container was asked to have
 * @config:	of the container; absolute paths
 * @pidfd:	of its first process, which runs or is about to
 * @err:	names the file
 *
 * In the monitor, at each start: what was there is replaced.
 *
 * Return: 0; -EIO.
 */
must_check int pidfiles_write(const struct container_config *config, int pidfd, struct err *err);
