/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - what a container's root is made of
 */
#include "rootfs/plan.h"

#include <stdio.h>
#include <sys/mount.h>

unsigned long rootfs_attribute(const char *option)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} names[] = {
		{ "nodev", MS_NODEV },	     { "nosuid", MS_NOSUID },
		{ "noexec", MS_NOEXEC },     { "noatime", MS_NOATIME },
		{ "relatime", MS_RELATIME }, { "nodiratime", MS_NODIRATIME },
	};

	for (size_t i = 0; i < array_len(names); i++)
		if (str_eq(option, names[i].name))
			return names[i].flag;
	return 0;
}

unsigned long rootfs_attributes(const struct rootfs_plan *plan)
{
	unsigned long flags = 0;

	for (size_t i = 0; i < plan->options.count; i++)
		flags |= rootfs_attribute(plan->options.items[i]);
	return flags;
}

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
	print_line(out, "view", plan->view);
	print_line(out, "uids", plan->uid_mapping);
	print_line(out, "gids", plan->gid_mapping);
	print_line(out, "sync", plan->volatile_mode ? "never" : NULL);
	print_line(out, "program", plan->program);
	for (size_t i = 0; i < plan->options.count; i++)
		print_line(out, "option", plan->options.items[i]);
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
	free(plan->view);
	free(plan->target);
	free(plan->uid_mapping);
	free(plan->gid_mapping);
	free(plan->program);
	strv_clear(&plan->options);
	*plan = (struct rootfs_plan){ 0 };
}
