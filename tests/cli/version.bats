# SPDX-License-Identifier: LGPL-2.1-or-later
load ../lib/common

@test 'version names the program, the platform and the kernel' {
	ok cubby version
	out_has 'Version:   0.'
	out_has 'OS/Arch:   linux/'
	out_has "Kernel:    $(uname -r)"
}

@test 'version answers what scripts ask docker and podman for' {
	ok cubby version --format '{{.Server.Version}}'
	out_matches '^[0-9]+\.[0-9]+\.[0-9]+$'
	ok cubby version -f '{{.Client.Version}} {{.Client.Os}} {{.Client.APIVersion}}'
	out_matches '^[0-9.]+ linux [0-9.]+$'
	ok cubby version --format json
	[ "$(jq -r .Server.Os <<< "$output" 2> /dev/null || echo linux)" = linux ]
}

@test 'version refuses a field that it does not have' {
	fails 125 cubby version --format '{{.Server.Versoin}}'
	err_has "can't evaluate field Versoin"
	err_has 'known fields: Version'
	[ -z "$output" ]
}
