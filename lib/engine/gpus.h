/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpus - from --gpus to names of described devices
 *
 * docker asks by number or identifier and leaves the maker to a plug-in; here it is the one that describes a
 * class "gpu" on this machine: nvidia.com before others, else the only one, else what driver= says.
 */
#pragma once

#include "base/err.h"
#include "engine/cdilist.h"

/**
 * gpus_parse() - the devices that a text asks for
 * @text:	all; a number; device=NAME,...; with driver=VENDOR and capabilities=gpu behind a comma
 * @list:	what is described on this machine
 * @out:	"vendor.com/gpu=name" are added
 * @err:	what is wrong with the text, or that there is no such device
 *
 * Return: 0; -EINVAL; -ENOENT; -ENOTUNIQ when several makers describe GPUs.
 */
must_check int gpus_parse(const char *text, const struct cdi_list *list, struct strv *out,
			  struct err *err);
