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
	[[ ${output##*'## Refused'} == *'### cubby run'*'- `--personality`: '* ]]
	[[ ${output##*'## Refused'} == *'### cubby
'*'- `-H, --host`: '* ]]
}

# refused: a line for each refused flag of the index: the command's words, the flag, the reason
refused() {
	cubby __docs | sed '1,/^## Refused/d' | awk '
		/^### cubby/ { command = substr($0, 11) }
		/^- `/ {
			flag = $0; sub(/^- `/, "", flag); sub(/`:.*/, "", flag)
			why = $0; sub(/^[^:]*`: /, "", why)
			n = split(flag, spellings, ", ")
			for (i = 1; i <= n; i++) printf "%s|%s|%s\n", command, spellings[i], why
		}'
}

@test 'each refused flag is refused, with the reason that the index gives' {
	local words flag why said count=0
	while IFS='|' read -r words flag why; do
		# shellcheck disable=SC2086  # a command may be two words
		status=0
		said=$("$CUBBY" --root "$STORE" $words "$flag" x y 2>&1 < /dev/null) || status=$?
		# the first letter of a sentence is a capital in the index
		[[ $status = 125 && $said == *"$flag"*"${why:1}"* ]] || { echo "$words $flag: $status, $said"; false; }
		count=$((count + 1))
	done < <(refused)
	[ "$count" -gt 100 ]
	ok cubby ps -aq
	out_is ''
}
