# SPDX-License-Identifier: LGPL-2.1-or-later
load ../lib/common

@test 'a manual page is written for the program, each command and each other name' {
	ok cubby __man "$BATS_TEST_TMPDIR"
	[ -s "$BATS_TEST_TMPDIR/cubby.1" ]
	[ -s "$BATS_TEST_TMPDIR/cubby-version.1" ]
	grep -q 'SH SYNOPSIS' "$BATS_TEST_TMPDIR/cubby-version.1"
	[ ! -e "$BATS_TEST_TMPDIR/cubby-__man.1" ]
}

@test 'manual pages have no mistake in their form' {
	command -v groff > /dev/null || skip 'there is no groff'
	ok cubby __man "$BATS_TEST_TMPDIR"
	for page in "$BATS_TEST_TMPDIR"/*.1; do
		grep -q '^\.so' "$page" && continue
		said=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
		[ -z "$said" ] || { echo "$page: $said" >&2; return 1; }
	done
}

@test 'a folder that is not there is named' {
	fails 125 cubby __man /nowhere
	err_has "cannot write '/nowhere/cubby.1': no such file or directory"
}

@test 'the index of commands lists every command with its flags' {
	ok cubby __docs
	out_has '### cubby version'
	out_has '`-f, --format FORMAT`'
}

@test 'the index says which flags are refused, and why' {
	ok cubby __docs
	[[ ${output##*'## Refused'} == *'### cubby run'*'- `--gpus`: '* ]]
}
