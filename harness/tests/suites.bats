# suites.bats - suites of other projects: built once, compared test by test, what is tried again is told; bad usage.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg SRC=$PWD
	for k in stock utrace; do
		[ -e "build/kernels/$k/bzImage" ] || PTBED_TOP=$PWD "$PTBED" kernels "$k" >&2
	done
	export STOCK=$PWD/build/kernels/stock/bzImage UTRACE=$PWD/build/kernels/utrace/bzImage
}

# A checkout, and a store, whose strace has four tests.
setup() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top XDG_CACHE_HOME=$BATS_TEST_TMPDIR/store
	S=$PTBED_TOP/compat-tests/suites
	mkdir -p "$S" "$PTBED_TOP/build/guest" "$PTBED_TOP/kernel-patches"
	ln -s "$SRC/vm-images" "$PTBED_TOP/vm-images"
	ln -s "$SRC"/build/guest/* "$PTBED_TOP/build/guest/"
	ln -s "$SRC/compat-tests/engines" "$PTBED_TOP/compat-tests/engines"
	cp "$SRC"/compat-tests/suites/{lib.sh,strace-64.sh,source.sh} "$S"
	echo "file /suites/lib.sh compat-tests/suites/lib.sh 0644" >"$S/tools.list"
	echo "exit 0" >"$S/fine"
	cat >"$S/strace-build.sh" <<-'END'
	#!/bin/sh
	cd "$1" && mkdir -p pack/tests && cd pack/tests || exit 1
	printf '#!/bin/sh\nexec "$@"\n' >run.sh
	cp "$(dirname "$0")/fine" fine.test
	echo 'exit 77' >left-out.gen.test
	echo 'echo this is broken; exit 1' >broken.test
	echo '[ -e was ] && exit 0; echo >was; exit 1' >late.gen.test
	chmod +x run.sh ./*.test
	printf '%s\n' fine left-out.gen broken late.gen >list
	sed -i '1i #!/bin/sh' ./*.test
	for b in 64 32 x32; do tar -C .. -cf ../../strace-$b.tar .; done
	END
	chmod +x "$S"/*.sh
	cd "$PTBED_TOP"
}

suites() {
	"$PTBED" suites --stock="$STOCK" --utrace="${OTHER:-$UTRACE}" "$@"
}

@test "built once and run on both kernels: the same, what fails on both, what was tried again" {
	run suites --only=strace-64 --verbose
	exits 0
	says "building the tests of strace"
	# four tests and how the script ended
	grep -E '^strace-64 +5 lines .* same$' <<<"$output"
	says "stock: 2 sub-results passed, 1 failed, 1 skipped"
	says "utrace: 2 sub-results passed, 1 failed, 1 skipped"
	says "with failures on stock: strace-64"
	says "failed at first, on stock: strace-64/late"
	says "failed at first, on utrace: strace-64/late"
	grep -x 'ok 2 - left-out # SKIP' build/suites/stock/strace-64.txt
	grep -x 'not ok 3 - broken' build/suites/utrace/strace-64.txt
	run suites --only=strace-64 --tests='f*' --verbose
	exits 0
	[[ $output != *building* ]]
	says "stock: 1 sub-results passed, 0 failed, 0 skipped"
	[[ $output != *"failed at first"* ]]
	run suites --tests='none*'
	exits 64
	says "no test fits 'none*'"
}

@test "a test that fails on one kernel only is named" {
	echo 'case $(uname -r) in *utrace*) exit 1 ;; esac' >"$S/fine"
	run suites
	exits 1
	says "-ok 1 - fine"
	says "+not ok 1 - fine"
	says "suites: DIFFERS: 0 of 1 programs the same"
}

@test "a suite that cannot be fetched, or built: 69 and 67, and the log is named; nothing half is kept" {
	printf '#!/bin/sh\necho no network\nexit 69\n' >"$S/strace-build.sh"
	run suites
	exits 69
	says "the tests of strace cannot be fetched; see $PTBED_TOP/build/suites/strace.log"
	grep -x "no network" build/suites/strace.log
	printf '#!/bin/sh\n>"$1/strace-64.tar"\n' >"$S/strace-build.sh"
	run suites
	exits 67
	says "the tests of strace do not build"
	[ -z "$(find "$XDG_CACHE_HOME" -name 'strace-64.tar' -path '*strace-*[0-9a-f]/*')" ]
}

@test "a script that dies is no result, even if it does so on both kernels" {
	printf '#!/bin/sh\n# strace-64.sh - dies.\n# seconds: 60\necho "ok 1 - fine"\nexit 1\n' >"$S/strace-64.sh"
	run suites
	exits 6
	says "strace-64 did not come to its end on "
}

@test "bad usage" {
	run suites --only=nonesuch
	exits 64
	says "no script of compat-tests/suites fits 'nonesuch'"
	run suites --tests='a b'
	exits 64
	says "--tests: 'a b', expected a pattern without blanks"
	run suites stray
	exits 64
}

@test "a source package that the archive does not have: 69, and which" {
	mkdir bin
	printf '#!/bin/sh\necho "apt-get $*" >>%s/calls\ncase "$*" in *source*) exit 100; esac\n' "$PWD" >bin/apt-get
	chmod +x bin/apt-get
	PATH=$PWD/bin:$PATH run "$S/source.sh" strace 0.1 there
	exits 69
	says "strace 0.1 cannot be fetched"
	grep -q 'source .*strace=0.1' calls
	# it says so itself, and leaves nothing behind
	[ ! -e there ]
	[ -z "$(ls -d apt-* 2>/dev/null)" ]
}
