/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session - what happens to the caller's processes when the user logs out
 */
#include "kern/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { FILE_MOST = 256 << 10 };

#define KEY "KillUserProcesses="

/* The later file wins; a file of a later folder hides one of that name in an earlier. We read them all in
 * that order, which differs only where a hidden file says something that nobody repeats. */
static const char *const folders[] = { "/usr/lib/systemd", "/run/systemd", "/etc/systemd" };

static bool is_there(const char *root, const char *path)
{
	AUTO(mem) char *whole = str_fmt("%s%s", root, path);

	return access(whole, F_OK) == 0;
}

static bool is_yes(const char *value)
{
	return str_eq(value, "yes") || str_eq(value, "true") || str_eq(value, "on") ||
	       str_eq(value, "1");
}

/* A line "#Key=value" of the file that comes with it tells how it was built. */
static void read_config(const char *path, bool *kills)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv lines = { 0 };

	if (file_read(AT_FDCWD, path, FILE_MOST, &text, NULL) < 0)
		return;
	strv_split(&lines, text, '\n');
	for (int said = 0; said <= 1; said++)
		for (size_t i = 0; i < lines.count; i++) {
			const char *line = str_trim(lines.items[i]);
			const char *value = str_starts(line, said ? KEY : "#" KEY);
			if (value)
				*kills = is_yes(value);
		}
}

static int is_conf(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".conf");
}

static void read_folder(const char *path, bool *kills)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, is_conf, alphasort);

	for (int i = 0; i < n; i++) {
		AUTO(mem) char *file = str_fmt("%s/%s", path, names[i]->d_name);
		read_config(file, kills);
		free(names[i]);
	}
	free(names);
}

static bool measure_kills(const char *root)
{
	bool kills = false;

	for (size_t i = 0; i < array_len(folders); i++) {
		AUTO(mem) char *file = str_fmt("%s%s/logind.conf", root, folders[i]);
		read_config(file, &kills);
	}
	for (size_t i = 0; i < array_len(folders); i++) {
		AUTO(mem) char *folder = str_fmt("%s%s/logind.conf.d", root, folders[i]);
		read_folder(folder, &kills);
	}
	return kills;
}

static enum session_place measure_place(const struct host *host, const char *root)
{
	AUTO(mem) char *path = str_fmt("%s/proc/self/cgroup", root);
	AUTO(mem) char *manager = str_fmt("/user@%u.service", (unsigned int)host->uid);
	AUTO(mem) char *text = NULL;

	if (file_read(AT_FDCWD, path, FILE_MOST, &text, NULL) < 0)
		return SESSION_NONE;
	if (strstr(text, manager))
		return SESSION_MANAGER;
	const char *scope = strstr(text, "/session-");
	return scope && strstr(scope, ".scope") ? SESSION_LOGIN : SESSION_NONE;
}

void session_measure(const struct host *host, const char *root, struct session *out)
{
	AUTO(mem) char *linger = str_fmt("/var/lib/systemd/linger/%s", host->user);

	*out = (struct session){ .place = measure_place(host, root) };
	if (out->place == SESSION_NONE)
		return;
	out->logind = is_there(root, "/run/systemd/users");
	out->lingers = is_there(root, linger);
	out->kills = measure_kills(root);
}

bool session_mortal(const struct session *session)
{
	if (!session->logind)
		return false;
	return session->place == SESSION_LOGIN
		       ? session->kills
		       : session->place == SESSION_MANAGER && !session->lingers;
}

const char *session_remedy(const struct session *session)
{
	if (session->place != SESSION_LOGIN)
		return "loginctl enable-linger";
	return session->lingers ? "systemd-run --user --scope cubby ..."
				: "loginctl enable-linger; systemd-run --user --scope cubby ...";
}
