# SPDX-License-Identifier: LGPL-2.1-or-later
load ../lib/common

@test '__complete offers commands with what they do' {
	ok cubby __complete hel
	out_is "help	show what a command does and takes
:none"
}

@test '__complete hides what is not for people' {
	ok cubby __complete __
	out_is ':none'
}

@test '__complete offers flags, and the words of a value' {
	ok cubby __complete version --f
	out_has '--format	'
	ok cubby __complete --log-level=deb
	out_is '--log-level=debug
:none'
	ok cubby __complete --storage-driver fu
	out_is 'fuse-overlayfs
:none'
}

@test '__complete leaves files and folders to the shell' {
	ok cubby __complete --root ''
	out_is ':dir'
}

@test '__complete says nothing where nothing fits' {
	ok cubby __complete version x ''
	out_is ':none'
	ok cubby __complete nosuch ''
	out_has ':none'
}

@test '__complete names no container when there is no store' {
	CUBBY_ENV=(XDG_DATA_HOME=/proc/nowhere)
	run "$CUBBY" --root /proc/nowhere __complete rm ''
	[ "$status" = 0 ]
}
