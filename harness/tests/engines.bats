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
