/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gitwords_test - what is told of what git said
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "build/gitwords.h"

static const struct {
	const char *said;
	const char *want;
	bool final;
} cases[] = {
	{ "ssh: Could not resolve hostname a.example: Name or service not known\r\n"
	  "fatal: Could not read from remote repository.\n\n"
	  "Please make sure you have the correct access rights\nand the repository exists.\n",
	  "the name of its host is not known: ssh: Could not resolve hostname a.example: Name or "
	  "service not known",
	  true },
	{ "fatal: unable to access 'http://me:pw@a.example/x.git/': Failed to connect to a.example "
	  "port 80 after 0 ms: Couldn't connect to server\n",
	  "its host cannot be reached: Failed to connect to a.example port 80 after 0 ms: Couldn't "
	  "connect to server",
	  true },
	{ "fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection "
	  "refused\n\n",
	  "its host cannot be reached: unable to connect to 127.0.0.1: 127.0.0.1[0: 127.0.0.1]: "
	  "errno=Connection refused",
	  true },
	{ "remote: Repository not found.\nfatal: repository 'https://a.example/x.git/' not found\n",
	  "there is no such repository, or not for you: Repository not found.", true },
	{ "git@a.example: Permission denied (publickey).\nfatal: Could not read from remote "
	  "repository.\n\nPlease make sure you have the correct access rights\nand the repository "
	  "exists.\n",
	  "its host knows none of your keys: git@a.example: Permission denied (publickey).", true },
	{ "fatal: could not read Username for 'https://a.example': terminal prompts disabled\n",
	  "it wants a name and a password that it knows: could not read Username for "
	  "'https://a.example': terminal prompts disabled",
	  true },
	{ "fatal: couldn't find remote ref v9\n",
	  "it has no branch, tag or commit of that name: couldn't find remote ref v9", false },
	{ "fatal: dumb http transport does not support shallow capabilities\n",
	  "git ended with status 128: dumb http transport does not support shallow capabilities",
	  false },
	{ "warning: x\nerror: 6 bytes of body are still expected\nfatal: Could not read from remote "
	  "repository.\n\nPlease make sure you have the correct access rights\nand the repository "
	  "exists.",
	  "git ended with status 128: 6 bytes of body are still expected", false },
	{ "fatal: Could not read from remote repository.\n",
	  "git ended with status 128: Could not read from remote repository.", false },
	/* names that are like causes */
	{ "fatal: repository 'https://a.example/certificates.git/' not found\n",
	  "there is no such repository, or not for you: repository "
	  "'https://a.example/certificates.git/' not found",
	  true },
	{ "fatal: unable to access 'https://a.example/certificate.git/': Failed to connect to "
	  "a.example port 443\n",
	  "its host cannot be reached: Failed to connect to a.example port 443", true },
	{ "fatal: couldn't find remote ref certificate\n",
	  "it has no branch, tag or commit of that name: couldn't find remote ref certificate",
	  false },
	{ "fatal: invalid reference: connect to host \n",
	  "it has no branch, tag or commit of that name: invalid reference: connect to host ",
	  false },
	{ "fatal: unable to access 'https://a.example/x.git/': SSL certificate problem: self-signed "
	  "certificate\n",
	  "its certificate is not one that this machine trusts: SSL certificate problem: self-signed "
	  "certificate",
	  true },
	{ "error: 'certificate\n",
	  "its certificate is not one that this machine trusts: 'certificate", true },
	{ "", "git ended with status 128", false },
	{ "\n\n", "git ended with status 128", false },
};

static void one_sentence_is_made_of_what_git_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(mem) char *text = gitwords_text(cases[i].said, 128);
		assert_string_equal(text, cases[i].want);
		assert_int_equal(gitwords_final(cases[i].said), cases[i].final);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sentence_is_made_of_what_git_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
