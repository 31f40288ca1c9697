/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - random names for containers
 *
 * 64 x 64 names; the store tries another when one is taken.
 */
#include "engine/names.h"

#include <stdint.h>
#include <sys/random.h>

#include "base/str.h"

static const char adjectives[][10] = {
	"agile",   "amber",  "ample",  "azure",	 "bold",   "brave",  "brisk",  "bright",
	"calm",	   "candid", "cheery", "clear",	 "clever", "cosy",   "crisp",  "daring",
	"dapper",  "deft",   "eager",  "early",	 "earthy", "fair",   "fancy",  "fleet",
	"fond",	   "frank",  "fresh",  "gentle", "glad",   "golden", "grand",  "happy",
	"hardy",   "honest", "humble", "jolly",	 "keen",   "kind",   "lively", "loyal",
	"lucid",   "lucky",  "mellow", "merry",	 "mighty", "neat",   "nimble", "noble",
	"patient", "plucky", "polite", "proud",	 "quick",  "quiet",  "ready",  "silver",
	"smart",   "snug",   "steady", "sunny",	 "swift",  "tidy",   "warm",   "witty",
};

static const char nouns[][10] = {
	"acorn",   "badger", "beacon", "beaver", "birch",   "bison",   "brook",	 "cedar",
	"clover",  "comet",  "coral",  "crane",	 "cricket", "dolphin", "dune",	 "eagle",
	"ember",   "falcon", "fern",   "finch",	 "forest",  "fox",     "gecko",	 "glacier",
	"harbor",  "hare",   "hazel",  "heron",	 "island",  "ivy",     "jay",	 "kestrel",
	"lagoon",  "lark",   "lemur",  "lynx",	 "maple",   "marmot",  "meadow", "moose",
	"newt",	   "oak",    "orca",   "otter",	 "owl",	    "panda",   "pebble", "pine",
	"plover",  "puffin", "quail",  "raven",	 "reef",    "river",   "robin",	 "seal",
	"sparrow", "spruce", "stork",  "swan",	 "thistle", "tiger",   "willow", "wren",
};

static void random_bytes(void *out, size_t size)
{
	/* Up to 256 bytes come whole once the kernel's pool is ready. */
	bug_unless(getrandom(out, size, 0) == (ssize_t)size);
}

char *name_random(uint32_t numbers)
{
	struct {
		uint8_t adjective, noun;
		uint16_t unused;
		uint32_t number;
	} pick;

	random_bytes(&pick, sizeof pick);
	const char *adjective = adjectives[pick.adjective % array_len(adjectives)];
	const char *noun = nouns[pick.noun % array_len(nouns)];
	return numbers ? str_fmt("%s_%s%u", adjective, noun, (unsigned int)(pick.number % numbers))
		       : str_fmt("%s_%s", adjective, noun);
}
