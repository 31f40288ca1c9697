/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - when a container's output is worth more in larger pieces
 */
#include "monitor/gather.h"

bool gather_rests(struct gather *gather, enum stream stream, size_t size, int64_t now)
{
	if (!size)
		return false;
	if (stream != gather->stream || size > GATHER_SMALL || now - gather->last > GATHER_REST)
		gather->row = 0;
	gather->stream = stream;
	gather->last = now;
	if (gather->row < GATHER_ROW)
		gather->row++;
	if (gather->row < GATHER_ROW)
		return false;
	gather->last += GATHER_REST;
	return true;
}
