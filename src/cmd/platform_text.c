/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * platform_text - --platform, or --os, --arch and --variant in its place
 */
#include "cmd/platform_text.h"

#include <errno.h>

#include "base/str.h"
#include "kern/host.h"
#include "oci/platform.h"

int platform_text(const struct app *app, const struct platform_words *words, char **out,
		  struct err *err)
{
	AUTO(platform) struct platform host = { 0 };
	bool parts = words->os || words->arch || words->variant;

	if (words->platform && parts)
		return err_set(err, -EINVAL, "--platform says all of --os, --arch and --variant");
	if (!parts) {
		*out = str_dup(words->platform);
		return 0;
	}
	platform_host(app->host->machine, &host);
	*out = str_fmt("%s/%s%s%s", str_or(words->os, "linux"),
		       str_or(words->arch, host.architecture), words->variant ? "/" : "",
		       str_or(words->variant, ""));
	return 0;
}
