# SPDX-License-Identifier: LGPL-2.1-or-later
load ../lib/common

@test "help lists the commands under headings" {
	run cubby --help
	[ "$status" = 0 ]
	[[ $output == "Usage:  cubby [OPTIONS] COMMAND"* ]]
	[[ $output == *"System commands:"* ]]
}

@test "help without a word is the program's help" {
	run cubby
	[ "$status" = 0 ]
	[[ $output == "Usage:  cubby [OPTIONS] COMMAND"* ]]
}

@test "help of a command is its --help" {
	[ "$(cubby help help)" = "$(cubby help --help)" ]
	[[ $(cubby help help) == "Usage:  cubby help [COMMAND...]"* ]]
}

@test "a mistyped command is 125 and names the nearest" {
	run cubby hlep
	[ "$status" = 125 ]
	[[ $output == *"unknown command 'hlep'"*"did you mean 'help'"* ]]
}

@test "an unknown flag is 125 and points to the command's help" {
	run cubby help --frobnicate
	[ "$status" = 125 ]
	[[ $output == *"unknown flag: --frobnicate"*"see 'cubby help --help'"* ]]
}

@test "flags of a daemon are refused with the reason" {
	run cubby -H tcp://localhost:2375 help
	[ "$status" = 125 ]
	[[ $output == *"'-H' is not available: there is no daemon"* ]]
}

@test "an option of the program may stand behind the command" {
	run cubby help --log-level=loud
	[ "$status" = 125 ]
	[[ $output == *"must be one of warn, trace, debug"* ]]
	run cubby help --log-level debug
	[ "$status" = 0 ]
}

@test "called as docker or podman it takes that name" {
	ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
	ln -s "$CUBBY" "$BATS_TEST_TMPDIR/podman"
	[[ $("$BATS_TEST_TMPDIR/docker" --help) == "Usage:  docker "* ]]
	[[ $("$BATS_TEST_TMPDIR/docker" --version) == "Docker version "*", build cubby" ]]
	[[ $("$BATS_TEST_TMPDIR/podman" -v) == "podman version "* ]]
	[[ $(cubby -v) == "cubby version "* ]]
}

@test "output that cannot be written is a failure" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	run bash -c '"$CUBBY" --help >/dev/full'
	[ "$status" = 1 ]
	[[ $output == *"cannot write the output: no space left on device"* ]]
}

@test "closed descriptors do no harm" {
	run bash -c '"$CUBBY" --help <&- >&- 2>&-'
	[ "$status" = 0 ]
}

@test 'a hint names the program as it was called' {
    fails 125 cubby logs nobody
    err_has 'hint: list all containers with: cubby ps -a'
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker fails 1 cubby logs nobody
    err_has 'hint: list all containers with: docker ps -a'
}
