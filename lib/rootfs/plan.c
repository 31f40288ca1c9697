/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - what a container's root is made of
 */
#include "rootfs/plan.h"

#include <stdio.h>

static void print_line(FILE *out, const char *key, const char *value)
{
	if (value)
		fprintf(out, "%s %s\n", key, value);
}

char *rootfs_print(const struct rootfs_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	bug_unless(out);
	print_line(out, "driver", plan->driver);
	for (size_t i = 0; i < plan->lower.count; i++)
		print_line(out, "lower", plan->lower.items[i]);
	print_line(out, "upper", plan->upper);
	print_line(out, "work", plan->work);
	print_line(out, "uids", plan->uid_mapping);
	print_line(out, "gids", plan->gid_mapping);
	print_line(out, "sync", plan->volatile_mode ? "never" : NULL);
	print_line(out, "target", plan->target);
	(void)fclose(out); /* into memory: nothing to lose */
	return text;
}

void rootfs_plan_clear(struct rootfs_plan *plan)
{
	free(plan->driver);
	strv_clear(&plan->lower);
	free(plan->upper);
	free(plan->work);
	free(plan->target);
	free(plan->uid_mapping);
	free(plan->gid_mapping);
	*plan = (struct rootfs_plan){ 0 };
}
