# SPDX-License-Identifier: LGPL-2.1-or-later
load ../lib/common

# Asks a bash, with the script loaded, to complete a line; prints one candidate a line.
bash_completes() {
	cubby completion bash > "$BATS_TEST_TMPDIR/cubby.bash"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH LINE=$1 bash --norc -c '
		. "$0"
		COMP_LINE=$LINE COMP_POINT=${#LINE}
		read -ra COMP_WORDS <<< "$LINE"
		[[ $LINE == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_cubby_complete 2> /dev/null
		printf "%s\n" "${COMPREPLY[@]}"
	' "$BATS_TEST_TMPDIR/cubby.bash"
}

setup() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/bin/cubby"
}

@test 'completion prints a script that each shell can read' {
	for shell in bash zsh fish; do
		ok cubby completion "$shell"
		printf '%s\n' "$output" > "$BATS_TEST_TMPDIR/script"
		[ "$shell" = bash ] || command -v "$shell" > /dev/null || continue
		ok "$shell" -n "$BATS_TEST_TMPDIR/script"
	done
}

@test 'completion names the shells it knows' {
	fails 125 cubby completion tcsh
	err_has 'known shells: bash, zsh, fish'
}

@test 'completion in bash offers commands and flags' {
	[ "$(bash_completes 'cubby versi')" = version ]
	[ "$(bash_completes 'cubby version --for')" = --format ]
}

@test 'completion takes the name that the program is called by' {
	ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
	ok "$BATS_TEST_TMPDIR/docker" completion bash
	out_has 'complete -F _docker_complete docker'
}

@test 'completion --file writes the script where it is wanted, whole or not at all' {
	ok cubby completion bash
	printf '%s\n' "$output" > "$BATS_TEST_TMPDIR/printed"
	ok cubby completion -f "$BATS_TEST_TMPDIR/script" bash
	out_is ''
	cmp "$BATS_TEST_TMPDIR/printed" "$BATS_TEST_TMPDIR/script"
	fails 125 cubby completion --file "$BATS_TEST_TMPDIR/none/script" bash
	err_has "cannot write '$BATS_TEST_TMPDIR/none/script'"
	fails 125 cubby completion --file "$BATS_TEST_TMPDIR/script" tcsh
	cmp "$BATS_TEST_TMPDIR/printed" "$BATS_TEST_TMPDIR/script"
}

@test 'completion --no-desc makes shells ask for words alone' {
	local shell
	for shell in bash zsh fish; do
		ok cubby completion --no-desc "$shell"
		out_has ' __completeNoDesc '
		out_lacks ' __complete '
	done
	ok cubby __complete versi
	out_has $'version\t'
	ok cubby __completeNoDesc versi
	out_is $'version\n:none'
}
