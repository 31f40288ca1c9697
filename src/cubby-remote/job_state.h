/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job_state - what is known of a job, between its requests and at its end
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "blob.h"
#include "download.h"
#include "http.h"
#include "oci/registries_conf.h"
#include "remote/protocol.h"
#include "search.h"
#include "site.h"
#include "upload.h"

enum job_stage {
	JOB_REHASH,
	JOB_ASK,
	JOB_TOKEN,
	JOB_RUNNING,
	JOB_PAUSE,
	JOB_GROW, /* waits for more of the file that it uploads */
	JOB_OVER,
};

struct document;

/* What all jobs share. */
struct job_world {
	struct http *http;
	struct site *sites;
	struct remote_settings settings;
	struct registries_conf conf;
};

struct job {
	struct job *next;
	struct job_world *world;
	int64_t number;
	enum job_stage stage;
	bool head;    /* asks for the digest only */
	char *domain; /* of the name, wherever it is asked for */
	char *tag;
	char *digest;
	char *known;		   /* of a file: a validator (validator.h) */
	char *validator;	   /* of a file that came, or NULL */
	struct blob *blob;	   /* NULL: a manifest, or tags */
	bool check;		   /* asks whether we are let in, and for nothing */
	struct search *search;	   /* or NULL */
	char *address;		   /* of a file that is no registry's, or NULL */
	struct download *download; /* with .address: into a file; else the bytes are told */
	bool tags;		   /* lists tags */
	int pages;		   /* of tags that came */
	bool look;	       /* with .head: whatever the digest is, it is all that is asked for */
	struct upload *upload; /* a blob that is pushed */
	struct document *put;  /* a manifest that is pushed */
	int how;	       /* enum remote_how */
	struct strv listed;

	bool pushing;
	struct strv also; /* other repositories that a token shall be for */
	char *scope;	  /* of the endpoint being asked */

	struct registry_endpoints endpoints;
	size_t at;	   /* endpoint being asked */
	struct site *site; /* of it */
	char *url;	   /* redirected to, or NULL */
	bool whole;	   /* asks for all of the blob: the part that came was another one */
	int fed;	   /* first endpoint that brought bytes of the blob, or -1 */
	int redirects;	   /* since the registry was asked */
	int refusals;	   /* 401 since something was let in */
	int attempts;	   /* failed in a row */
	bool empty;	   /* the attempt brought no bytes */
	int64_t mark;	   /* bytes of the blob when the attempt began */
	int64_t wake;	   /* JOB_PAUSE: clock_mono() */
	char *sent;	   /* Authorization that went along */
	struct transfer *transfer;

	int64_t told;	   /* clock_mono() of the last progress */
	int64_t told_have; /* bytes told then */

	/* the end */
	int memfd; /* of a manifest, or -1 */
	int64_t size;
	char *media_type;
	struct err err;
};
