# proofs.bats - the book of long proofs: what counts as shown, what takes it back, what is run.

load common

bats_require_minimum_version 1.5.0

# A checkout with two kernels; its make says what it was asked for and ends as the file `code' says.
setup() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top MAKE=$BATS_TEST_TMPDIR/make
	P=$BATS_TEST_DIRNAME/../proofs.sh
	LOG=$PTBED_TOP/traces/soak/proofs.log
	mkdir -p "$PTBED_TOP"/{build/kernels/{stock,utrace},traces/soak,kernel-patches/6.12} \
		"$PTBED_TOP"/compat-tests/{tracers,answers}
	cd "$PTBED_TOP"
	kernel stock aaaaaaaaaaaaaaaa
	kernel utrace bbbbbbbbbbbbbbbb
	echo 1 | tee compat-tests/{tracers,answers}/a kernel-patches/6.12/series >/dev/null
	echo build >.gitignore
	git init -q .
	git config user.email a@b.c
	git config user.name a
	commit
	echo 0 >"$BATS_TEST_TMPDIR/code"
	printf '#!/bin/sh\necho "asked: $*, ${ONLY-all} ${ARGS-} ${MAKEFLAGS-}"\nexit $(cat %s/code)\n' "$BATS_TEST_TMPDIR" >"$MAKE"
	chmod +x "$MAKE"
}

kernel() {
	mkdir -p "$BATS_TEST_TMPDIR/store/$2"
	: >"$BATS_TEST_TMPDIR/store/$2/bzImage"
	ln -sf "$BATS_TEST_TMPDIR/store/$2/bzImage" "build/kernels/$1/bzImage"
}

commit() {
	git add -A
	git commit -q -m "a step" --allow-empty
}

@test "what nobody has shown is run and logged, and is shown then" {
	run "$P" --list tracers
	exits 1
	grep -E '^tracers +not shown  make tracers' <<<"$output"
	[ ! -e "$LOG" ]
	MAKEFLAGS=" -- ONLY=tracers" ONLY=tracers ARGS=--x run "$P" tracers
	exits 0
	says "asked: --no-print-directory tracers, all  "
	[ "$(cut -f2,4,5,7 "$LOG" | tail -n 1)" = $'tracers\taaaaaaaaaaaa\tbbbbbbbbbbbb\t0' ]
	[ "$(cut -f3 "$LOG" | tail -n 1)" = "$(git rev-parse --short=12 HEAD)" ]
	run "$P" tracers
	exits 0
	grep -E '^tracers +shown ' <<<"$output"
	refute grep -q asked <<<"$output"
	# a commit that has nothing to do with it, the log's own
	commit
	run "$P" --list tracers
	exits 0
	# all of them: the rest is not
	run "$P" --list
	exits 1
	[ "$(grep -c 'not shown' <<<"$output")" -eq $(($(grep -c . <<<"$output") - 1)) ]
}

@test "another kernel, a change of what it runs, a later failure: not shown" {
	"$P" tracers answers
	commit
	echo 2 >compat-tests/tracers/a
	commit
	run "$P" --list tracers
	exits 1
	run "$P" --list answers
	exits 0
	"$P" tracers
	kernel utrace cccccccccccccccc
	run "$P" --list tracers answers
	exits 1
	[ "$(grep -c 'not shown' <<<"$output")" -eq 2 ]
	kernel utrace bbbbbbbbbbbbbbbb
	run "$P" --list tracers answers
	exits 0
	# as if somebody had run it by hand
	printf 'x\tanswers\t%s\taaaaaaaaaaaa\tbbbbbbbbbbbb\t1\t2\n' "$(git rev-parse --short=12 HEAD)" >>"$LOG"
	run "$P" --list answers
	exits 1
}

@test "one that fails: 1, logged, and the next one is run" {
	echo 2 >"$BATS_TEST_TMPDIR/code"
	run "$P" tracers answers
	exits 1
	grep -E '^tracers +FAILED, 2' <<<"$output"
	grep -E '^answers +FAILED, 2' <<<"$output"
	[ "$(cut -f7 "$LOG" | tail -n +2 | paste -sd' ')" = "2 2" ]
	run "$P" --list answers
	exits 1
}

@test "what is not committed is not proved; bad names, no kernels" {
	echo 2 >compat-tests/tracers/a
	run "$P" tracers
	exits 64
	says "not committed"
	[ ! -e "$LOG" ]
	run "$P" answers
	exits 0
	run "$P" nonesuch
	exits 64
	says "nonesuch: no such proof; there are: compat "
	rm build/kernels/utrace/bzImage
	run "$P" --list
	exits 70
	says "build/kernels/utrace"
}

@test "every word is a target of make, every folder is there" {
	cd "$BATS_TEST_DIRNAME/../.."
	while IFS='|' read -r name folders words; do
		grep -q "^${words%% *}:" Makefile
		for f in $folders; do
			[ -e "$f" ]
		done
	done < <(sed -n '/^	cat <<-END/,/^	END/p' harness/proofs.sh | sed -n 's/^	\([a-z].*|.*|.*\)/\1/p')
}
