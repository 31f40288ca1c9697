/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder - which process holds a network on this host
 */
#include "store/holder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

static const struct jfield holder_fields[] = {
	J_TEXT("id", struct holder_record, id),
	J_INT("pid", struct holder_record, pid),
	J_I64("start", struct holder_record, start),
	J_TEXT("boot_id", struct holder_record, boot_id),
	J_END,
};

static char *place(const struct store *store, const char *network)
{
	return str_fmt("networks/%s.%s.holder", network, store->host_id);
}

int holder_load(const struct store *store, const char *network, const char *id,
		struct holder_record *out)
{
	AUTO(mem) char *rel = place(store, network);
	AUTO(json) cJSON *json = NULL;
	AUTO(holder_record) struct holder_record record = { 0 };

	if (json_load(store->dir, rel, &json, NULL) < 0 ||
	    jfield_load(holder_fields, json, &record, NULL) < 0 || record.pid <= 0 ||
	    !str_eq(record.boot_id, store->boot_id) || !str_eq(record.id, id))
		return -ENOENT;
	*out = record;
	record = (struct holder_record){ 0 };
	return 0;
}

int holder_save(const struct store *store, const char *network, const char *id, pid_t pid,
		uint64_t start)
{
	AUTO(mem) char *rel = place(store, network);
	const struct holder_record record = { .id = (char *)id,
					      .pid = (int)pid,
					      .start = (int64_t)start,
					      .boot_id = store->boot_id };
	AUTO(json) cJSON *json = jfield_save(holder_fields, &record);
	AUTO(mem) char *text = json_print(json, 0);

	return file_replace(store->dir, rel, 0600, text, strlen(text), false);
}

void holder_drop(const struct store *store, const char *network)
{
	AUTO(mem) char *rel = place(store, network);

	(void)unlinkat(store->dir, rel, 0); /* there may be none */
}

void holder_clear(struct holder_record *record)
{
	jfield_clear(holder_fields, record);
}
