/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - why this host refuses user namespaces to somebody, and what repairs that
 */
#include "kern/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { SWITCH_BYTES = 64 };

/* In the order in which they are asked: the first one that is thrown is the reason. */
static const struct sign {
	enum refusal refusal;
	const char *file;
	const char *value;
} signs[] = {
	{ REFUSAL_OFF, "/proc/sys/user/max_user_namespaces", "0" },
	{ REFUSAL_ROOT_ONLY, "/proc/sys/kernel/unprivileged_userns_clone", "0" },
	{ REFUSAL_APPARMOR, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1" },
};

static const struct advice {
	const char *hint;
	const char *repair;
} advices[] = {
	[REFUSAL_OFF] = { "user namespaces are switched off; root can allow them with: "
			  "sysctl user.max_user_namespaces=15000",
			  "sudo sysctl -w user.max_user_namespaces=15000" },
	[REFUSAL_ROOT_ONLY] = { "user namespaces are for root only; root can allow them with: "
				"sysctl kernel.unprivileged_userns_clone=1",
				"sudo sysctl -w kernel.unprivileged_userns_clone=1" },
	[REFUSAL_APPARMOR] = { "AppArmor restricts user namespaces; 'cubby doctor' prints the "
			       "profile that allows them for this program",
			       NULL },
	[REFUSAL_LIMIT] = { "the limit of user namespaces is reached: "
			    "/proc/sys/user/max_user_namespaces",
			    NULL },
	[REFUSAL_OTHER] = { "a security policy of this machine or of the container around us "
			    "forbids user namespaces",
			    NULL },
};

static bool is_thrown(const struct sign *sign)
{
	AUTO(mem) char *text = NULL;

	return file_read(AT_FDCWD, sign->file, SWITCH_BYTES, &text, NULL) == 0 &&
	       str_eq(str_trim(text), sign->value);
}

enum refusal refusal_find(int code)
{
	for (size_t i = 0; i < array_len(signs); i++)
		if (is_thrown(&signs[i]))
			return signs[i].refusal;
	if (code == -EPERM || code == -EACCES)
		return REFUSAL_OTHER;
	return code == -ENOSPC || code == -EUSERS ? REFUSAL_LIMIT : REFUSAL_NONE;
}

const char *refusal_hint(enum refusal refusal)
{
	return advices[refusal].hint;
}

/* A path in quotes; AppArmor reads some characters as a pattern. */
static char *quoted(const char *path)
{
	char *out = mem_alloc(2 * strlen(path) + 3, 1), *to = out;

	*to++ = '"';
	for (; *path; path++) {
		if (strchr("\"\\*?[]{}^@", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	*to++ = '"';
	*to = 0;
	return out;
}

/* Unconfined but for the one right: what containers may do is not AppArmor's business then. */
static char *profile(const char *program)
{
	AUTO(mem) char *path = quoted(program);

	return str_fmt("sudo tee /etc/apparmor.d/cubby > /dev/null <<'END'\n"
		       "abi <abi/4.0>,\n"
		       "include <tunables/global>\n"
		       "profile cubby %s flags=(unconfined) {\n"
		       "  userns,\n"
		       "  include if exists <local/cubby>\n"
		       "}\n"
		       "END\n"
		       "sudo apparmor_parser -r /etc/apparmor.d/cubby",
		       path);
}

char *refusal_repair(enum refusal refusal, const char *program)
{
	return refusal == REFUSAL_APPARMOR ? profile(program) : str_dup(advices[refusal].repair);
}

/* A namespace that only root of this one can make; the one who tries ends with it. */
static bool has_rights(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWUTS) == 0 ? 0 : 1);
	if (pid < 0 || TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) != pid)
		return true; /* nothing is known: another failure is told */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int refusal_armed(struct err *err)
{
	if (has_rights())
		return 0;
	err_set(err, -EPERM, "a user namespace can be made, but its rights are withheld");
	return err_hint(err, "%s", refusal_hint(refusal_find(-EPERM)));
}

void refusal_explain(struct err *err)
{
	if (err && !err->hint && (err->code == -EPERM || err->code == -EACCES) && !has_rights())
		(void)err_hint(err, "%s", refusal_hint(refusal_find(-EPERM)));
}
