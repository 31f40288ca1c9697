/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - a profile becomes a program of the kernel's filter machine
 */
#include "cubby-seccomp/filter.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cubby-seccomp/compact.h"

enum { TREE = 2, ANSWER_SUCCESS = 0, PROGRAM_MAX = 1 << 19 };

/* With one id nothing can change hands: these calls answer as if it had. Package managers are
 * content with that. */
static const char *const answered[] = {
	"chown",      "chown32",     "fchown",	   "fchown32",	  "lchown",
	"lchown32",   "fchownat",    "setuid",	   "setuid32",	  "setgid",
	"setgid32",   "setreuid",    "setreuid32", "setregid",	  "setregid32",
	"setresuid",  "setresuid32", "setresgid",  "setresgid32", "setfsuid",
	"setfsuid32", "setfsgid",    "setfsgid32", "setgroups",	  "setgroups32",
};

/* Devices are answered, every other kind of node is really made. */
static const struct {
	const char *name;
	unsigned int mode_arg;
} nodes[] = { { "mknod", 1 }, { "mknodat", 2 } };

static void auto_ctx(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static bool is_answered(const char *name)
{
	for (size_t i = 0; i < array_len(answered); i++)
		if (str_eq(answered[i], name))
			return true;
	for (size_t i = 0; i < array_len(nodes); i++)
		if (str_eq(nodes[i].name, name))
			return true;
	return false;
}

static struct scmp_arg_cmp compare_of(const struct profile_arg *a)
{
	return (struct scmp_arg_cmp){
		.arg = a->index, .op = a->op, .datum_a = a->value, .datum_b = a->value_two
	};
}

static bool names_one_twice(const struct profile_rule *rule)
{
	unsigned int seen = 0;

	for (unsigned int i = 0; i < rule->arg_count; i++) {
		if (seen & 1U << rule->args[i].index)
			return true;
		seen |= 1U << rule->args[i].index;
	}
	return false;
}

/* A second rule that says the same, or the same action as the default, adds nothing. */
static int ignore_idle(int r)
{
	return r == -EEXIST || r == -EACCES || r == -EDOM ? 0 : r;
}

/* Conditions on one argument are alternatives, as other runtimes have it; on several they must all
 * hold. */
static int add_rule(scmp_filter_ctx ctx, const struct profile_rule *rule, int number)
{
	struct scmp_arg_cmp args[PROFILE_ARGS];

	for (unsigned int i = 0; i < rule->arg_count; i++)
		args[i] = compare_of(&rule->args[i]);
	if (!names_one_twice(rule))
		return ignore_idle(
			seccomp_rule_add_array(ctx, rule->action, number, rule->arg_count, args));
	for (unsigned int i = 0; i < rule->arg_count; i++) {
		int r = ignore_idle(seccomp_rule_add_array(ctx, rule->action, number, 1, &args[i]));
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_rules(scmp_filter_ctx ctx, const struct profile *profile, bool emulate,
		     struct err *err)
{
	for (size_t i = 0; i < profile->count; i++) {
		const struct profile_rule *rule = &profile->items[i];
		if (rule->action == profile->default_action)
			continue;
		for (size_t n = 0; n < rule->names.count; n++) {
			const char *name = rule->names.items[n];
			int number = seccomp_syscall_resolve_name(name);
			if (number == __NR_SCMP_ERROR || (emulate && is_answered(name)))
				continue; /* unknown here: the default holds for it */
			int r = add_rule(ctx, rule, number);
			if (r < 0)
				return err_sys(err, r, "cannot add the rule for '%s'", name);
		}
	}
	return 0;
}

static int add_node(scmp_filter_ctx ctx, int number, unsigned int arg, uint32_t action, mode_t kind)
{
	struct scmp_arg_cmp cmp = {
		.arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = S_IFMT, .datum_b = kind
	};

	return ignore_idle(seccomp_rule_add_array(ctx, action, number, 1, &cmp));
}

static int add_nodes(scmp_filter_ctx ctx)
{
	static const mode_t made[] = { 0, S_IFREG, S_IFIFO, S_IFSOCK };
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_len(nodes); i++) {
		int number = seccomp_syscall_resolve_name(nodes[i].name);
		unsigned int arg = nodes[i].mode_arg;
		r = add_node(ctx, number, arg, SCMP_ACT_ERRNO(ANSWER_SUCCESS), S_IFCHR);
		if (r == 0)
			r = add_node(ctx, number, arg, SCMP_ACT_ERRNO(ANSWER_SUCCESS), S_IFBLK);
		for (size_t k = 0; r == 0 && k < array_len(made); k++)
			r = add_node(ctx, number, arg, SCMP_ACT_ALLOW, made[k]);
	}
	return r;
}

static int add_answers(scmp_filter_ctx ctx, struct err *err)
{
	int r = add_nodes(ctx);

	for (size_t i = 0; r == 0 && i < array_len(answered); i++) {
		int number = seccomp_syscall_resolve_name(answered[i]);
		if (number != __NR_SCMP_ERROR)
			r = ignore_idle(
				seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ANSWER_SUCCESS), number, 0));
	}
	return r < 0 ? err_sys(err, r, "cannot add the answers for root's calls") : 0;
}

static int write_compact(const struct sock_filter *program, size_t size, int fd)
{
	AUTO(mem) struct sock_filter *small = NULL;
	size_t count;

	if (compact_filter(program, size / sizeof *program, &small, &count) < 0)
		return fd_write_all(fd, program, size);
	return fd_write_all(fd, small, count * sizeof *small);
}

static int write_program(scmp_filter_ctx ctx, int fd)
{
	AUTO(fd) int file = memfd_create("filter", MFD_CLOEXEC);
	AUTO(mem) char *program = NULL;
	size_t size;

	int r = file < 0 ? -errno : seccomp_export_bpf(ctx, file);
	if (r == 0 && lseek(file, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = fd_read_all(file, PROGRAM_MAX, &program, &size);
	return r < 0 ? r : write_compact((const void *)program, size, fd);
}

int filter_make(const struct profile *profile, bool emulate, int fd, struct err *err)
{
	__attribute__((cleanup(auto_ctx)))
	scmp_filter_ctx ctx = seccomp_init(profile->default_action);

	if (!ctx)
		return err_set(err, -EINVAL, "the default action cannot be had here");
	for (size_t i = 0; i < profile->arch_count; i++) {
		int r = seccomp_arch_add(ctx, profile->arches[i]);
		if (r < 0 && r != -EEXIST)
			return err_sys(err, r, "cannot add an architecture");
	}
	/* Older libraries have only the list: then it is a list. */
	(void)!seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, TREE);
	int r = add_rules(ctx, profile, emulate, err);
	if (r == 0 && emulate)
		r = add_answers(ctx, err);
	if (r < 0)
		return r;
	r = write_program(ctx, fd);
	return r < 0 ? err_sys(err, r, "cannot compile the filter") : 0;
}
