/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_fuzz - records of logs, and options; what is read prints and reads back
 */
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "monitor/logattrs.h"
#include "monitor/logformat.h"
#include "monitor/logoptions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read once is written so that it reads back: the second time nothing changes any more. */
static size_t again(enum log_driver driver, const struct log_record *record, char *out)
{
	struct log_record read;
	size_t n = logformat_print(driver, record, out);

	bug_unless(n && out[n - 1] == '\n' && !memchr(out, '\n', n - 1));
	bug_unless(logformat_whole(driver, out, n - 1) == record->whole);
	AUTO(mem) char *line = mem_copy(out, n - 1);
	bug_unless(logformat_parse(driver, line, n - 1, &read) == 0);
	bug_unless(read.whole == record->whole && read.stream == record->stream);
	return n;
}

static void records(enum log_driver driver, const uint8_t *data, size_t size)
{
	struct log_record record;
	AUTO(mem) char *line = mem_alloc(size + 1, 1);
	AUTO(mem) char *out = mem_alloc(6 * size + 256, 1);

	memcpy(line, data, size);
	(void)logformat_whole(driver, line, size);
	if (memchr(line, '\n', size) || logformat_parse(driver, line, size, &record) < 0)
		return;
	/* A newline inside is one that the writer would have ended the record at. */
	if (!memchr(record.text, '\n', record.size) && !memchr(record.time, '\\', record.time_size))
		(void)again(driver, &record, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char id[] = "0123456789ab0123456789ab0123456789ab0123456789ab0123456789ab0123";
	const struct container_config config = { .id = id, .name = id, .image_name = id };
	AUTO(mem) char *text = mem_copy(data, size);
	AUTO(mem) char *tag = NULL;
	AUTO(strv) struct strv options = { 0 }, attrs = { 0 };
	struct log_options parsed;

	if (size > LOG_TEXT_MAX)
		return 0;
	records(LOG_JSON_FILE, data, size);
	records(LOG_K8S_FILE, data, size);
	(void)!log_tag(text, &config, &tag, NULL);
	strv_split(&options, text, '\n');
	if (log_options_parse(NULL, &options, &parsed, NULL) == 0 &&
	    log_attrs(&parsed, &config, &attrs, NULL) == 0) {
		AUTO(mem) char *json = log_attrs_json(&attrs);
		bug_unless(json);
	}
	return 0;
}
