/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loaded_text - the line about an image that was taken in
 */
#include "cmd/loaded_text.h"

#include "oci/reference.h"

/* docker shows names as short as they can be typed, and says when there is none. */
void loaded_print(struct app *app, const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	if (str_starts(name, "sha256:") && app_docker(app)) {
		fprintf(app->out, "Loaded image ID: %s\n", name);
		return;
	}
	if (app_docker(app) && reference_parse(name, &ref, NULL) == 0) {
		AUTO(mem) char *familiar = reference_familiar(&ref);
		fprintf(app->out, "Loaded image: %s\n", familiar);
		return;
	}
	fprintf(app->out, "Loaded image: %s\n", name);
}
