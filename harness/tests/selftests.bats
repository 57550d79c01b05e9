# selftests.bats - the kernel's selftests: built for both word sizes, run, compared; a bad list and bad usage.

load common

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg PTBED_TOP=$PWD SRC=$PWD
	export KERNEL=$PWD/build/kernels/stock/bzImage
	[ -e "$KERNEL" ] || "$PTBED" kernels stock >&2
}

selftests() {
	"$PTBED" selftests --stock="$KERNEL" --utrace="$KERNEL" "$@"
}

@test "one of them in both word sizes against the same kernel: the same" {
	run selftests --only='x86-syscall_arg_fault-*'
	exits 0
	grep -E '^x86-syscall_arg_fault-64 +[1-9][0-9]* lines .* same$' <<<"$output"
	grep -E '^x86-syscall_arg_fault-32 +[1-9][0-9]* lines .* same$' <<<"$output"
	says "selftests: SAME: 2 of 2 programs the same"
	grep -E '^stock: [1-9][0-9]* sub-results passed, 0 failed' <<<"$output"
	says "left out: seccomp/seccomp_benchmark: it measures times"
}

@test "bad usage and a bad list: 64 and 65; a program that does not build: 67" {
	run selftests --only=nonesuch
	exits 64
	says "no selftest fits 'nonesuch'; there are: "
	says "x86-syscall_arg_fault-64, x86-syscall_arg_fault-32"
	run selftests --only='x86-*,zz'
	exits 64
	says "no selftest fits 'zz'"
	run selftests stray
	exits 64
	export PTBED_TOP=$BATS_TEST_TMPDIR
	mkdir -p "$PTBED_TOP/compat-tests/selftests/include" "$PTBED_TOP/kernel-patches"
	# before anything is built
	echo "x86/iopl 64" >"$PTBED_TOP/compat-tests/selftests/list"
	run selftests --only=x86-iopl-32
	exits 64
	says "no selftest fits 'x86-iopl-32'; there are: x86-iopl-64"
	[ ! -e "$PTBED_TOP/build/selftests" ]
	mkdir -p "$PTBED_TOP/build/selftests"
	cp -al "$SRC"/build/selftests/headers-* "$PTBED_TOP/build/selftests/"
	echo "x86/iopl 16" >"$PTBED_TOP/compat-tests/selftests/list"
	run selftests
	exits 65
	says "list:1: '16', expected 64, 32, both or out"
	echo "x86/nonesuch 64" >"$PTBED_TOP/compat-tests/selftests/list"
	run selftests
	exits 67
	says "selftest x86/nonesuch does not build for 64 bits"
}
