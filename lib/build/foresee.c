/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * foresee - what of a stage is wrong whatever its steps come to
 */
#include "build/foresee.h"

#include "build/instruction.h"
#include "build/lineflag.h"
#include "build/runplan.h"

static int look_at(const struct build_options *options, const struct dockerfile *file,
		   const struct dockerfile_line *line, struct err *err)
{
	static const struct expand_scope nothing = { 0 };
	AUTO(instruction) struct instruction in = { 0 };
	int r = instruction_parse(file, line, &nothing, INSTRUCTION_BEFOREHAND, &in, err);

	if (r < 0)
		return r;
	r = runplan_check(options, &in, err);
	return r < 0 ? dockerfile_place(file, line->line, err) : 0;
}

int foresee_stage(const struct build_options *options, const struct stages *stages, size_t at,
		  int *out_line, struct err *err)
{
	const struct dockerfile *file = stages->file;
	const struct stage *stage = &stages->items[at];
	int r = 0;

	for (size_t i = 0; r == 0 && i < stage->count; i++) {
		const struct dockerfile_line *line = &file->lines.items[stage->first + i];
		r = line->kind == KIND_RUN ? look_at(options, file, line, err)
					   : lineflag_check(file, line, err);
		if (r < 0)
			*out_line = line->line;
	}
	return r;
}
