# engines.bats - the runner of programs that test engines: what a program does wrong is seen, and only its own.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg PTBED_TOP=$PWD
	export KERNEL=$PWD/build/kernels/stock/bzImage
	[ -e "$KERNEL" ] || "$PTBED" kernels stock >&2
}

@test "each way a program can fail is told, and a panic takes nobody else along" {
	run "$PTBED" engines --kernel="$KERNEL" --only='broken-*'
	exits 4
	says "broken-check                1 passed    1 failed    1 skipped"
	says "not ok 2 - one is two"
	says "it did not exit with status 0"
	says "no result: the kernel panicked"
	says "2 checks planned, 1 made"
	says "not ok - ended within 2 seconds of guest time"
	says "4 passed, 5 failed, 1 skipped"
}

@test "a guest that does not come up is booted again, three times in all" {
	make_fakes
	export PTBED_QEMU=$FAKES/fake-qemu FAKE_STATE=$BATS_TEST_TMPDIR/state
	mkdir "$FAKE_STATE"
	FAKE=panic run "$PTBED" engines --kernel="$KERNEL" --only=abi
	exits 6
	[ "$(grep -c 'did not come up, it is booted again' <<<"$output")" -eq 2 ]
	says "no result: the kernel panicked"
}

@test "a report of a guest that does not come up is a SPLAT, though another makes up for the boot" {
	played 'early::once;reboot::once'
	exits 3
	says 'did not come up, it is booted again'
	says "kernel/early.c:1"
}

# Two programs on a played kernel that breaks as $1 says.
played() {
	make_fakes
	export PTBED_QEMU=$FAKES/fake-qemu FAKE_STATE=$BATS_TEST_TMPDIR/state PTBED_SILENCE=2
	mkdir -p "$FAKE_STATE"
	FAKE=$1 run "$PTBED" engines --kernel="$FAKES/utrace.bz" --only=abi,codes
}

@test "programs in a played guest that does nothing wrong: exit code 0" {
	played ''
	exits 0
	says "2 passed, 0 failed"
}

@test "a kernel that breaks when a program has its result: said of that program, its code; the rest runs" {
	while read -r fake code words; do
		played "$fake"
		exits "$code"
		says "after its end: $words"
		[ "$(grep -cE '^(abi|codes) .* ok$' <<<"$output")" -eq 1 ]
		says "2 passed, 1 failed"
	done <<-'END'
		panic-after:abi 4 the kernel panicked
		panic-after:codes 4 the kernel panicked
		reboot-after:abi 4 the kernel panicked; the guest restarted without a word
		hang-after:codes 5 the guest was stuck; no sign of life
		panic-bye 4 the kernel panicked
	END
}

@test "a kernel that breaks within a program is said of no other" {
	played panic:codes
	exits 4
	says "no result: the kernel panicked"
	refute says "after its end"
	says "1 passed, 1 failed"
}

@test "a full disk below the guests: exit code 71, no program is blamed" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here"
	make_fakes
	export PTBED_QEMU=$FAKES/fake-qemu FAKE_STATE=$BATS_TEST_TMPDIR/state TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$FAKE_STATE" "$TMPDIR"
	FAKE='fill:abi;hang:codes' run unshare -rm bash -c '
		mount -t tmpfs -o size=256m none "$TMPDIR" || exit 99
		"$@"' - "$PTBED" engines --kernel="$FAKES/utrace.bz" --only=abi,codes
	[ "$status" -ne 99 ] || skip "cannot mount a tmpfs here"
	exits 71
	says "No space left on device; nothing is said about the programs"
	refute says "failed"
}

@test "a failed check alone: exit code 1, as TAP" {
	run --separate-stderr "$PTBED" engines --kernel="$KERNEL" --only=broken-check --tap
	exits 1
	says "ok 1 - broken-check: one is one"
	says "not ok 2 - broken-check: one is two"
	says "ok 3 - broken-check: nothing # skip no reason"
	says "ok 4 - broken-check: ended well"
	says "1..4"
}

@test "programs that want to be named run only then" {
	run "$PTBED" engines --list
	exits 0
	says "selftest"
	refute says "broken-check"
}

@test "a name that no program has: exit code 64" {
	run "$PTBED" engines --only=nonesuch
	exits 64
	says "no program fits 'nonesuch'"
}

@test "a storm without a kernel to be had, or with too short shards: exit code 64" {
	run "$PTBED" storm --kernel=nonesuch --quick
	exits 64
	run "$PTBED" storm --shard=100
	exits 64
	says "--shard is '100', expected a number"
}

@test "a bound that is no number: exit code 64" {
	run "$PTBED" torture --ops=many
	exits 64
	says "--ops is 'many', expected a number"
}
