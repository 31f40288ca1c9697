/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry_opts - the options of commands that ask registries
 */
#include "cmd/registry_opts.h"

#define A struct registry_args
const struct opt registry_opts[] = {
	OPT_TRI(0, "tls-verify", A, tls_verify,
		"check certificates; with =false plain HTTP is tried too"),
	OPT_TEXT(0, "authfile", "FILE", A, authfile, COMPLETE_FILE,
		 "names and passwords for registries"),
	OPT_TEXT(0, "creds", "USER[:PASSWORD]", A, creds, COMPLETE_NONE,
		 "name and password for the registry; one left out is asked for"),
	OPT_TEXT(0, "cert-dir", "DIR", A, cert_dir, COMPLETE_DIR,
		 "folder with the registry's CA (*.crt) and your certificate (*.cert, *.key)"),
	OPT_END,
};

const struct opt insecure_opts[] = {
	OPT_FLAG(0, "insecure", A, insecure, "the same as --tls-verify=false"),
	OPT_END,
};
#undef A

#define A struct retry_args
const struct opt retry_opts[] = {
	OPT_COUNT(0, "retry", "N", A, retries,
		  "how often a failure that may pass is tried again, for each part of an image (5)"),
	OPT_DURATION(0, "retry-delay", "TIME", A, delay,
		     "the wait before the first time, which doubles (0.5s)"),
	OPT_END,
};
#undef A

struct registry_access registry_access(const struct registry_args *args,
				       const struct retry_args *retry)
{
	return (struct registry_access){
		.tls_verify = args->insecure ? 0 : (int)args->tls_verify - (int)TRI_NO,
		.authfile = args->authfile,
		.creds = args->creds,
		.cert_dir = args->cert_dir,
		.retries = retry ? retry->retries : -1,
		.retry_delay = retry ? retry->delay : 0,
	};
}
