# answers.bats - programs that ask ptrace everything: both kernels, repeats that differ, one that fails, bad usage.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg SRC=$PWD
	for k in stock utrace; do
		[ -e "build/kernels/$k/bzImage" ] || PTBED_TOP=$PWD "$PTBED" kernels "$k" >&2
	done
	export STOCK=$PWD/build/kernels/stock/bzImage UTRACE=$PWD/build/kernels/utrace/bzImage
}

# A checkout with programs of its own, which are scripts.
own() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top
	mkdir -p "$PTBED_TOP/compat-tests/answers" "$PTBED_TOP/build/guest/answers" "$PTBED_TOP/kernel-patches"
	ln -s "$SRC/vm-images" "$PTBED_TOP/vm-images"
	ln -s "$SRC"/build/guest/* "$PTBED_TOP/build/guest/" 2>/dev/null || true
	ln -s "$SRC/compat-tests/engines" "$PTBED_TOP/compat-tests/engines"
	program same 'echo "ok 1 - $1 answer"; echo 1..1'
	program wrong 'echo "not ok 1 - answer"; echo 1..1; exit 1'
	program varies 'echo x >>/tmp/n; echo "ok 1 - $$"; echo 1..1'
	cd "$PTBED_TOP"
}

program() {
	printf '/* %s.c - a test. */\n/* call: 64 */\n/* call: 64 of two */\n/* seconds: 20 */\n' "$1" \
		>"$PTBED_TOP/compat-tests/answers/$1.c"
	printf '#!/bin/sh\n%s\n' "$2" >"$PTBED_TOP/build/guest/answers/$1-64"
}

answers() {
	"$PTBED" answers --stock="$STOCK" --utrace="$UTRACE" "$@"
}

@test "one program on both kernels: the same" {
	run answers --only=stops-64
	exits 0
	grep -E '^stops-64 +[3-9][0-9][0-9] lines .* same$' <<<"$output"
	says "answers: SAME: 1 of 1 programs the same"
	grep -E '^[1-9][0-9]+ observations on stock$' <<<"$output"
}

@test "called twice with arguments, a check that fails, repeats that are not as the first" {
	own
	run answers --list
	exits 0
	says "same-64-of-two"
	run answers --repeats=2
	exits 1
	grep -E '^same-64-of-two +2 lines .* same$' <<<"$output"
	grep -E '^same-64#2 +2 lines .* same$' <<<"$output"
	says "stock: not ok 1 - answer"
	says "stock: varies-64#2 is not as varies-64"
}

@test "TAP: a line each on standard output, the table on standard error" {
	own
	run --separate-stderr answers --tap --only='same-64,wrong-64'
	exits 1
	[ "$output" = "1..2
ok 1 - same-64: the same on both kernels
not ok 2 - wrong-64: the same on both kernels: DIFFERS" ]
	grep -E '^same-64 .* same$' <<<"$stderr"
}

@test "random scenes: a seed and a number of their own, the same scene every time" {
	run answers --only='random-64*' --seed=7 --scenes=3
	exits 0
	grep -E '^random-64-seed=7-scenes=3 +4 lines .* same$' <<<"$output"
	cp "$SRC/build/answers/stock/random-64-seed=7-scenes=3.txt" "$BATS_TEST_TMPDIR/first"
	run answers --only='random-64*' --seed=9 --scenes=1
	exits 0
	diff <(sed -n '3s/^ok 3/ok 1/p' "$BATS_TEST_TMPDIR/first") \
		<(head -1 "$SRC/build/answers/stock/random-64-seed=9-scenes=1.txt")
	run answers --scenes=0
	exits 64
}

@test "bad usage: exit code 64" {
	run answers --only=nonesuch
	exits 64
	says "no program of compat-tests/answers fits 'nonesuch'"
	run answers --repeats=0
	exits 64
	run answers stray
	exits 64
}
