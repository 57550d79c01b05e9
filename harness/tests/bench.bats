# bench.bats - the benchmark: equal kernels cost the same, a bound that is exceeded is named, nothing measured is no pass.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg PTBED_TOP=$PWD
	export KERNEL=$PWD/build/kernels/stock/bzImage
	[ -e "$KERNEL" ] || "$PTBED" kernels stock >&2
}

bench() {
	"$PTBED" bench --no-wall --stock="$KERNEL" --utrace="$KERNEL" --json="$BATS_TEST_TMPDIR/b.json" "$@"
}

@test "a kernel against itself: each ratio is 1.000 and the JSON has every run" {
	run --separate-stderr bench --runs=5
	exits 0
	for o in getppid fork+exit+wait exec signal-ping-pong syscall-stop sysemu-stop singlestep \
		signal-delivery-stop event-clone attach+detach tracees-10 tracees-1000 seccomp-ret-trace; do
		grep -qE "^${o//+/\\+} +[0-9]+ +[0-9]+  1\.000" <<<"$output" || { echo "$o: $output"; return 1; }
	done
	says "bench: SAME: 0 of 19 operations above their bound"
	python3 - "$BATS_TEST_TMPDIR/b.json" <<-'END'
		import json, sys
		j = json.load(open(sys.argv[1]))
		assert j["schema"] == 1 and j["verdict"] == "SAME" and j["exit"] == 0
		assert j["kernels"][0]["optimization"] == "-O2"
		o = {c["name"]: c for c in j["exact"]}
		assert len(o["syscall-stop"]["sides"][1]["runs"]) == 5
		assert o["syscall-stop"]["sides"][0]["least"] > 1000
		assert o["getppid-logged"]["sides"][0]["absent"].startswith("no module")
	END
}

@test "an operation above its bound: named, exit code 8" {
	run bench --only=getppid --runs=3 --bound-call=0.999
	exits 8
	says "COST: 1 of 1 operations above their bound: getppid"
}

@test "an operation there is none of: exit code 64 before any guest, with the names" {
	PTBED_QEMU=/bin/false run bench --only=nonesuch --runs=3
	exits 64
	says "no operation 'nonesuch'; expected one of "
	refute says "counting instructions"
	# they are those that the program has
	for o in getppid exec syscall-stop tracees-1000-by-pid getppid-logged; do
		grep -qE "[ ,]$o(,|$)" <<<"$output" || { echo "$o: $output"; return 1; }
	done
	[ "$(grep -o ', ' <<<"$output" | wc -l)" -eq "$(($(grep -hE '^	\{ "' compat-tests/bench/*.c | wc -l) - 1))" ]
}

# like NAME EDIT: the kernel again, its configuration edited with sed.
like() {
	mkdir -p "$BATS_TEST_TMPDIR/$1"
	cp -L "$KERNEL" "$BATS_TEST_TMPDIR/$1/bzImage"
	sed "$2" "${KERNEL%/*}/.config" >"$BATS_TEST_TMPDIR/$1/.config"
	echo "$BATS_TEST_TMPDIR/$1/bzImage"
}

@test "kernels that are not configured alike, or nobody knows how: exit code 6" {
	run bench --only=getppid --runs=3 --utrace="$(like slow 's/^# \(CONFIG_PROVE_LOCKING\) is not set/\1=y/; s/^CONFIG_SWAP=y/# off/')"
	exits 6
	says "the kernels are not configured alike: CONFIG_"
	k=$(like unknown '')
	rm "${k%/*}/.config"
	run bench --only=getppid --runs=3 --stock="$k"
	exits 6
	says "has no .config beside its bzImage"
	run bench --only=getppid --runs=3 --utrace="$(like utrace 's/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION="-x"/; $a CONFIG_UTRACE_EXPORTS=y')"
	exits 0
}

@test "a kernel with utrace, but without the logger to measure: exit code 6" {
	run bench --only=getppid-logged --runs=3 --utrace="$(like utrace '$a CONFIG_UTRACE=y')"
	exits 6
	says "getppid-logged has no figure on one kernel: no module"
}

@test "bad options: exit code 64" {
	run bench --bound-call=much
	exits 64
	says "--bound-call is 'much', expected a ratio"
	run bench --runs=0
	exits 64
	says "--runs is '0', expected a number from 1 to 101"
	run bench stray
	exits 64
	says "unexpected argument 'stray'"
	run "$PTBED" bench --stock=/nonexistent/bzImage
	exits 64
}
