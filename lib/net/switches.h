/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * switches - the switches of the network namespace that the calling thread is in
 *
 * Source: Documentation/networking/ip-sysctl of Linux.
 */
#pragma once

/**
 * switches_set() - write one of the namespace's switches
 * @proc:	a mounted /proc, any pid namespace's
 * @path:	below sys/net
 * @value:	text
 *
 * One that is missing (no IPv6, an older kernel) or cannot be written only takes a comfort away.
 */
void switches_set(int proc, const char *path, const char *value);

/**
 * switches_quicken() - let TCP send what there is
 * @proc:	as switches_set()
 *
 * The links of a container's namespace lose nothing and have no length: what the host may have chosen for long
 * ones (bbr) would hold packets back. The way from the host on is the host's sockets' business.
 */
void switches_quicken(int proc);
