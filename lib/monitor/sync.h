/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync - making a container's record durable, off the way of everybody
 */
#pragma once

/**
 * sync_record() - make a record durable, with the folders that lead to it
 * @dir:	the container's folder
 * @store:	the store's
 *
 * A disk that fails shows when the record is read.
 */
void sync_record(int dir, int store);

/**
 * sync_aside() - sync_record() in a process of its own
 * @dir:	the container's folder
 * @store:	the store's
 *
 * A disk may take its time, and who asks us meanwhile shall not wait for it. The child is reaped with
 * others.
 */
void sync_aside(int dir, int store);
