# profile.bats - the profile of an operation: its sums are the benchmark's figures, functions have their rows, wrong sums are seen.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg PTBED_TOP=$PWD PLUGIN=$PWD/build/plugin/count.so
	for k in stock utrace; do
		[ -e "build/kernels/$k/bzImage" ] || "$PTBED" kernels $k >&2
	done
	export KERNELS="--stock=$PWD/build/kernels/stock/bzImage --utrace=$PWD/build/kernels/utrace/bzImage"
}

@test "a system call on both kernels: each sum is what bench says, and its functions have rows" {
	run --separate-stderr "$PTBED" profile $KERNELS --runs=3 --json="$BATS_TEST_TMPDIR/p.json" getppid
	exits 0
	grep -qE '^__x64_sys_getppid +[0-9.]+ +[0-9.]+ +[+-][0-9.]+$' <<<"$output" || { echo "$output"; return 1; }
	profile=$output
	# without the plugin, and in boots of its own
	run "$PTBED" bench --no-wall $KERNELS --runs=3 --only=getppid --bound-call=2 --json="$BATS_TEST_TMPDIR/b.json"
	exits 0
	python3 - "$BATS_TEST_TMPDIR" "$profile" <<-'END'
		import json, sys
		p, b = (json.load(open(sys.argv[1] + f)) for f in ("/p.json", "/b.json"))
		rows = {f["name"]: f["instructions"] for f in p["functions"]}
		assert p["schema"] == 1 and p["operation"] == "getppid"
		lines = [l.split() for l in sys.argv[2].splitlines()]
		sums = [l for l in lines if l and l[0] == "sum"]
		assert len(sums) == 1
		for s in 0, 1:
		    k, least = p["kernels"][s], b["exact"][0]["sides"][s]["least"]
		    assert k["times"] == 2000
		    # of 2000 system calls, the two readings of the clock aside
		    assert abs(k["counted"] - least * 2000) <= 2, (k, least)
		    assert abs(sum(f[s] for f in rows.values()) - k["counted"] / 2000) < 0.01
		    assert abs(float(sums[0][1 + s]) - least) <= 0.1
		    assert 5 <= rows["__x64_sys_getppid"][s] <= 50, rows
		    assert rows["do_syscall_64"][s] > 10 and rows["(user)"][s] > 5
		    assert rows.get("(other)", [0, 0])[s] == 0
	END
}

@test "counts that are not all there: the sum is off, exit code 6" {
	cat >"$BATS_TEST_TMPDIR/qemu" <<-'END'
		#!/bin/sh
		# QEMU, but what it counted in user space is lost.
		qemu-system-x86_64 "$@"
		code=$?
		counts=$(printf '%s\n' "$@" | sed -n 's/^.*count.so,out=\([^,]*\),.*/\1/p')
		sed -i '/^4/d' "$counts"
		exit $code
	END
	chmod +x "$BATS_TEST_TMPDIR/qemu"
	PTBED_QEMU=$BATS_TEST_TMPDIR/qemu run "$PTBED" profile $KERNELS --runs=1 getppid
	exits 6
	says "run 1 executed"
	says "instructions as counted by address, but took"
	refute grep -q '^sum' <<<"$output"
}

@test "the plugin says why it cannot be loaded" {
	run qemu-system-x86_64 -accel tcg -smp 2 -display none -plugin "$PLUGIN,out=$BATS_TEST_TMPDIR/c,from=1,to=2"
	[ "$status" -ne 0 ]
	says "count.so: expected a machine with one virtual CPU"
	run qemu-system-x86_64 -accel tcg -display none -plugin "$PLUGIN,out=$BATS_TEST_TMPDIR/c"
	[ "$status" -ne 0 ]
	says "count.so: expected out=FILE,from=ADDRESS,to=ADDRESS"
	run qemu-system-x86_64 -accel tcg -display none -plugin "$PLUGIN,out=/nonexistent/c,from=1,to=2"
	[ "$status" -ne 0 ]
	says "count.so: cannot write /nonexistent/c"
}

@test "bad options: exit code 64; no symbols: exit code 6" {
	run "$PTBED" profile
	exits 64
	says "expected an operation"
	run "$PTBED" profile a/b
	exits 64
	says "'a/b' is no operation"
	PTBED_QEMU=/bin/false run "$PTBED" profile nonesuch
	exits 64
	says "no operation 'nonesuch'; expected one of "
	run "$PTBED" profile getppid exec
	exits 64
	says "unexpected argument 'exec'"
	run "$PTBED" profile --runs=0 getppid
	exits 64
	says "--runs is '0', expected a number from 1 to 101"
	run "$PTBED" profile --lines=no getppid
	exits 64
	says "--lines is 'no'"
	run "$PTBED" profile --stock=/nonexistent/bzImage getppid
	exits 64
	echo x >"$BATS_TEST_TMPDIR/bzImage"
	run "$PTBED" profile --stock="$BATS_TEST_TMPDIR/bzImage" --utrace="$BATS_TEST_TMPDIR/bzImage" getppid
	exits 6
	says "no symbols: "
	run make -n --no-print-directory -o tools -o deps profile OP='fork+exit+wait' ARGS=--lines=3
	says "profile --lines=3 'fork+exit+wait'"
}
