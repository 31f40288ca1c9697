/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - a fresh store for each test, in a folder of its own
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "kern/host.h"
#include "store/record.h"
#include "store/store.h"

struct place {
	char dir[64];
	struct host host;
	struct store *store;
	struct err err;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->dir, "/tmp/store_test.XXXXXX", 23);
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(host_measure(&p->host, NULL), 0);
	AUTO(mem) char *path = str_fmt("%s/store", p->dir);
	assert_int_equal(store_open(&p->host, path, &p->store, &p->err), 0);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	host_clear(&p->host);
	err_clear(&p->err);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->dir), 0);
	free(p);
	return 0;
}

/* A record of that name; gives its id. */
static unused_arg char *add_record(struct place *p, const char *name)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);

	config->id = record_new_id();
	config->name = str_dup(name);
	config->created = 1;
	config->image_name = str_dup("docker.io/library/nginx:latest");
	strv_add(&config->command, "nginx");
	strv_add(&config->command, "-g");
	strv_add(&config->labels, "a=b");
	assert_int_equal(record_create(p->store, config, NULL, &p->err), 0);
	return str_dup(config->id);
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
