# tracers.bats - real tracers: a script that fails, results that differ, bad usage; how strace's log is normalised.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg SRC=$PWD
	export KERNEL=$PWD/build/kernels/stock/bzImage
	[ -e "$KERNEL" ] || PTBED_TOP=$PWD "$PTBED" kernels stock >&2
}

# A checkout with scripts of its own, and no tools but busybox.
own() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top
	local t=$PTBED_TOP/compat-tests/tracers
	mkdir -p "$t" "$PTBED_TOP/build" "$PTBED_TOP/kernel-patches"
	ln -s "$SRC/vm-images" "$PTBED_TOP/vm-images"
	ln -s "$SRC/build/guest" "$PTBED_TOP/build/guest"
	ln -s "$SRC/compat-tests/engines" "$PTBED_TOP/compat-tests/engines"
	cp "$SRC/compat-tests/tracers/lib.sh" "$t"
	echo "dir /x 0755" >"$t/uml.list"
	printf 'dir /tracers 0755\nfile /tracers/lib.sh compat-tests/tracers/lib.sh 0644\n' >"$t/tools.list"
	script good 'check "true" true; echo result | compared'
	script bad 'check "true" false; echo result | compared'
	script differs 'check "true" true; busybox cat /proc/sys/kernel/random/boot_id | compared'
	script silent 'check "true" true'
	script hangs 'busybox sleep 1000' 2
	cd "$PTBED_TOP"
}

script() {
	printf '#!/bin/sh\n# %s.sh - a test.\n# seconds: %s\n. /tracers/lib.sh\n%s\nfinish\n' "$1" "${3:-20}" "$2" \
		>"$PTBED_TOP/compat-tests/tracers/$1.sh"
	chmod +x "$PTBED_TOP/compat-tests/tracers/$1.sh"
}

tracers() {
	"$PTBED" tracers --stock="$KERNEL" --utrace="$KERNEL" "$@"
}

@test "a script that passes is the same; failing, differing, silent and hanging ones are told" {
	own
	run tracers
	exits 1
	grep -E '^good +1 lines .* same$' <<<"$output"
	grep -E '^bad .* DIFFERS$' <<<"$output"
	says "stock: not ok 1 - true: false"
	says "utrace: not ok 1 - true: false"
	grep -E '^differs .* DIFFERS$' <<<"$output"
	says "+++ utrace"
	grep -E '^silent +0 lines .* DIFFERS$' <<<"$output"
	says "nothing to compare"
	says "not ok - ended within 2 seconds of guest time"
	says "tracers: DIFFERS: 1 of 5 programs the same"
}

@test "what passes alone: exit code 0" {
	own
	run tracers --only=good
	exits 0
	says "tracers: SAME: 1 of 1 programs the same"
}

# One that says what it needs, and the kernel with no modules beside it but the directory.
needing() {
	script "$1" "$2"
	sed -i 's/^# seconds:/# needs: '"${3:-modules}"'\n&/' "compat-tests/tracers/$1.sh"
	mkdir -p "$BATS_TEST_TMPDIR/kernel/modules"
	cp "$KERNEL" "$BATS_TEST_TMPDIR/kernel/bzImage"
}

with_modules() {
	"$PTBED" tracers --stock="$KERNEL" --utrace="$BATS_TEST_TMPDIR/kernel/bzImage" "$@"
}

@test "scripts that need modules run on utrace only, are never called the same, and fail by their checks" {
	own
	needing alone 'check "it is there" [ -d /modules ]'
	needing lonely 'check "true" false'
	run with_modules --only=alone
	exits 0
	grep -E '^alone +1 checks +- .* utrace only$' <<<"$output"
	says "tracers: PASSED: 1 of 1 on utrace only passed"
	refute says "programs on $KERNEL"
	refute says "same"
	run with_modules --only=alone,good,lonely
	exits 1
	says "tracers: 1 programs on $KERNEL"
	says "tracers: 3 programs on $BATS_TEST_TMPDIR/kernel/bzImage"
	grep -E '^good +1 lines .* same$' <<<"$output"
	grep -E '^alone .* utrace only$' <<<"$output"
	grep -E '^lonely .* FAILED$' <<<"$output"
	says "utrace: not ok 1 - true: false"
	says "tracers: DIFFERS: 1 of 1 programs the same, 1 of 2 on utrace only passed"
}

@test "no modules for a script that needs them, an unknown need: exit code 64" {
	own
	needing alone 'check "true" true'
	run tracers --only=alone
	exits 64
	says "alone needs modules,"
	says "has none; leave it out by --only"
	run tracers --only=good
	exits 0
	needing odd 'check "true" true' magic
	run tracers --only=good
	exits 64
	says "odd.sh: needs 'magic'; expected modules"
}

@test "bad usage, a program that is not there: exit codes 64 and 69" {
	own
	run tracers --only=nonesuch
	exits 64
	says "no script of compat-tests/tracers fits 'nonesuch'"
	run tracers --cpus=none
	exits 64
	run tracers stray
	exits 64
	echo "program /usr/bin/nonesuch" >>compat-tests/tracers/tools.list
	run tracers --only=good
	exits 69
	says "/usr/bin/nonesuch is not installed; run: make deps"
}

@test "strace's log: threads by name, cut calls put together, addresses gone" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'END'
		70 execve("./x", ["x"], 0x7ffe12345678 /* 3 vars */) = 0
		70 clone(child_stack=0x4d1230, flags=CLONE_VM <unfinished ...>
		71 read(5,  <unfinished ...>
		70 <... clone resumed>) = 71
		71 <... read resumed>"g", 1)           = 1
		71 tgkill(70, 71, SIGUSR1)         = 0
		71 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=70, si_uid=0} ---
		71 write(4, "71", 2) = 2
		71 +++ exited with 0 +++
		70 +++ exited with 0 +++
	END
	run busybox awk -f compat-tests/tracers/strace.awk "$BATS_TEST_TMPDIR/log"
	[ "$output" = 'T0: execve("./x", ["x"], ADDR /* 3 vars */) = 0
T0: clone(child_stack=ADDR, flags=CLONE_VM) = T1
T0: +++ exited with 0 +++
T1: read(5, "g", 1) = 1
T1: tgkill(T0, T1, SIGUSR1) = 0
T1: --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=T0, si_uid=0} ---
T1: write(4, "71", 2) = 2
T1: +++ exited with 0 +++' ] || { echo "$output"; return 1; }
}
