/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * limits - --ulimit and --sysctl
 */
#pragma once

#include "oci/runtime_spec.h"

/**
 * limits_parse() - resource limits of the process
 * @ulimits:	"nofile=1024:2048", "core=-1"; the last of a name counts
 * @out:	added
 * @err:	names the one that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int limits_parse(const struct strv *ulimits, struct runtime_rlimits *out,
			    struct err *err);

/**
 * limits_sysctls() - kernel settings of the container's own namespaces
 * @asked:	"net.ipv4.ip_forward=1"
 * @own:	which namespaces are the container's own
 * @out:	"name=value"; the last of a name counts
 * @err:	names the one that is not the container's to set
 *
 * Return: 0; -EINVAL.
 */
must_check int limits_sysctls(const struct strv *asked, const bool own[RUNTIME_NAMESPACES],
			      struct strv *out, struct err *err);
