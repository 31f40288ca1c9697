/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * work - the process that builds one stage
 *
 *	work_stage	all instructions of a stage, one after the other
 *	  step_run	RUN			build/steprun.c
 *	  step_copy	COPY, ADD		build/stepcopy.c
 *	  step_folder	WORKDIR			build/stepfolder.c
 *	  step_scan	what --sbom asks for	build/stepscan.c
 *	    step_do	looks the step up in the build cache, else does it in a box and keeps its layer
 *	      box_*	a container that others do not see	build/box.h
 *	      later_*	a layer is hashed while the next step is done	build/later.c
 *
 * A process of its own for each stage, forked by the command: what it changes in memory is told by build/report.h.
 * Layers that it made stay because the build cache names them, others because it holds them (buildcache_hold).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "build/evolve.h"
#include "build/expand.h"
#include "build/options.h"
#include "build/sbommerge.h"
#include "build/sofar.h"
#include "build/stages.h"
#include "build/stepkey.h"
#include "engine/engine.h"
#include "engine/sandbox.h"
#include "engine/steplayer.h"
#include "engine/unpack.h"
#include "layer/client.h"
#include "store/buildcache.h"
#include "store/hashes.h"

/* A step's layer that is being hashed; see build/later.c. */
struct later {
	struct buildstep *record; /* NULL: there is none */
	struct steplayer layer;
	int lock;  /* of the step */
	pid_t pid; /* of the worker, or 0 */
	int sock;  /* to it */
	int line, number;
	const struct dockerfile *file;
};

struct work {
	struct engine *engine;
	const struct build_options *options;
	const struct stages *stages;
	const struct sofar *done; /* one for each stage; .config is NULL where it is not built */
	size_t at;		  /* this stage */
	int sock;		  /* the stage's end of build/report.h */

	struct sofar sofar;
	struct evolve_state evolve;
	struct strv args; /* NAME=VALUE of what ARG declared and has a value */
	struct strv used; /* names of variables that the present instruction asked for */
	bool anew;	  /* the cache is not asked any more */
	int number, of;	  /* of the present instruction */
	int line;
	const struct dockerfile *file; /* that .line is of */
	const char *text;	       /* of the present instruction; borrowed */
	bool placed;		       /* the failure names its line already */
	bool more; /* steps follow that the present one's layer need not be hashed for */
	struct later later;
	bool scans;		     /* this stage is the target, which is to be scanned */
	struct sofar scanner;	     /* the image that scans it; with .scans */
	struct steplayer left;	     /* --keep-failed: what the step that failed has written */
	int status;		     /* of a command that failed */
	struct layer_helper *helper; /* outside the user namespace: for what is the user's own */
	struct unpacker *unpacker;   /* keeps the user namespace while steps are done, or NULL */
	struct layer_helper *inside; /* root of it; with .unpacker */
	pid_t holder;		     /* keeps the user namespace while steps are done, or 0 */
	struct sandbox sandbox;	     /* whose monitor serves RUN after RUN */
	struct hashes *hashes;
	struct {
		int *items; /* of buildcache_hold() */
		size_t count;
	} locks;
};

/* What a step does when the cache does not know it: in a box, which it makes. */
struct step {
	const char *text; /* to show, and for the history */
	int (*perform)(void *data, char **out_box, struct strv *out_mounted, struct err *err);
	void *data;
	const struct strv *undone; /* paths: what it does there is undone; or NULL */
	bool linked;		   /* it neither sees nor depends on what is below: COPY --link */
};

/**
 * work_stage() - build a stage, and tell of it
 * @work:	.engine to .sock are set
 *
 * The result and every failure are told by the socket.
 *
 * Return: 0 or a negative errno.
 */
must_check int work_stage(struct work *work);

/**
 * work_helper() - the helper that hashes
 * @work:	has it afterwards
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int work_helper(struct work *work, struct err *err);

/**
 * work_env() - what RUN has in its environment beside the image's, and what is shown of it
 * @work:	at work
 * @out:	NAME=VALUE of ARGs that no ENV hides
 */
void work_env(const struct work *work, struct strv *out);

/**
 * step_do() - have a step's layer: from the cache, else by doing it
 * @work:	.sofar grows
 * @key:	all that the step sees, but what it builds upon
 * @step:	how it is done
 * @err:	what failed
 *
 * Of builds that come to the same step at once one does it and the others wait.
 *
 * Return: 0 or a negative errno.
 */
must_check int step_do(struct work *work, struct stepkey *key, const struct step *step,
		       struct err *err);

/**
 * stepdo_enter() - remember what a step came to, and make its layer one of the store
 * @work:	at work
 * @record:	all but what the digest gives, which is set
 * @layer:	hashed, or empty; no container is upon it
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int stepdo_enter(struct work *work, struct buildstep *record, struct steplayer *layer,
			    struct err *err);

/**
 * later_keep() - leave a layer for later
 * @work:	has none that is left; its .sofar has the layer on top, under the temporary object's name
 * @record:	all but what the digest gives; belongs to @work afterwards
 * @layer:	has .rest; empty afterwards
 * @lock:	of the step; belongs to @work afterwards
 */
void later_keep(struct work *work, struct buildstep *record, struct steplayer *layer, int lock);

/**
 * later_begin() - have what is left hashed
 * @work:	holds nothing for the step any more that others may wait for; nothing is done where nothing is left
 *
 * Where no process can be started later_end() does it.
 */
void later_begin(struct work *work);

/**
 * later_pending() - whether a layer is left
 * @work:	at work
 *
 * Return: the answer.
 */
bool later_pending(const struct work *work);

/**
 * later_end() - have what is left as a layer of the store, under its own name in .sofar
 * @work:	nothing is mounted upon it; nothing is done where nothing is left
 * @err:	what failed, with the line of the step; .line and .number of @work are that step's then
 *
 * Return: 0 or a negative errno.
 */
must_check int later_end(struct work *work, struct err *err);

/**
 * step_run() - RUN
 * @work:	at work
 * @in:		the instruction
 * @line:	for its here-documents
 * @err:	what failed; work->status is the command's
 *
 * Return: 0 or a negative errno.
 */
must_check int step_run(struct work *work, const struct instruction *in,
			const struct dockerfile_line *line, struct err *err);

/**
 * step_copy() - COPY and ADD
 * @work:	at work
 * @in:		the instruction
 * @line:	its text, to show
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int step_copy(struct work *work, const struct instruction *in,
			 const struct dockerfile_line *line, struct err *err);

/**
 * step_folder() - make the working folder where it is not there
 * @work:	at work, WORKDIR applied
 * @text:	to show
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int step_folder(struct work *work, const char *text, struct err *err);

/**
 * step_volumes() - make the folders of volumes where they are not there: they are root's
 * @work:	at work, VOLUME applied
 * @paths:	as typed
 * @text:	to show
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int step_volumes(struct work *work, const struct strv *paths, const char *text,
			    struct err *err);

/**
 * step_scanner() - have the image that scans the target
 * @work:	.scanner is set
 * @err:	what failed, also when nothing could be scanned
 *
 * Return: how many steps scanning will be, or a negative errno.
 */
must_check int step_scanner(struct work *work, struct err *err);

/**
 * step_scan() - scan what the stage has come to
 * @work:	.scanner is set, all steps are done
 * @err:	names the command that failed, and what; work->status is its status
 *
 * What is found stands in the folder of the options afterwards, and in a layer where the image shall have it.
 *
 * Return: 0 or a negative errno.
 */
must_check int step_scan(struct work *work, struct err *err);

/**
 * step_sbom() - put what scanners found into the image
 * @work:	at work; the options say where to
 * @found:	merged
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int step_sbom(struct work *work, const struct sbom_merged *found, struct err *err);

/**
 * work_tool() - have an image that runs on this machine, whatever the build is for
 * @work:	at work
 * @name:	as typed
 * @out:	to be released with sofar_clear; set on success only
 * @err:	what failed
 *
 * Return: 0; as pull_image().
 */
must_check int work_tool(struct work *work, const char *name, struct sofar *out, struct err *err);

/**
 * work_tell_step() - tell that a step begins
 * @work:	at work; its .number grows
 * @text:	to show
 */
void work_tell_step(struct work *work, const char *text);

/**
 * work_base() - begin a stage: its image, pulled if need be, the stage that it is built upon, or nothing
 * @work:	.sofar is set
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int work_base(struct work *work, struct err *err);

/**
 * work_image() - have an image that COPY --from or a mount names
 * @work:	at work
 * @name:	as typed
 * @out:	its layers alone are set; to be released with sofar_clear; set on success only
 * @err:	what failed
 *
 * Return: 0; as pull_image().
 */
must_check int work_image(struct work *work, const char *name, struct sofar *out, struct err *err);

/**
 * work_from() - the layers that a name of COPY --from or a mount means
 * @work:	at work
 * @name:	a stage, a context that is an image, or an image
 * @out:	as work_image()
 * @err:	what failed
 *
 * Return: as work_image().
 */
must_check int work_from(struct work *work, const char *name, struct sofar *out, struct err *err);

/**
 * work_context() - a --build-context
 * @work:	at work
 * @name:	as typed
 *
 * Return: belongs to the options; NULL when there is none of that name.
 */
const struct build_context *work_context(const struct work *work, const char *name);
