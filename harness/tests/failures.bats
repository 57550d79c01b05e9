# failures.bats - what breaks is named, what was complete is kept, the rest goes on, nothing is left running.
#
# Most tests let harness/tests/fake-qemu.c play a guest that breaks as told;
# the last ones break a real one.

load common

setup_file() {
	make_fakes
	export PTBED_ACCEL=tcg
}

setup() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top FAKE_STATE=$BATS_TEST_TMPDIR/state
	export PTBED_QEMU=$FAKES/fake-qemu PTBED_SILENCE=2
	unset FAKE FAKE_KERNEL FAKE_CPUS
	mkdir -p "$FAKE_STATE"
	checkout "$PTBED_TOP"
	cd "$PTBED_TOP"
}

compat() {
	"$PTBED" compat --stock "$FAKES/stock.bz" --utrace "$FAKES/utrace.bz" --no-baseline \
		--repeats=3,12 "$@"
}

# No QEMU of this test is alive, no work file left.
nothing_left() {
	sleep 0.2
	refute pgrep -af "$PTBED_TOP"
	[ -z "$(find traces -name work -o -name '*.initrd' -o -name '*.frames')" ]
}

# Sends signal $1 to a QEMU whose guest is past its boot and has begun to send
# results: one that did not boot has no case to name and is tried again.
signal_in_mid_run() {
	local i work qemu fd
	for i in $(seq 1200); do
		for work in $(find traces -name '*.frames' 2>/dev/null); do
			qemu=$(pgrep -f "qemu-system-x86_64.*/${work#traces/}") || continue
			for fd in "/proc/$qemu/fd/"*; do
				[[ $(readlink "$fd") == /memfd:ptbed-results* ]] || continue
				# its first page is a number, results begin behind it
				[ "$(stat -Lc %b "$fd" 2>/dev/null)" -gt 16 ] && kill -"$1" "$qemu" && return
			done
		done
		sleep 0.1
	done
	echo "no guest sent results in 120 seconds"
	return 1
}

# Every case has all its repeats on both kernels.
complete() {
	local a
	for a in stock utrace; do
		[ "$(grep -h '^total' traces/latest/$a/t/*.trace | awk '{n += $2} END {print n}')" -eq 24 ]
	done
}

@test "a run without trouble is SAME and leaves nothing but traces" {
	run compat
	exits 0
	says "SAME"
	complete
	nothing_left
}

@test "results come by memory, and through the port when that is full" {
	FAKE_WINDOW=1000000 run compat
	exits 0
	complete
	# HELLO fits, most does not
	FAKE_WINDOW=2000 run compat
	exits 0
	says "SAME"
	complete
	# and a frame that is cut off there
	FAKE_WINDOW=1000000 FAKE='truncate:t/race:once' FAKE_KERNEL=utrace run compat
	exits 0
	says "broken result channel"
	complete
	nothing_left
}

@test "panic: the case is named, the console shown, the rest is complete, exit code 4" {
	FAKE='panic:t/stop\[how=seize,sig=SIGUSR1\]' FAKE_KERNEL=utrace run compat
	exits 4
	says "PANIC"
	says "t/stop[how=seize,sig=SIGUSR1]"
	says "Kernel panic - not syncing: Attempted to kill init!"
	says "given up on utrace"
	# three other exact cases and the racy one, on the kernel that panicked
	[ "$(grep -h '^total' traces/latest/utrace/t/*.trace | awk '{n += $2} END {print n}')" -eq 21 ]
	nothing_left
}

@test "a panic that does not come again costs no result, but is the verdict" {
	FAKE='panic:t/race:once' FAKE_KERNEL=utrace run compat
	exits 4
	complete
	nothing_left
}

@test "oops: its report is shown from the first line" {
	FAKE='oops:t/race' FAKE_KERNEL=utrace run compat
	exits 4
	says "BUG: kernel NULL pointer dereference"
	says "t/race"
}

@test "kernel warning, lockdep, KASAN, RCU stall: exit code 3, the case is named, the run goes on" {
	for what in splat lockdep kasan stall; do
		FAKE="$what:t/race" FAKE_KERNEL=utrace run compat
		exits 3
		says "SPLAT"
		says "t/race"
		complete
	done
	says "rcu_preempt self-detected stall"
}

@test "other kernel messages are no report" {
	FAKE='chatter:*' run compat
	exits 0
}

@test "stuck guest: registers and task states are shown, exit code 5, the rest goes on" {
	FAKE='hang:t/race:once' FAKE_KERNEL=utrace run compat
	exits 5
	says "STUCK"
	says "t/race"
	complete
	grep -q 'RIP=ffffffff81000000' traces/latest/utrace/console/boot-*.log
	grep -q 'task:fake-tracee' traces/latest/utrace/console/boot-*.log
	grep -q 'RIP=ffffffff81000000' traces/latest/summary.json
	nothing_left
}

@test "stuck guest whose monitor is dead too is killed" {
	FAKE='deaf:t/race:once' FAKE_KERNEL=utrace run compat
	exits 5
	complete
	nothing_left
}

@test "a kernel that never says HELLO is given up after three boots, the other one is complete" {
	FAKE='reboot' FAKE_KERNEL=utrace run compat
	exits 6
	says "this kernel is given up"
	# a fourth may have been under way
	n=$(ls traces/latest/utrace/console | grep -c boot-)
	[ "$n" -ge 3 ]
	[ "$n" -le 4 ]
	[ "$(grep -h '^total' traces/latest/stock/t/*.trace | awk '{n += $2} END {print n}')" -eq 24 ]
	nothing_left
}

@test "a kernel that panics before HELLO each time is a PANIC" {
	FAKE='panic' FAKE_KERNEL=utrace run compat
	exits 4
	says "3 boots in a row panicked before the guest said HELLO"
	says "Attempted to kill init"
}

@test "one boot that panics before HELLO is run again, and a PANIC all the same" {
	FAKE='panic::once' FAKE_KERNEL=utrace run compat
	exits 4
	says "Attempted to kill init"
	complete
}

@test "one boot that meets a breakpoint of TCG's before HELLO is run again and no verdict" {
	FAKE='int3::once' FAKE_KERNEL=utrace run compat
	exits 0
	complete
}

@test "a report of a boot that ends before HELLO is a SPLAT, though another makes up for the boot" {
	FAKE='early::once;reboot::once' FAKE_KERNEL=utrace run compat
	exits 3
	says "kernel/early.c:1"
	says "boots, 1 lost"
	complete
	# what came before a breakpoint of TCG's, but not that itself
	rm "$FAKE_STATE"/*
	FAKE='early::once;int3::once' FAKE_KERNEL=utrace run compat
	exits 3
	[ "$(grep -c '"kind": "splat"' traces/latest/summary.json)" -eq 1 ]
	complete
}

@test "a report at boot, or behind the last case, is a SPLAT though no case had it" {
	FAKE='early' FAKE_KERNEL=utrace run compat
	exits 3
	says "kernel/early.c:1"
	complete
	FAKE='late::once' FAKE_KERNEL=stock run compat
	exits 3
	says "slab-use-after-free in late"
	complete
	# what a case had, and the console has too, is said once
	FAKE='splat:t/race' FAKE_KERNEL=utrace run compat
	exits 3
	[ "$(grep -c '"kind": "splat"' traces/latest/summary.json)" -eq 1 ]
}

@test "a panic when everything was sent is a PANIC, and nothing is lost" {
	FAKE='panic-bye::once' FAKE_KERNEL=utrace run compat
	exits 4
	says "after everything"
	complete
	[ "$(grep -c '"kind": ' traces/latest/summary.json)" -eq 1 ]
}

@test "a stuck guest that prints without end is ended" {
	FAKE='babble:t/race:once' FAKE_KERNEL=utrace PTBED_SILENCE=0.3 run timeout 100 \
		"$PTBED" compat --stock "$FAKES/stock.bz" --utrace "$FAKES/utrace.bz" \
		--no-baseline --repeats=3,12
	exits 5
	says "t/race"
	nothing_left
}

@test "guests without high-resolution timers are refused; counted results stay" {
	FAKE='lowres' FAKE_CPUS=2 run compat
	exits 6
	says "no high-resolution timers"
	says "boots with several CPUs are given up"
	n=$(grep -h '^total' traces/latest/stock/t/*.trace | awk '{n += $2} END {print n}')
	[ "$n" -ge 17 ]
	[ "$n" -lt 24 ]
}

@test "interpreter crash: exit code 6, the case and the reason are named" {
	FAKE='error:t/race' FAKE_KERNEL=utrace run compat
	exits 6
	says "interpreter: killed by SIGSEGV"
	says "t/race"
	nothing_left
}

@test "interpreter crash that does not come again: the case is run again, and the verdict says so" {
	FAKE='error:t/race:once' run compat
	exits 6
	says "interpreter: killed by SIGSEGV"
	complete
}

@test "killed QEMU: what ran is named and run again, nothing is lost" {
	FAKE='die:t/race:once' FAKE_KERNEL=utrace run compat
	exits 0
	says "QEMU"
	says "t/race"
	complete
	nothing_left
}

@test "QEMU that cannot start: its own message is shown" {
	FAKE='fail' run compat
	exits 6
	says "could not set up a device"
}

@test "truncated, corrupt and incomplete result channel: good results are kept, the others run again" {
	for what in truncate badcrc lose garbage; do
		rm -f "$FAKE_STATE"/*
		FAKE="$what:t/race:once" FAKE_KERNEL=utrace run compat
		exits 0
		says "broken result channel"
		complete
	done
	nothing_left
}

@test "a channel that stays corrupt is UNTESTED, never SAME" {
	FAKE='badcrc:t/race' FAKE_KERNEL=utrace run compat
	exits 6
	says "wrong checksum"
}

@test "results of another job are not believed" {
	FAKE='nonce' FAKE_KERNEL=utrace run compat
	exits 6
	says "another job"
}

@test "full disk: exit code 71, says so, keeps what was complete" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here"
	mkdir -p traces
	FAKE='fill:t/stop*SIGUSR2*:once' run unshare -rm bash -c '
		mount -t tmpfs -o size=24m none traces || exit 99
		"$@"
		code=$?
		ls traces/runs/*/stock/t/*.trace
		grep "\"exit\": 71" traces/runs/*/summary.json
		grep "^not ok .* - the run as such" traces/runs/*/results.tap
		exit $code' - "$PTBED" compat --stock "$FAKES/stock.bz" --utrace "$FAKES/utrace.bz" \
		--no-baseline --jobs=1
	[ "$status" -ne 99 ] || skip "cannot mount a tmpfs here"
	exits 71
	says "No space left on device"
	says "stop.trace"
	says "SYSTEM: the host failed the testbed"
	says '"exit": 71'
	says "not ok 6 - the run as such"
}

@test "traces/latest is no link: exit code 71 before any guest; if it comes meanwhile the table is printed" {
	mkdir -p traces/latest
	run compat
	exits 71
	says "traces/latest is no symbolic link"
	[ ! -e traces/runs ]
	rmdir traces/latest
	FAKE='slow:t/stop*' compat >out 2>&1 &
	for i in $(seq 100); do
		[ -n "$(ls traces/runs 2>/dev/null)" ] && break
		sleep 0.1
	done
	mkdir traces/latest
	wait $! && return 1
	run cat out
	says "SAME: "
	says "cannot point "
}

@test "Ctrl-C: exit code 130, results are kept, nothing runs on" {
	export FAKE='slow:t/race' FAKE_KERNEL=utrace
	compat --repeats=3,1000 >out 2>&1 &
	for i in $(seq 100); do
		[ -n "$(find traces -name '1-*.frames' -size +1k 2>/dev/null)" ] && break
		sleep 0.1
	done
	kill -INT "$(cat build/lock)"
	wait $! || status=$?
	output=$(cat out)
	exits 130
	says "INTERRUPTED"
	says "t/race was running"
	grep -q '^outcome' traces/latest/utrace/t/race.trace
	nothing_left
}

@test "SIGINT to the whole foreground group, as a terminal sends it" {
	export FAKE='slow:t/race'
	run timeout --foreground --preserve-status -s INT 3 "$PTBED" compat --stock "$FAKES/stock.bz" \
		--utrace "$FAKES/utrace.bz" --no-baseline --repeats=3,1000
	exits 130
	says "INTERRUPTED"
	nothing_left
}

@test "kill -9 of the harness takes QEMU along" {
	export FAKE='slow:t/race'
	compat --repeats=3,1000 >out 2>&1 &
	for i in $(seq 100); do
		[ -n "$(find traces -name '*.frames' -size +1k 2>/dev/null)" ] && break
		sleep 0.1
	done
	pgrep -f "$FAKES/fake-qemu.*$PTBED_TOP" >/dev/null
	kill -KILL "$(cat build/lock)"
	sleep 0.5
	refute pgrep -af "$FAKES/fake-qemu.*$PTBED_TOP"
	# and the checkout is free again, and clean after the next run
	unset FAKE
	run compat
	exits 0
	nothing_left
}

@test "two runs at once: the second ends with exit code 70 and names the first" {
	FAKE='slow:t/race' compat --repeats=3,100 >out 2>&1 &
	for i in $(seq 100); do
		[ -s build/lock ] && break
		sleep 0.05
	done
	run compat
	exits 70
	says "another run works in this checkout"
	says "pid $(cat build/lock)"
	kill -TERM "$(cat build/lock)"
	wait $! || true
	nothing_left
}

@test "an image that is built meanwhile is for the next run: all boots of this one have the same" {
	FAKE='slow:t/race' compat --repeats=3,60 --boots=12 --jobs=1 >out 2>&1 &
	for i in $(seq 200); do
		[ -s "$FAKE_STATE/images" ] && break
		sleep 0.05
	done
	# as `make image' does: another file under the old name
	{ cat build/image/base.cpio; head -c 65536 /dev/zero; } >build/image/new
	mv build/image/new build/image/base.cpio
	wait $!
	[ "$(wc -l <"$FAKE_STATE/images")" -ge 12 ]
	[ "$(sort -u "$FAKE_STATE/images" | wc -l)" -eq 1 ]
	nothing_left
}

@test "KVM is tried once by a boot of its own, TCG is the fallback, the summary says which" {
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || skip "no /dev/kvm here"
	unset PTBED_ACCEL
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	FAKE='nokvm' run compat
	exits 0
	says "Accelerator: TCG"
	FAKE='nokvm' run compat
	exits 0
	[ "$(wc -l <"$FAKE_STATE/kvm")" -eq 1 ]
	# where it works it is used
	rm -r "$XDG_CACHE_HOME"
	run compat
	exits 0
	says "KVM"
	[ "$(wc -l <"$FAKE_STATE/kvm")" -gt 3 ]
}

@test "no QEMU: exit code 6" {
	PTBED_QEMU=/nonexistent/qemu run compat
	exits 6
	says "cannot run /nonexistent/qemu"
}

@test "no network is needed" {
	unshare -rn true 2>/dev/null || skip "no user namespaces here"
	run unshare -rn "$PTBED" compat --stock "$FAKES/stock.bz" --utrace "$FAKES/utrace.bz" --no-baseline
	exits 0
}

@test "a difference is exit code 1 and named" {
	FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=utrace run compat
	exits 1
	says "DIFFERS"
	says "t/stop[how=seize,sig=SIGUSR1]"
}

# reports CODE WORD: exit code and word in summary.json, and that TAP and JUnit fail exactly when it does.
reports() {
	python3 - "$@" <<-'END'
		import json, sys, xml.dom.minidom
		d = "traces/latest/"
		j = json.load(open(d + "summary.json"))
		assert j["exit"] == int(sys.argv[1]) and j["verdict"] == sys.argv[2], (j["exit"], j["verdict"])
		x = xml.dom.minidom.parse(d + "junit.xml")
		bad = len(x.getElementsByTagName("failure")) + len(x.getElementsByTagName("error"))
		tap = open(d + "results.tap").read().splitlines()
		fails = sum(l.startswith("not ok ") for l in tap)
		assert tap[1] == "1..%d" % sum(l.startswith(("ok ", "not ok ")) for l in tap)
		assert (bad > 0) == (fails > 0) == (j["exit"] != 0), (bad, fails)
		assert len(x.getElementsByTagName("testcase")) == j["counts"]["cases"] + 1
	END
}

@test "a racy difference that chance cannot explain is exit code 1 and named" {
	FAKE='differ:t/race' FAKE_KERNEL=utrace run compat --repeats=3,20
	exits 1
	says "DIFFERS  t/race"
	says "racy, shown 20 of 20 on utrace, 0 of 20 on stock, chance < 1e-12"
	says "5 cases: 4 same, 1 DIFFER"
	reports 1 DIFFERS
	grep -q '^not ok [0-9]* - t/race$' traces/latest/results.tap
	grep -q '^  why: ".*racy, shown 20 of 20 on utrace, .*; racy, shown 20 of 20 on stock, 0 of 20 on utrace, chance < 1e-12"$' \
		traces/latest/results.tap
	python3 - <<-'END'
		import json
		c, = [c for c in json.load(open("traces/latest/summary.json"))["cases"] if c["name"] == "t/race"]
		assert c["verdict"] == "DIFFERS" and c["failed"]
		assert [(k["only_on"], k["count"], k["of"], k["absent_in"], k["gates"]) for k in c["candidates"]] == \
			[("utrace", 20, 20, 20, True), ("stock", 20, 20, 20, True)]
		assert all(-12.1 < k["log10_chance"] < -12 for k in c["candidates"])
	END
	run "$PTBED" failed
	says "t/race  # DIFFERS"
}

@test "a racy difference of few repeats gets more of them, of both kinds" {
	FAKE='differ:t/race' FAKE_KERNEL=utrace run compat --repeats=3,4
	exits 1
	says "racy, shown 64 of 64 on utrace, 0 of 64 on stock"
	# four boots as planned, and four more on each kernel
	says "boots 16"
	run compat --repeats=3,4
	exits 0
	refute grep -q "boots 16" <<<"$output"
}

@test "a racy difference that stays rare may be chance: exit code 0, and the last line has their number" {
	FAKE='differ:t/race:once' FAKE_KERNEL=utrace run compat --repeats=3,4
	exits 0
	says "boots 16"
	says "5 cases: 4 same, 1 UNRESOLVED (not gating)"
	[ "${lines[-1]}" = "SAME: every compared case is the same on both kernels, but 1 UNRESOLVED" ]
	reports 0 SAME
	rm -rf "$FAKE_STATE"/*
	FAKE='differ:t/race:once' FAKE_KERNEL=utrace run compat --repeats=3,4 --strict-racy
	exits 2
	reports 2 UNRESOLVED
}

@test "what belongs to no case fails TAP and JUnit, too" {
	FAKE=early FAKE_KERNEL=utrace run compat
	exits 3
	says "5 cases: 5 same"
	reports 3 SPLAT
	grep -qx 'not ok 6 - the run as such' traces/latest/results.tap
}

@test "two arms that are one kernel: said" {
	run compat
	exits 0
	says "Both arms have the same bzImage"
	echo other >other.bz
	run "$PTBED" compare "$FAKES/stock.bz" other.bz --repeats=1,1
	exits 0
	says "Both arms have the same release"
}

@test "a scenario file with an unknown verb: exit code 65, file, line and column" {
	sed -i 's/cont P SIGKILL/conk P SIGKILL/' compat-tests/scenarios/t/stop.scn
	run compat
	exits 65
	says "compat-tests/scenarios/t/stop.scn:23:"
	says "conk"
	says "expected"
}

@test "bad usage: exit code 64" {
	run compat --repeats=none
	exits 64
	says "--repeats"
	run compat --only='no/such/*'
	exits 64
	says "no/such/*"
	run "$PTBED" compat --stock /nonexistent/bzImage
	exits 64
	says "/nonexistent/bzImage"
	run "$PTBED" frobnicate
	exits 64
	says "frobnicate"
}

@test "runs with the same seed run the same repeats in the same boots" {
	compat --seed=5 >/dev/null
	# in which order boots begin depends on what else runs
	sort traces/latest/stock/boots.jsonl >one
	compat --seed=5 >/dev/null
	sort traces/latest/stock/boots.jsonl | cmp one -
	compat --seed=6 >/dev/null
	refute cmp -s one <(sort traces/latest/stock/boots.jsonl)
	# two arms never share a seed
	[ -z "$(grep -o '"seed":"[^"]*"' traces/latest/*/boots.jsonl -h | sort | uniq -d)" ]
}

# From here on with real guests.

real() {
	STOCK=$SRC/build/kernels/stock/bzImage UTRACE=$SRC/build/kernels/utrace/bzImage
	if [ ! -e "$STOCK" ] || [ ! -e "$UTRACE" ]; then
		PTBED_TOP=$SRC "$PTBED" kernels >&2
	fi
	unset PTBED_QEMU PTBED_SILENCE
}

# A guest whose interpreter really crashes, with an illegal instruction where function $1 begins.
broken_interpreter() {
	local address text offset
	rm build/guest
	cp -r "$SRC/build/guest" build/guest
	address=$(nm build/guest/interp64 | sed -n "s/^0*\([0-9a-f]*\) [Tt] $1\$/\1/p")
	read -r address text offset < <(readelf -SW build/guest/interp64 | sed -n "s/.* \.text *PROGBITS *\([0-9a-f]*\) \([0-9a-f]*\) .*/0x$address 0x\1 0x\2/p")
	printf '\x0f\x0b' | dd of=build/guest/interp64 bs=1 conv=notrunc status=none \
		seek=$((address - text + offset))
}

# crash CASE TEXT: of a third scenario only CASE crashes, in its middle, and TEXT says how.
crash() {
	cat >compat-tests/scenarios/t/crash.scn <<-'END'
		title    The interpreter crashes while a tracee is held
		ids      S1
		outcome  exact
		param    who = actor watcher nobody

		roles
		  T   tracer
		  P   tracee

		steps
		  T                    | P
		  <up need seize P     | nop >up
		  if $who == actor
		  mark boom            |
		  elif $who == watcher
		  freeze P             |
		  thaw P               |
		  end
		  interrupt P          |
		  wait P               |
	END
	run "$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" --no-baseline --repeats=3,12
	exits 6
	[ "$(grep '^UNTESTED  t/' <<<"$output")" = "UNTESTED  t/crash[who=$1]" ]
	says "testbed error in the guest on stock"
	says "testbed error in the guest on utrace"
	says "$2"
	says "trap invalid opcode"
	says "t/crash[who=$1]: gave no result, nor when it was run again in a fresh boot"
	# seven other cases have all their results; the race may have got more of them
	for a in stock utrace; do
		[ "$(grep -h '^total' traces/latest/$a/t/*.trace | awk '{n += $2} END {print n}')" -ge 30 ]
	done
	nothing_left
}

@test "real: the interpreter crashes in an actor: exit code 6; case, role, step and signal are named" {
	real
	broken_interpreter v_mark
	crash actor 'interpreter crash: T, line 14, `mark boom`, tid 100002: killed SIGILL'
}

@test "real: the interpreter crashes in its watcher: the same" {
	real
	broken_interpreter thaw
	crash watcher "the watcher died of signal 4"
}

@test "real: kill -9 of QEMU in mid-run is recovered from" {
	real
	"$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" --no-baseline --repeats=3,400 >out 2>&1 &
	signal_in_mid_run KILL
	wait $! || code=$?
	output=$(cat out) status=${code:-0}
	exits 0
	says "recovered"
	says "QEMU was killed by Killed"
	# the moment is chance: where it fell is told, in a case or behind one
	grep -Eq '^  (in|\| between cases, after) t/(stop|race)' out
	nothing_left
}

@test "real: a kernel that panics at boot is a PANIC, with its console" {
	real
	run "$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" --no-baseline --repeats=1,4 \
		--append=rdinit=/nonexistent
	exits 4
	says "Kernel panic - not syncing: VFS: Unable to mount root fs"
	says "mount_root_generic"
	[ "$(grep -h '^total' traces/latest/stock/t/*.trace | awk '{n += $2} END {print n}')" -eq 8 ]
	nothing_left
}

@test "real: a guest that hangs shows registers and task states" {
	real
	export PTBED_SILENCE=12
	run "$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" --no-baseline --repeats=1,4 \
		--only='t/stop*seize*USR1*' --append='rdinit=/bin/sh -- -c "while :; do :; done"'
	exits 6
	says "task:sh"
	grep -q 'no sign of life' traces/latest/summary.json
	grep -q '^RIP=\|RIP=[0-9a-f]*' traces/latest/utrace/console/boot-0.log
	grep -q 'task:sh ' traces/latest/utrace/console/boot-0.log
	nothing_left
}

@test "real: a QEMU that was stopped counts as stuck and is ended" {
	real
	export PTBED_SILENCE=15
	"$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" --no-baseline --repeats=3,400 >out 2>&1 &
	signal_in_mid_run STOP
	wait $! || code=$?
	output=$(cat out) status=${code:-0}
	exits 5
	says "STUCK"
	nothing_left
}

@test "real: Ctrl-C ends a run and its guests" {
	real
	run timeout --foreground --preserve-status -s INT 8 "$PTBED" compat --stock "$STOCK" --utrace "$UTRACE" \
		--no-baseline --repeats=30,4000
	exits 130
	says "INTERRUPTED"
	nothing_left
}

@test "soak: a run counts for the scenarios that are as they were, what is new or changed gets its own" {
	local log=traces/soak/stock-stock.log
	runs() { grep -vc '^#' "$log"; }
	lists() { for f in traces/soak/suites/*; do grep -vc '^#' "$f"; done | sort -n | tr '\n' ' '; }

	compat --repeats=3,4 >/dev/null
	"$PTBED" baseline --update >/dev/null
	run "$PTBED" soak --runs=2 --repeats=3,4
	exits 0
	says "soak: 2 of 2 scenarios have 2 runs"
	[ "$(runs)" -eq 2 ]
	[ "$(lists)" = "2 " ]
	run "$PTBED" soak --runs=2
	exits 0
	[ "$(runs)" -eq 2 ]
	# a run more for each, and the others stay what they are
	printf '# changed, to no other form\n' >>compat-tests/scenarios/t/stop.scn
	run "$PTBED" soak --runs=3 --repeats=3,4
	exits 0
	[ "$(runs)" -eq 3 ]
	sed -i 's/need seize P /need attach P/' compat-tests/scenarios/t/race.scn
	cp "$log" before
	run "$PTBED" soak --runs=3 --repeats=3,4
	says "soak: 1 of 2 scenarios have 3 runs"
	says "soak: 2 of 2 scenarios have 3 runs"
	[ "$(runs)" -eq 6 ]
	[ "$(lists)" = "1 2 " ]
	[ "$(tail -3 "$log" | cut -f6 | tr '\n' ' ')" = "1 1 1 " ]
	# what differs once has failed, and is not made up for
	FAKE='differ:t/stop*seize*SIGUSR1*' run "$PTBED" soak --runs=4 --repeats=3,4
	exits 1
	says "1 were not the same in one"
	run "$PTBED" soak --runs=4
	exits 1
	[ "$(runs)" -eq 7 ]
	tail -1 "$log" | grep -q $'\tBASELINE t/stop$'
	# of a run that ended otherwise nothing is known
	sed -i '$s/BASELINE t.stop$/BASELINE/' "$log"
	run "$PTBED" soak --runs=4
	exits 1
	says "2 were not the same in one"
	# a list that nobody can read is an error
	sed -i 's/\t.*//' traces/soak/suites/*
	run "$PTBED" soak --runs=4
	exits 6
	says "1 fields, expected 2 between tabs"
}

@test "soak: half of the runs have busy loops beside them, and more are made until it is half" {
	local log=traces/soak/stock-stock.log
	loaded() { grep -c $'\tloaded ' "$log"; }

	compat --repeats=3,4 >/dev/null
	"$PTBED" baseline --update >/dev/null
	run "$PTBED" soak --runs=2 --repeats=3,4
	exits 0
	says "2 have half of them on a loaded host"
	[ "$(loaded)" -ge 1 ]
	sed -i 's/\tloaded /\tidle /' "$log"
	run "$PTBED" soak --runs=2 --repeats=3,4
	exits 0
	says "2 of 2 scenarios have 2 runs"
	says "0 have half of them on a loaded host"
	says "2 have half of them on a loaded host"
	[ "$(loaded)" -eq 1 ]
	[ "$(grep -vc '^#' "$log")" -eq 3 ]
	refute pgrep -f "^$PTBED soak"
}
