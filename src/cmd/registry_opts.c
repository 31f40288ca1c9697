/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry_opts - the options of commands that ask registries about lists of images
 */
#include "cmd/registry_opts.h"

#define A struct registry_args
const struct opt registry_opts[] = {
	OPT_TRI(0, "tls-verify", A, tls_verify,
		"check certificates; with =false plain HTTP is tried too"),
	OPT_FLAG(0, "insecure", A, insecure, "the same as --tls-verify=false"),
	OPT_TEXT(0, "authfile", "FILE", A, authfile, COMPLETE_FILE,
		 "names and passwords for registries"),
	OPT_TEXT(0, "creds", "USER:PASSWORD", A, creds, COMPLETE_NONE,
		 "name and password for the registry"),
	OPT_TEXT(0, "cert-dir", "DIR", A, cert_dir, COMPLETE_DIR,
		 "folder with the registry's CA (*.crt) and your certificate (*.cert, *.key)"),
	OPT_END,
};
#undef A

struct registry_access registry_access(const struct registry_args *args)
{
	return (struct registry_access){
		.tls_verify = args->insecure ? 0 : (int)args->tls_verify - (int)TRI_NO,
		.authfile = args->authfile,
		.creds = args->creds,
		.cert_dir = args->cert_dir,
		.retries = -1,
	};
}
