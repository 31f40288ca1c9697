/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - what the process that builds a stage tells the one that started it
 *
 * A datagram holds at most what the socket's buffer holds, so the text goes through a file in memory.
 */
#include "build/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

static cJSON *to_json(const struct report *report)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, "kind", report->kind);
	cJSON_AddNumberToObject(json, "number", report->number);
	cJSON_AddNumberToObject(json, "of", report->of);
	cJSON_AddNumberToObject(json, "line", report->line);
	cJSON_AddNumberToObject(json, "code", report->code);
	cJSON_AddNumberToObject(json, "status", report->status);
	cJSON_AddNumberToObject(json, "partial", report->partial);
	if (report->kind == REPORT_PROGRESS) {
		cJSON_AddNumberToObject(json, "size", (double)report->size);
		cJSON_AddNumberToObject(json, "have", (double)report->have);
		cJSON_AddNumberToObject(json, "state", report->state);
	}
	if (report->text)
		cJSON_AddStringToObject(json, "text", report->text);
	if (report->hint)
		cJSON_AddStringToObject(json, "hint", report->hint);
	if (report->sofar.config)
		cJSON_AddItemToObject(json, "sofar", sofar_save(&report->sofar));
	return json;
}

void report_send(int sock, const struct report *report)
{
	AUTO(json) cJSON *json = to_json(report);
	AUTO(mem) char *text = json_print(json, 0);
	AUTO(fd) int file = fd_memory("report", text, strlen(text));

	if (file < 0)
		return;
	(void)!fd_send(sock, "", 1, &file, 1);
}

static int number(const cJSON *json, const char *key)
{
	int64_t value;

	return json_i64(json, key, &value) == 0 ? (int)value : 0;
}

static int from_json(const cJSON *json, struct report *out, struct err *err)
{
	out->kind = number(json, "kind");
	out->number = number(json, "number");
	out->of = number(json, "of");
	out->line = number(json, "line");
	out->code = number(json, "code");
	out->status = number(json, "status");
	out->partial = number(json, "partial");
	out->state = number(json, "state");
	if (out->kind == REPORT_PROGRESS &&
	    (json_i64(json, "size", &out->size) < 0 || json_i64(json, "have", &out->have) < 0))
		return err_set(err, -EBADMSG, "a stage's report is damaged");
	out->text = str_dup(json_text(json, "text"));
	out->hint = str_dup(json_text(json, "hint"));
	const cJSON *sofar = json_get(json, "sofar");
	return sofar || out->kind == REPORT_END ? sofar_load(sofar, &out->sofar, err) : 0;
}

int report_receive(int sock, struct report *out, struct err *err)
{
	AUTO(report) struct report report = { 0 };
	AUTO(json) cJSON *json = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(fd) int file = -1;
	size_t fds = 1, size;
	char byte;
	struct stat st;

	ssize_t n = fd_recv(sock, &byte, 1, &file, &fds);
	if (n <= 0)
		return n < 0 ? err_sys(err, (int)n, "cannot hear of a stage") : 0;
	if (file < 0 || fstat(file, &st) < 0)
		return err_set(err, -EBADMSG, "a stage sent nothing to read");
	size = (size_t)st.st_size;
	text = mem_alloc(size + 1, 1);
	if (pread(file, text, size, 0) != st.st_size)
		return err_set(err, -EBADMSG, "a stage's report is cut off");
	int r = json_parse(text, size, &json, err);
	if (r == 0)
		r = from_json(json, &report, err);
	if (r < 0)
		return r;
	*out = report;
	report = (struct report){ 0 };
	return 1;
}

void report_clear(struct report *report)
{
	free(report->text);
	free(report->hint);
	sofar_clear(&report->sofar);
	*report = (struct report){ 0 };
}
