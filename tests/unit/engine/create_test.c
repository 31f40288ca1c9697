/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create_test - from arguments and image to a container's configuration
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "engine/create.h"

struct fixture {
	struct host host;
	struct image_config *image;
	struct create_image what;
	struct strv layers;
	struct create_args args;
	struct container_config *out;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	f->host.home = str_dup("/home/u");
	strv_add(&f->host.env, "CALLER=yes");
	strv_add(&f->host.env, "http_proxy=http://proxy:3128");
	f->image = image_config_new();
	strv_add(&f->image->config.env, "PATH=/img");
	strv_add(&f->image->config.entrypoint, "/entry");
	strv_add(&f->image->config.cmd, "arg");
	f->what = (struct create_image){
		.id = "1234",
		.name = "docker.io/library/x:1",
		.digest = "sha256:1",
		.layers = &f->layers,
		.config = f->image,
	};
	f->args = (struct create_args){ .image = "x", .stop_timeout = -1, .tls_verify = -1 };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	create_args_clear(&f->args);
	container_config_free(f->out);
	image_config_free(f->image);
	err_clear(&f->err);
	free(f->host.home);
	strv_clear(&f->host.env);
	free(f);
	return 0;
}

static int plan(struct fixture *f)
{
	return create_plan(&f->host, &f->args, &f->what, false, &f->out, &f->err);
}

static void assert_words(const struct strv *list, const char *joined)
{
	AUTO(mem) char *text = str_join(list, " ");

	assert_string_equal(text, joined);
}

static void without_arguments_the_image_decides(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(plan(f), 0);
	assert_words(&f->out->entrypoint, "/entry");
	assert_words(&f->out->command, "arg");
	assert_string_equal(f->out->workdir, "/");
	assert_int_equal(f->out->stop_signal, 15);
	assert_int_equal(f->out->stop_timeout, 10);
	assert_string_equal(strv_env_get(&f->out->env, "PATH"), "/img");
	assert_null(strv_env_get(&f->out->env, "TERM"));
	assert_null(strv_env_get(&f->out->env, "CALLER"));
}

static void arguments_replace_the_command_alone(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.command, "other");
	assert_int_equal(plan(f), 0);
	assert_words(&f->out->entrypoint, "/entry");
	assert_words(&f->out->command, "other");
}

static void an_entrypoint_drops_the_images_command(void **state)
{
	struct fixture *f = *state;

	f->args.entrypoint = "/bin/sh";
	assert_int_equal(plan(f), 0);
	assert_words(&f->out->entrypoint, "/bin/sh");
	assert_int_equal(f->out->command.count, 0);
}

static void an_entrypoint_may_be_a_json_list(void **state)
{
	struct fixture *f = *state;

	f->args.entrypoint = "[\"/bin/sh\", \"-c\"]";
	strv_add(&f->args.command, "id");
	assert_int_equal(plan(f), 0);
	assert_words(&f->out->entrypoint, "/bin/sh -c");
	assert_words(&f->out->command, "id");
}

static void an_empty_entrypoint_with_nothing_else_has_nothing_to_run(void **state)
{
	struct fixture *f = *state;

	f->args.entrypoint = "";
	assert_int_equal(plan(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "no command to run"));
}

static void variables_come_from_image_then_files_then_flags(void **state)
{
	struct fixture *f = *state;

	f->args.tty = true;
	f->args.http_proxy = true;
	strv_add(&f->args.env, "PATH=/mine");
	strv_add(&f->args.env, "CALLER");
	strv_add(&f->args.env, "MISSING");
	strv_add(&f->args.env, "EMPTY=");
	strv_add(&f->args.env_merge, "PATH=$PATH:/more"); /* of the image: -e is upon it */
	assert_int_equal(plan(f), 0);
	assert_string_equal(strv_env_get(&f->out->env, "PATH"), "/mine");
	assert_string_equal(strv_env_get(&f->out->env, "CALLER"), "yes");
	assert_null(strv_env_get(&f->out->env, "MISSING"));
	assert_string_equal(strv_env_get(&f->out->env, "EMPTY"), "");
	assert_string_equal(strv_env_get(&f->out->env, "TERM"), "xterm");
	assert_string_equal(strv_env_get(&f->out->env, "http_proxy"), "http://proxy:3128");
}

static void a_volume_of_the_user_stands_for_the_images(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->image->config.volumes, "/data");
	strv_add(&f->image->config.volumes, "/other");
	strv_add(&f->args.volumes, "mine:/data");
	assert_int_equal(plan(f), 0);
	assert_int_equal(f->out->mounts.count, 2);
	assert_string_equal(f->out->mounts.items[0].source, "mine");
	assert_false(f->out->mounts.items[0].anonymous);
	assert_string_equal(f->out->mounts.items[1].target, "/other");
	assert_true(f->out->mounts.items[1].anonymous);
}

static void two_mounts_on_one_target_are_refused(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.volumes, "a:/data");
	strv_add(&f->args.tmpfs, "/data/");
	assert_int_equal(plan(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "'/data'"));
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		size_t offset;
		const char *text;
	} texts[] = {
		{ offsetof(struct create_args, workdir), "rel" },
		{ offsetof(struct create_args, stop_signal), "SIGNOPE" },
		{ offsetof(struct create_args, umask), "0999" },
		{ offsetof(struct create_args, userns), "what" },
		{ offsetof(struct create_args, pid), "what" },
		{ offsetof(struct create_args, shm_size), "1x" },
		{ offsetof(struct create_args, log_driver), "fluentd" },
		{ offsetof(struct create_args, image_volume), "what" },
	};
	struct fixture *f = *state;

	strv_add(&f->image->config.volumes, "/v");
	for (size_t i = 0; i < array_len(texts); i++) {
		const char **field = (const char **)((char *)&f->args + texts[i].offset);
		*field = texts[i].text;
		assert_true(plan(f) < 0);
		assert_non_null(strstr(f->err.text, texts[i].text));
		*field = NULL;
	}
	assert_int_equal(plan(f), 0);
}

static void rights_are_checked_when_the_container_is_made(void **state)
{
	static const struct {
		size_t offset;
		const char *text;
	} lists[] = {
		{ offsetof(struct create_args, cap_add), "NET_NOPE" },
		{ offsetof(struct create_args, security_opts), "what" },
		{ offsetof(struct create_args, security_opts), "label=type:x" },
		{ offsetof(struct create_args, ulimits), "nofile=2:1" },
		{ offsetof(struct create_args, ulimits), "nope=1" },
		{ offsetof(struct create_args, sysctls), "net.x" },
		{ offsetof(struct create_args, annotations), "novalue" },
		{ offsetof(struct create_args, labels), "=v" },
		{ offsetof(struct create_args, env), "=v" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < array_len(lists); i++) {
		struct strv *list = (struct strv *)((char *)&f->args + lists[i].offset);
		strv_add(list, lists[i].text);
		assert_true(plan(f) < 0);
		strv_clear(list);
	}
	strv_add(&f->args.cap_add, "net_raw,SYS_PTRACE");
	strv_add(&f->args.cap_drop, "all");
	strv_add(&f->args.security_opts, "no-new-privileges");
	assert_int_equal(plan(f), 0);
	assert_words(&f->out->cap_add, "CAP_NET_RAW CAP_SYS_PTRACE");
	assert_words(&f->out->cap_drop, "ALL");
	assert_true(f->out->no_new_privs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_arguments_the_image_decides),
		TEST(arguments_replace_the_command_alone),
		TEST(an_entrypoint_drops_the_images_command),
		TEST(an_entrypoint_may_be_a_json_list),
		TEST(an_empty_entrypoint_with_nothing_else_has_nothing_to_run),
		TEST(variables_come_from_image_then_files_then_flags),
		TEST(a_volume_of_the_user_stands_for_the_images),
		TEST(two_mounts_on_one_target_are_refused),
		TEST(what_is_wrong_is_named),
		TEST(rights_are_checked_when_the_container_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
