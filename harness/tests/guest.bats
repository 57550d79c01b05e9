# guest.bats - the guest's image, and the commands that give a person a guest: shell, gdb, replay.

load common

bats_require_minimum_version 1.5.0

setup_file() {
	export SRC=$PWD PTBED=$PWD/build/ptbed PTBED_ACCEL=tcg
	export KERNEL=$PWD/build/kernels/stock/bzImage
	[ -e "$KERNEL" ] || "$PTBED" kernels stock >&2
}

setup() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top TMPDIR=$BATS_TEST_TMPDIR
	mkdir -p "$PTBED_TOP/kernel-patches" "$PTBED_TOP/compat-tests/scenarios/t" "$PTBED_TOP/build"
	cp -r "$SRC/vm-images" "$PTBED_TOP/vm-images"
	ln -s "$SRC/build/guest" "$PTBED_TOP/build/guest"
	cd "$PTBED_TOP"
}

# No guest and no private directory of this test is left.
nothing_left() {
	sleep 0.2
	refute pgrep -af "$BATS_TEST_TMPDIR"
	[ -z "$(ls -d "$TMPDIR"/ptbed-* 2>/dev/null)" ]
}

@test "the image is the same in each build" {
	"$PTBED" image
	cp build/image/base.cpio one
	rm -r build/image
	touch vm-images/etc/passwd
	"$PTBED" image
	cmp one build/image/base.cpio
	[ "$(cpio -t --quiet <one | grep -c '^init$')" -eq 1 ]
}

@test "a wrong line of the image's list: exit code 67, file, line and what was expected" {
	echo 'file /bin/x' >>vm-images/image.list
	run "$PTBED" image
	[ "$status" -eq 67 ]
	says "vm-images/image.list:$(wc -l <vm-images/image.list): expected file DEST SOURCE MODE"
}

@test "a missing program of the guest: exit code 67 and its name" {
	echo 'file /bin/x build/guest/nonesuch 0755' >>vm-images/image.list
	run "$PTBED" image
	[ "$status" -eq 67 ]
	says "cannot read build/guest/nonesuch"
	says "make image"
}

@test "shell: commands from a pipe wait for the prompt, their end ends the guest" {
	run timeout 300 "$PTBED" shell --icount "$KERNEL" < <(printf 'echo answer-$((40+2)); uname -r\ncat\nto cat\n')
	says "answer-42"
	says "-stock"
	[ "$(grep -c '^to cat' <<<"$output")" -eq 2 ]	# typed, and printed by cat
	[ "$status" -eq 0 ]
	nothing_left
}

@test "shell: exit ends it, whatever comes after; so does the end of who reads" {
	run timeout 300 "$PTBED" shell --icount "$KERNEL" < <(printf 'exit\n'; sleep 2; yes 'echo answer-$((40+2))')
	[ "$status" -eq 0 ]
	refute grep -q answer-42 <<<"$output"
	run timeout 300 bash -c '"$0" shell --icount "$1" < <(yes) | head -1' "$PTBED" "$KERNEL"
	[ "$status" -eq 0 ]
	nothing_left
}

@test "shell: a line that is not ended is a command, a command of several lines one" {
	run timeout 300 "$PTBED" shell --icount "$KERNEL" < <(printf 'for i in 1 2; do\necho a-$i-b\ndone\necho $((6*7))-42')
	says "a-1-b"
	says "a-2-b"
	says "42-42"
	[ "$status" -eq 0 ]
	nothing_left
}

@test "shell: on a terminal" {
	run timeout 300 script -qec "'$PTBED' shell '$KERNEL'" /dev/null < <(
		# the port drops what comes before the shell: a line of which no part but the whole has an exit
		for i in $(seq 60); do
			sleep 1
			printf '\ne=xit; echo answer-$((40+2)); e$e\n'
		done)
	says "answer-42"
	[ "$status" -eq 0 ]
	nothing_left
}

@test "shell: an unknown kernel is bad usage" {
	run "$PTBED" shell nonesuch
	[ "$status" -eq 64 ]
	says "nonesuch"
	run "$PTBED" shell
	[ "$status" -eq 64 ]
}

@test "gdb: stops at start_kernel, with symbols" {
	run timeout 300 "$PTBED" gdb "$KERNEL" -- -batch -ex bt
	[ "$status" -eq 0 ]
	says "start_kernel ()"
	says "x86_64_start_kernel"
	nothing_left
}

@test "replay: the same trace to the last byte, from the middle of a boot" {
	cat >compat-tests/scenarios/t/race.scn <<-'END'
		title    Two stop signals race with INTERRUPT
		ids      A1
		outcome  racy
		param    how = interrupt cont

		roles
		  T   tracer
		  P   tracee
		  O   outsider
		  Q   outsider

		steps
		  T                    | P        | O              | Q
		  need seize P         |          |                |
		  nop >go              |          | <go            | <go
		  interrupt P          |          | kill P SIGSTOP | kill P SIGCONT
		  wait P               |          |                |
		  cont P               |          |                |
		  if $how == interrupt
		  interrupt P          |          |                |
		  wait P               |          |                |
		  end
		                       | pause    |                |
	END
	"$PTBED" compare --repeats=3,16 "$KERNEL" "$KERNEL" >out 2>&1 || true
	grep -q '"seed"' traces/latest/B/boots.jsonl
	# the last two outcomes that were first seen in a counted boot
	trace=traces/latest/B/t/race.trace
	n=0
	while read -r _ _ _ _ _ hash _ where; do
		n=$((n + 1))
		run --separate-stderr timeout 300 "$PTBED" replay -r traces/latest/B "$KERNEL" \
			't/race[how=interrupt]' "$where"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[ "$(printf '%s\n' "$output" | sha256sum | cut -c1-16)" = "$hash" ]
	done < <(sed -n '/^case t\/race\[how=interrupt\]/,/^outcome/p' $trace |
		grep '^seen.* icount:' | tail -2)
	[ "$n" -ge 1 ]
}

@test "replay: nonsense is bad usage" {
	printf 'title T\nids A1\noutcome exact\n\nroles\n  T tracer\n\nsteps\n  T\n  nop\n' \
		>compat-tests/scenarios/t/x.scn
	for where in 7 icount:1 icount:x:0 smp:1:2:3 warp:1:2; do
		run "$PTBED" replay "$KERNEL" t/x "$where"
		[ "$status" -eq 64 ]
		says "expected icount:SEED:REPEAT"
	done
	run "$PTBED" replay "$KERNEL" t/nonesuch icount:1:0
	[ "$status" -eq 64 ]
	says "t/nonesuch"
}

# ordered NAME STEP: a case in which one column asks and posts, and the other answers by STEP.
ordered() {
	cat >"compat-tests/scenarios/t/$1.scn" <<-END
	title    The second column marks before the first ends it
	ids      K1
	outcome  exact
	roles
	  O   outsider
	  P   tracee
	steps
	  O                   | P
	                      | $2
	  await-rest O        |
	  $3kill P SIGKILL    |
	  await-gone P        |
	END
}

@test "laggards: an order that no edge forces is found, one that is forced is not" {
	ordered loose 'mark there' ''
	ordered tight 'mark there >marked' '<marked '
	run timeout 120 "$PTBED" laggards --kernel="$KERNEL" --only='t/loose'
	[ "$status" -ne 0 ]
	says "NOT EXACT  t/loose"
	says "mark there"
	run timeout 120 "$PTBED" laggards --kernel="$KERNEL" --only='t/tight'
	refute says "NOT EXACT"
	says "1 exact"
}
