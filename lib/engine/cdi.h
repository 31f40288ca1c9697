/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdi - devices that their makers describe (oci/cdi): --device vendor.com/class=name and --gpus
 *
 * Descriptions are the files *.json, *.yaml and *.yml in the folders of --cdi-spec-dir, else /etc/cdi and
 * /var/run/cdi. Where two folders describe a device, the later one counts; where two files of one folder do,
 * neither. A damaged file is passed over unless what is asked for is found nowhere else.
 *
 * The record keeps the names; what a container needs is looked up at each start, because a driver's update
 * changes it. Nodes are bound from the host, so they have the rights that they have there.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "oci/cdi.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

/**
 * cdi_plan() - take the described devices out of what was asked for
 * @engine:	with the folders
 * @gpus:	--gpus: all, a number, or device=NAME,...; NULL when not given
 * @config:	names move from devices to cdi_devices; variables are set
 * @err:	names the device that is not there
 *
 * Return: 0; -EINVAL; -ENOENT when nothing describes a device; -EOPNOTSUPP when it needs what is not there.
 */
must_check int cdi_plan(struct engine *engine, const char *gpus, struct container_config *config,
			struct err *err);

/**
 * cdi_resolve() - what the devices of a container need
 * @engine:	for its helper program
 * @config:	its names and folders
 * @out:	zeroed before; released with cdi_edits_clear() in any case
 * @err:	names the device that is not there any more
 *
 * Return: as cdi_plan().
 */
must_check int cdi_resolve(const struct engine *engine, const struct container_config *config,
			   struct cdi_edits *out, struct err *err);

/**
 * cdi_apply() - give a container what its devices need
 * @edits:	resolved
 * @spec:	grows
 */
void cdi_apply(const struct cdi_edits *edits, struct runtime_spec *spec);
