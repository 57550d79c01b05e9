# commands.bats - the commands for people: what they print, and what they say to bad input.
#
# No guest is booted: harness/tests/fake-qemu.c plays one.

load common

setup_file() {
	make_fakes
	export PTBED_ACCEL=tcg PTBED_QEMU=$FAKES/fake-qemu PTBED_SILENCE=2
	export MANWIDTH=80 COLUMNS=80
	unset FAKE FAKE_KERNEL FAKE_CPUS
	export RUN_TOP=$BATS_FILE_TMPDIR/top
	checkout "$RUN_TOP"
	# The run that show, diff and failed tell about: one of four exact cases differs.
	PTBED_TOP=$RUN_TOP FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=utrace \
		compat --no-baseline >"$BATS_FILE_TMPDIR/run.out" 2>&1 || true
}

compat() {
	"$PTBED" compat --stock "$FAKES/stock.bz" --utrace "$FAKES/utrace.bz" --repeats=3,12 "$@"
}

# Tests that change their checkout have one of their own.
own() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top FAKE_STATE=$BATS_TEST_TMPDIR
	checkout "$PTBED_TOP"
	cd "$PTBED_TOP"
}

# What was printed fits a terminal of 80 columns, but for commands to be copied and paths.
fits() {
	local long
	long=$(grep -vE 'make |ptbed |/' <<<"$output" | grep -E '^.{81}' || true)
	[ -z "$long" ] || {
		printf 'longer than 80 columns:\n%s\n' "$long"
		return 1
	}
}

# The source of the man page on command $1: from the .TP whose next line names it to the next one.
part_of() {
	sed 's/\\-/-/g' harness/ptbed.1 | awk -v c="$1" '
		/^\.SH/ { inside = /COMMANDS/; mine = 0 }
		/^\.RS/ { depth++ }
		/^\.RE/ { depth-- }
		inside && !depth && head { mine = $0 ~ "(^|[ \"])" c "([ \"]|$)" }
		{ head = /^\.TP/ }
		head && !depth { mine = 0 }
		mine { print }'
}

@test "make help has one line for every target, and names no other" {
	run make -s help
	exits 0
	for t in $(sed -n 's/^\.PHONY: *//p' Makefile vm-images/guest.mk); do
		case $t in tools | unit | guest | engine-programs | answer-programs) continue ;; esac	# parts of others
		[ "$(grep -cE "^  $t +[^ ]" <<<"$output")" -eq 1 ] || { echo "no line for $t"; return 1; }
	done
	for t in $(sed -n '/^Targets:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' <<<"$output"); do
		grep -qE "^$t:" Makefile || { echo "$t is no target"; return 1; }
	done
	fits
}

@test "the targets and variables that are promised exist" {
	run make -s help
	for t in compat compare test kernels image list show diff failed shell gdb deps clean distclean \
		worktree writeback series; do
		grep -qE "^  $t " <<<"$output" || { echo "no target $t"; return 1; }
	done
	for v in ONLY BOOTS REPEATS JOBS SEED FLAVOUR S KERNEL; do
		grep -qE "(^|[ (])$v=" <<<"$output" || { echo "no variable $v"; return 1; }
	done
}

@test "make passes its variables on" {
	run make -n --no-print-directory -o tools -o deps compat ONLY='a/*' REPEATS=2,5 BOOTS=4 CPUS=6 JOBS=1 SEED=9 FLAVOUR=debug
	exits 0
	for o in "--only='a/*'" --repeats=2,5 --boots=4 --cpus=6 --jobs=1 --seed=9 --flavour=debug; do
		says "$o"
	done
	run make -n --no-print-directory -o tools -o deps show S='a/b[c=d]'
	says "show 'a/b[c=d]'"
	run make -n --no-print-directory -o tools -o deps shell KERNEL=utrace
	says "shell utrace"
	run make -n --no-print-directory -o tools -o deps compare A=one B=two
	grep -E "compare +'one' 'two'" <<<"$output"
}

@test "what runs scenarios builds no programs, what runs programs does" {
	for t in compat 'list failed'; do
		run make -n -o deps $t
		says "guest"
		refute says "engine-programs"
	done
	for t in engines answers test tools 'compat bench'; do
		run make -n -o deps $t
		says "engine-programs answer-programs"
	done
}

@test "every target passes on, or refuses by name, every variable; none is ignored" {
	local all=() taken t v refused words
	words=$(sed -n '/^VARIABLES :=/,/[^\\]$/p' Makefile | sed 's/^VARIABLES := //; s/\\$//')
	[ "$(wc -w <<<"$words")" -ge 18 ]
	# the list is complete: no recipe asks for another one
	for v in $(grep -oE '\$\((if |or )?\$?\(?[A-Z]+(_[A-Z]+)?\)' Makefile | grep -oE '[A-Z]+(_[A-Z]+)?' | sort -u); do
		case $v in BUILD | PTBED | CC | CCACHE | CCACHE_DIR | HOME | XDG_CACHE_HOME | CFLAGS | WARN | LIBS | PLUGIN | MAKE | MAKEFLAGS | CURDIR) continue ;; esac
		case $v in *FLAGS | *_SRC | *_OBJ | UNIT | JOBS_OF | SCENARIOS_ONLY | MAKEFILE_LIST | MAKECMDGOALS | VARIABLES | PREPARES | PARTS | SETTINGS | MAKE*) continue ;; esac
		grep -qw "$v" <<<"$words" || { echo "$v is not in VARIABLES"; return 1; }
	done
	for v in $words; do all+=("$v=given-$v"); done
	for t in $(make -s help | sed -n '/^Targets:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'); do
		refused=
		run make -n --no-print-directory -o tools -o deps "$t" "${all[@]}"
		exits 2
		says "make $t does not take "
		# nothing was run before
		refute says build/ptbed
		refused=$(sed -n 's/.* does not take \(.*\); it takes .*/\1/p' <<<"$output")
		taken=()
		for v in $words; do
			grep -qw "$v" <<<"$refused" || taken+=("$v=given-$v")
		done
		run make -n --no-print-directory -o tools -o deps "$t" "${taken[@]}"
		exits 0
		for v in "${taken[@]}"; do
			if [ "$v" = TAP=given-TAP ]; then says --tap; else says "${v#*=}"; fi
		done
	done
}

@test "a variable that would change what a verdict is about is not ignored" {
	run make -n -o tools -o deps answers FLAVOUR=debug
	exits 2
	says "make answers does not take FLAVOUR; it takes ONLY REPEATS SEED SCENES CPUS ARGS"
	run make -n -o tools -o deps storm FLAVOUR=debug
	exits 2
	says "make storm does not take FLAVOUR"
	# nor is one that there is not
	for v in NOSUCH only 'Only'; do
		for t in compat image clean test; do
			run make -n -o tools -o deps "$t" "$v=x y=z"
			exits 2
			says "make $t does not take $v; it takes "
			refute says build/ptbed
		done
	done
	# of several targets, each; what only prepares is not asked
	run make -n -o tools -o deps compat answers FLAVOUR=debug
	exits 2
	says "make answers does not take FLAVOUR"
	run make -n --no-print-directory -o tools -o deps image compat FLAVOUR=debug
	exits 0
	says "--flavour=debug"
}

@test "variables of the environment: what a target takes is passed on, others are not make's business" {
	A=1 K=x FLAVOUR=debug run make -n --no-print-directory -o tools -o deps list
	exits 0
	FLAVOUR=debug ONLY='a/*' run make -n --no-print-directory -o tools -o deps compat
	exits 0
	says "--only='a/*'"
	says --flavour=debug
	# what says how to build, and settings of the program, may be given to any
	run make -n -o tools -o deps list CC=gcc CFLAGS='-O1 -g' PTBED_SILENCE=9 XDG_CACHE_HOME=/x
	exits 0
}

@test "what make passes on are options of the command" {
	local line o
	for t in compat compare kernels list baseline laggards soak controls engines mutants torture storm check-series \
		check-kcsan bench tracers selftests suites answers check-nolegacy gdb; do
		v=$(sed -n "s/^TAKES_$t *:= //p" Makefile)
		[ -n "$v" ]
		run make -n --no-print-directory -o tools -o deps "$t" $(for w in $v; do [ $w = ARGS ] || echo "$w=1"; done)
		exits 0
		line=$(tr -d '\\\n' <<<"$output")
		for o in $(grep -oE -- '--[a-z-]+' <<<"$line"); do
			"$PTBED" $(sed -E 's/^[^ ]*ptbed +([a-z-]+).*/\1/' <<<"$line") --help | grep -qE -- "$o\b" ||
				{ echo "$t: $o is no option"; return 1; }
		done
	done
}

@test "ptbed --help lists every command, each has --help" {
	run "$PTBED" --help
	exits 0
	fits
	for c in $(sed -n 's/^COMMAND("\([a-z-]*\)".*/\1/p' harness/commands.def); do
		"$PTBED" --help | grep -qE "^  $c +[^ ]" || { echo "no $c"; return 1; }
		run "$PTBED" "$c" --help
		exits 0
		says "Usage: ptbed $c"
	done
	run "$PTBED"
	exits 64
}

@test "the man page renders without warnings and names every command, option and exit code" {
	run groff -man -Tutf8 -ww harness/ptbed.1
	exits 0
	run bash -c 'groff -man -Tutf8 -ww harness/ptbed.1 2>&1 >/dev/null'
	[ -z "$output" ] || { echo "$output"; return 1; }
	run bash -c 'groff -man -Tascii -P-cbou harness/ptbed.1'
	for c in $(sed -n 's/^COMMAND("\([a-z-]*\)".*/\1/p' harness/commands.def); do
		grep -qE "(^ +|, )$c\b" <<<"$output" || { echo "no command $c"; return 1; }
	done
	for c in $(sed -n 's/^COMMAND("\([a-z-]*\)".*/\1/p' harness/commands.def); do
		# what stands in the command's own part
		output=$(part_of "$c")
		for o in $("$PTBED" "$c" --help | sed -n 's/^ .*\(--[a-z-]*\).*/\1/p' | grep -vxE -- '--(help|usage)'); do
			grep -qF -- "$o" <<<"$output" || { echo "no option $o of $c"; return 1; }
		done
	done
	run bash -c 'groff -man -Tascii -P-cbou harness/ptbed.1'
	exits=$(sed -n '/^EXIT STATUS/,/^FILES/p' <<<"$output" | tr -s ' \n' ' ')
	for n in $(sed -n 's/^\tEX_[A-Z]* = \([0-9]*\),.*/\1/p' harness/util.h); do
		grep -qE "[ ,]$n [a-z]" <<<"$exits" || { echo "no exit code $n"; return 1; }
	done
}

@test "exit codes are distinct" {
	[ -z "$(sed -n 's/^\tEX_[A-Z]* = \([0-9]*\),.*/\1/p' harness/util.h | sort | uniq -d)" ]
	[ "$(grep -cE '^[[:space:]]EX_[A-Z]* = ' harness/util.h)" -ge 15 ]
}

@test "list: every scenario with its number of cases, ids and title, in 80 columns" {
	run env PTBED_TOP="$RUN_TOP" "$PTBED" list
	exits 0
	says "t/stop"
	says "4 cases exact S1"
	says "A traced process that signals itself stops"
	says "2 scenarios, 5 cases: 4 exact, 1 racy"
	fits
	run env PTBED_TOP="$RUN_TOP" "$PTBED" list --cases 't/stop'
	says "t/stop[how=seize,sig=SIGUSR2]"
	[[ "$output" != *t/race* ]]
}

@test "list reads well over all scenarios, and counts what is there" {
	run "$PTBED" list
	exits 0
	fits
	[ "$(grep -cE '^[a-z]' <<<"$output")" -eq "$(find compat-tests/scenarios -name '*.scn' | wc -l)" ]
	[ "$(find compat-tests/scenarios -name '*.scn' | wc -l)" -ge 60 ]
	run "$PTBED" list --coverage
	exits 0
	fits
	for f in detach sigkill group-stop sysemu; do
		pairs=$(grep -A1 "^$f:" <<<"$output" | sed -n 's/^ *\([0-9]* of [0-9]*\) pairs.*/\1/p')
		[ -n "$pairs" ] && [ "${pairs% of *}" = "${pairs#* of }" ] || { echo "$f: $pairs"; return 1; }
	done
}

@test "list --coverage: pairs covered, and what cannot be with the reason" {
	own
	printf 'impossible $how == seize and $sig == SIGUSR2 : not in this test\n' \
		>>compat-tests/scenarios/t/AXES
	run "$PTBED" list --coverage
	exits 0
	says "3 of 3 pairs of axis values covered, 1 impossible"
	says "not in this test"
}

@test "list --verbs: every verb of verbs.def with its line" {
	run "$PTBED" list --verbs
	exits 0
	for v in $(sed -n 's/^VERB([a-z0-9_]*, "\([^"]*\)".*/\1/p' compat-tests/form/verbs.def); do
		grep -qE "^$v( |$)" <<<"$output" || { echo "no verb $v"; return 1; }
	done
	fits
}

@test "the examples of the documentation are scenarios" {
	own
	cp -r "$SRC/compat-tests/scenarios/lib" compat-tests/scenarios/lib
	mkdir compat-tests/scenarios/doc
	for f in LANGUAGE.md scenarios/README.md; do
		# fenced, indented or not, and beginning with a title
		awk -v to="compat-tests/scenarios/doc/${f##*/}" '
			/^ *```/ { if (inside && text ~ /^title/) printf "%s", text >(to (++n) ".scn"); inside = !inside; text = ""
				indent = index($0, "`") - 1; next }
			inside { text = text substr($0, indent + 1) "\n" }' "$SRC/compat-tests/$f"
		[ -s "compat-tests/scenarios/doc/${f##*/}1.scn" ]
	done
	run "$PTBED" list 'doc/*'
	exits 0
	says "2 scenarios"
}

@test "show: the scenario with its parameters filled in" {
	run env PTBED_TOP="$RUN_TOP" "$PTBED" show 't/stop[how=seize,sig=SIGUSR2]'
	exits 0
	says "A traced process that signals itself stops"
	says "need seize P"
	says "raise SIGUSR2"
	[[ "$output" != *'$how'* && "$output" != *"need attach P"* ]]
	fits
}

@test "show, diff, list: nothing fits, exit code 64" {
	run env PTBED_TOP="$RUN_TOP" "$PTBED" show t/no-such
	exits 64
	says "t/no-such"
	run env PTBED_TOP="$RUN_TOP" "$PTBED" diff t/no-such
	exits 64
	says "t/no-such"
	run env PTBED_TOP="$RUN_TOP" "$PTBED" list t/no-such
	exits 64
	says "t/no-such"
}

@test "diff: side by side, the first divergence marked" {
	run env PTBED_TOP="$RUN_TOP" "$PTBED" diff 't/stop[how=seize,sig=SIGUSR1]'
	exits 0
	says "stock"
	says "utrace"
	grep -E '^T wait P -> P stopped SIGSTOP +> T wait P -> P exited 0$' <<<"$output"
	[ "$(grep -c ' > ' <<<"$output")" -eq 1 ]
	fits
}

@test "failed: what failed, and as a list to run again" {
	run env PTBED_TOP="$RUN_TOP" "$PTBED" failed
	exits 0
	grep -E '^t/stop\[how=seize,sig=SIGUSR1\] .*DIFFERS' <<<"$output"
	[ "${#lines[@]}" -eq 1 ]
	run env PTBED_TOP="$RUN_TOP" "$PTBED" failed --only
	[ "$output" = 't/stop[how=seize,sig=SIGUSR1]' ]
	# what it prints is what --only takes
	own
	run compat --no-baseline --only="$output"
	exits 0
	says "1 of 1 cases compared"
}

@test "no run yet: diff and failed say so, exit code 64" {
	own
	run "$PTBED" failed
	exits 64
	says "run"
	run "$PTBED" diff t/stop
	exits 64
}

@test "a trace of a run that is gone, or has lost a case: diff and baseline name it, exit code 64" {
	own
	run compat
	mv traces/latest/stock/t/stop.trace gone
	for c in 'diff t/stop' baseline 'baseline --update'; do
		run "$PTBED" $c
		exits 64
		says "/stock/t/stop.trace is missing; expected the 3 repeats of t/stop["
	done
	[ ! -e traces/baseline ]
	# the last of its cases is cut off
	head -n $(($(grep -n '^case ' gone | tail -n 1 | cut -d: -f1) - 1)) gone >traces/latest/stock/t/stop.trace
	run "$PTBED" diff t/stop
	exits 64
	says "stock/t/stop.trace"
	# what never ran is no such thing
	rm -r traces/runs
	run compat --only='t/stop*'
	run "$PTBED" baseline --update
	exits 0
}

@test "a run leaves traces, JSON with a schema version, TAP, JUnit XML and a summary" {
	cd "$RUN_TOP/traces/latest/"
	for f in summary.json summary.txt results.tap junit.xml stock/t/stop.trace utrace/t/race.trace; do
		[ -s "$f" ] || { echo "no $f"; return 1; }
	done
	python3 -c '
import json, xml.dom.minidom
j = json.load(open("summary.json"))
assert isinstance(j["schema"], int), "no schema version"
assert sum(c["verdict"] == "DIFFERS" for c in j["cases"]) == 1
x = xml.dom.minidom.parse("junit.xml")
assert len(x.getElementsByTagName("testcase")) == 6
assert len(x.getElementsByTagName("failure")) == 1
'
	[ "$(grep -cE '^(not )?ok ' results.tap)" -eq 6 ]
	grep -qx '1\.\.6' results.tap
	grep -qx 'ok 6 - the run as such' results.tap
	grep -q '^not ok .*t/stop\[how=seize,sig=SIGUSR1\]' results.tap
	# nothing that differs from run to run or host to host in what an actor saw
	run bash -c "grep -rE '0x[0-9a-f]{8}' --include='*.trace' . | grep -v ' first '"
	exits 1
}

@test "a failure prints the command that repeats it, and it does" {
	own
	export FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=utrace
	run compat --no-baseline --seed=77
	exits 1
	says "ONLY='t/stop[how=seize,sig=SIGUSR1]'"
	says "SEED=77"
	run compat --no-baseline --seed=77 --only='t/stop[how=seize,sig=SIGUSR1]'
	exits 1
	says "1 of 1 cases compared"
}

@test "bad options: exit code 64, what was expected is said" {
	own
	while read -r option expected; do
		run compat $option
		exits 64
		says "$expected"
	done <<-'END'
		--repeats=0 expected a number from 1
		--repeats=3,x expected a number from 1
		--boots=-1 expected a number from 1
		--cpus=1 expected a number from 2 to 8
		--cpus=9 expected a number from 2 to 8
		--jobs=many expected a number from 1
		--seed=z expected a number from 1
		--seed=-1 expected a number from 1
		--seed=-5 expected a number from 1
		--flavour=sweet expected plain, debug,
		stray unexpected argument 'stray'
		--nonsense nonsense
	END
	run "$PTBED" compare "$FAKES/stock.bz"
	exits 64
	says "expected two kernels"
	run "$PTBED" compare one two three
	exits 64
	run "$PTBED" compare "$FAKES/stock.bz" /nonexistent/bzImage
	exits 64
	says "/nonexistent/bzImage"
	says "expected the path of a bzImage"
	for o in --seed=-1 --seed=x --repeat=-1; do
		run "$PTBED" gdb $o "$FAKES/stock.bz"
		exits 64
		says "${o#*=}', expected a number from"
	done
	for c in nosuch 't/stop*'; do
		XDG_CACHE_HOME=$BATS_TEST_TMPDIR/none run "$PTBED" gdb --only="$c" stock
		exits 64
		says "--only='$c' fits "
		says "cases, expected one"
	done
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
	for w in icount:-1:0 smp:1:-1 icount:1:x icount:1:0x100000000; do
		run "$PTBED" replay "$FAKES/stock.bz" 't/stop[how=seize,sig=SIGUSR1]' "$w"
		exits 64
		says "'$w': expected icount:SEED:REPEAT"
	done
	run "$PTBED" frobnicate
	exits 64
	says "frobnicate"
	run "$PTBED" shell nokernel
	exits 64
	says "nokernel"
	run env PTBED_TOP="$SRC" "$PTBED" controls no-such-bug
	exits 64
	says "no-such-bug"
}

@test "mutants: an unknown one, a line without programs, a program there is none of: exit code 64" {
	run env PTBED_TOP="$SRC" "$PTBED" mutants no-such-mutant
	exits 64
	says "no-such-mutant"
	own
	mkdir -p kernel-patches/mutants
	while read -r says line; do
		printf '# a comment\n%s\n' "$line" >kernel-patches/mutants/bugs
		run "$PTBED" mutants
		exits 64
		says "kernel-patches/mutants/bugs:2: "
		grep -q "$says" <<<"$output"
	done <<-'END'
		expected one | this
		empty one | | this
		no.program one | verdict,no-such-program | this
	END
}

@test "an unknown kernel: exit code 64, every name and flavour that there is is said" {
	run "$PTBED" kernels --list
	exits 0
	names=$output
	run env PTBED_TOP="$SRC" "$PTBED" shell nokernel
	exits 64
	for n in $names; do
		case $n in *-debug | *-gdb | *-kcsan | *-rt) n=-${n##*-} ;; esac
		grep -qE -- "[ ]$n([ ,]|\$)" <<<"$output" || { echo "$n is not said: $output"; return 1; }
	done
}

@test "PTBED_SILENCE that is no time: exit code 64, before any guest" {
	own
	for s in abc -1 0 2s nan inf '1 2'; do
		PTBED_SILENCE=$s run compat
		exits 64
		says "PTBED_SILENCE=$s, expected a number of seconds above 0"
		[ -z "$(find traces/runs -name boots.jsonl)" ]
	done
	PTBED_SILENCE= run compat --no-baseline
	exits 0
}

@test "controls --quick leaves out, and counts, the bugs whose line has -, if they are not named" {
	own
	mkdir -p kernel-patches/planted
	printf '%s\n' '# a comment' 'one | t/* | - | this' 'two | t/* | - | that' >kernel-patches/planted/bugs
	run "$PTBED" controls --quick
	exits 64
	says "none of 2 planted bugs is run with --quick"
	# the kernel is asked for next, and there is no source of one here
	for args in one '--quick two' ''; do
		run "$PTBED" controls $args
		[ "$status" -ne 0 ]
		! grep -q "planted bugs is run" <<<"$output"
		! grep -q "no planted bug" <<<"$output"
	done
}

@test "ONLY: brackets and commas in them are what they are in names; each glob must fit a case" {
	own
	run compat --no-baseline --only='t/stop[how=attach,*]'
	exits 0
	says "2 of 2 cases compared"
	run compat --no-baseline --only='t/stop[how=attach,*SIGUSR2],*/race'
	exits 0
	says "2 of 2 cases compared"
	run compat --no-baseline --only='t/stop*,t/rice,t/race'
	exits 64
	says "no case fits --only='t/rice'"
	run "$PTBED" list 't/stop,t/rice'
	exits 64
	says "no scenario fits 't/rice'"
	run "$PTBED" baseline --only='t/stop,t/rice' "$RUN_TOP/traces/latest"
	exits 64
	says "no case fits 't/rice'"
	run "$PTBED" baseline --only='t/stop,t' "$RUN_TOP/traces/latest"
	exits 7
	says "0 cases as recorded, 5 new"
}

@test "ONLY by parameters: a wrong scenario file that may have such a case is named, exit code 65" {
	own
	sed -i 's/^param    sig .*/param    sig/' compat-tests/scenarios/t/stop.scn
	run compat --no-baseline --only='*how=seize*,t/race'
	exits 65
	says "compat-tests/scenarios/t/stop.scn:5:"
	run compat --no-baseline --only='t/race'
	exits 0
}

@test "controls: a glob of the list of bugs that fits no case is bad usage" {
	own
	mkdir -p kernel-patches/planted
	for line in 'one | t/*,t/rice* | - | this' 'one | t/* | t/*,t/rice* | this'; do
		printf '# a comment\n%s\n' "$line" >kernel-patches/planted/bugs
		run "$PTBED" controls --quick one
		exits 64
		says "kernel-patches/planted/bugs:2: no case fits 't/rice*'"
	done
}

@test "controls: a comparison that cannot be made ends them with its exit code, and is no bug missed" {
	# the kernels of these names are never booted
	[ -e "$SRC/build/kernels/planted/bzImage" ] || PTBED_TOP=$SRC "$PTBED" kernels stock planted >&2
	own
	mkdir -p kernel-patches/planted traces/soak
	find "$SRC/kernel-patches/planted" -mindepth 1 -maxdepth 1 ! -name bugs -exec ln -s {} kernel-patches/planted/ \;
	printf '%s\n' 'one | t/* | t/* | this' 'two | t/* | t/* | that' >kernel-patches/planted/bugs
	exec 9>build/lock
	flock 9
	echo 4242 >build/lock
	for quick in '' --quick; do
		run "$PTBED" controls $quick
		exits 70
		says "planted bug one: the comparison ended with exit code 70 (BUSY)"
		refute grep -E "ok [12]|two" <<<"$output"
	done
	[ ! -e traces/soak/controls.log ]
	exec 9>&-
	# one that can be made: the bug is not found, and that is logged
	run "$PTBED" controls one
	exits 1
	says "not ok 1 - planted bug one"
	grep -q "	one	.*	wrong$" traces/soak/controls.log
}

@test "no case fits ONLY, a kernel file is missing: exit code 64" {
	own
	run compat --only='t/nothing*'
	exits 64
	says "t/nothing*"
	run "$PTBED" compat --stock=/nonexistent/stock.bz --utrace="$FAKES/utrace.bz"
	exits 64
	says "/nonexistent/stock.bz"
	says "No such file"
	run make -C "$SRC" -s --no-print-directory -o tools -o deps compare A= B=x
	[ "$status" -ne 0 ]
	says "kernel A is missing"
}

@test "scenario files with mistakes: exit code 65, file, line, column, and what was expected" {
	own
	f=compat-tests/scenarios/t/stop.scn
	cp $f good
	while IFS='|' read -r edit line expected; do
		cp good $f
		sed -i "$edit" $f
		run compat --no-baseline
		exits 65
		grep -E "$f:$line:[0-9]+: " <<<"$output" || { echo "$edit: $output"; return 1; }
		says "$expected"
	done <<-'END'
		s/cont P SIGKILL/conk P SIGKILL/|23|conk
		s/cont P SIGKILL/cont X SIGKILL/|23|X
		s/cont P SIGKILL/cont P SIGNOPE/|23|SIGNOPE
		s/nop >on  /nop >off /|21|edge `on' is awaited but never posted
		s/^outcome.*/outcome maybe/|3|expected
		s/tracee$/tracey/|9|tracey
		s/need attach P /need attach   /|14|expected
	END
	rm $f
	run "$PTBED" list t/stop
	exits 64
}

@test "known differences: a listed one passes; another outcome, one that is gone or a bad line does not" {
	own
	export FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=utrace
	known=compat-tests/known-differences
	run compat --no-baseline
	exits 1
	hash=$(sed -n 's/^  outcome of utrace: \([0-9a-f]*\)$/\1/p' <<<"$output")
	[ ${#hash} -eq 16 ]
	echo "t/stop[how=seize,sig=SIGUSR1] | issue 9 | a reason | $hash" >$known
	run compat --no-baseline
	exits 0
	says "a reason"
	# the same case differs, but in another way
	FAKE='random:t/stop*seize*SIGUSR1*' run compat --no-baseline
	exits 1
	says "DIFFERS  t/stop[how=seize,sig=SIGUSR1]"
	says "known-differences:1 lists the case, but not the outcome"
	unset FAKE
	run compat --no-baseline
	exits 1
	says "no longer"
	rm -r traces
	echo 't/stop[how=seize,sig=SIGUSR1] | issue 9' >$known
	run compat --no-baseline
	exits 65
	says "known-differences:1:"
	says "expected"
	echo 't/stop | issue 9 | ' >$known
	run compat --no-baseline
	exits 65
	says "expected a reason"
	echo 't/stop | issue 9 | a reason' >$known
	run compat --no-baseline
	exits 65
	says "expected one or more outcomes"
	# and nothing was run for it
	says "nothing was run"
	[ ! -e traces ]
}

@test "baseline: recorded, compared, changed by an exact case, damaged" {
	own
	run compat
	exits 7
	run "$PTBED" baseline --update
	exits 0
	[ -s traces/baseline/t/stop.trace ]
	run compat
	exits 0
	cp traces/baseline/t/stop.trace one
	FAKE='differ:t/stop*seize*SIGUSR1*' run compat
	exits 7
	says "t/stop[how=seize,sig=SIGUSR1]"
	cmp one traces/baseline/t/stop.trace
	sed -i 's/P stopped SIGSTOP/P stopped SIGTRAP/' traces/baseline/t/stop.trace
	run compat
	[ "$status" -gt 1 ]
	says "traces/baseline/t/stop.trace:"
	says "changed by hand or is damaged"
	# found before anything is run, by those that compare with it
	[ "$status" -eq 7 ]
	says "nothing was run"
	run "$PTBED" compare --repeats=1,4 "$FAKES/stock.bz" "$FAKES/utrace.bz"
	exits 0
}

@test "baseline: what no scenario has any more is BASELINE, until it is removed" {
	own
	run compat
	run "$PTBED" baseline --update
	exits 0
	# a whole file, and cases of one
	rm compat-tests/scenarios/t/race.scn
	sed -i 's/^param    sig = SIGUSR1 SIGUSR2/param    sig = SIGUSR1/' compat-tests/scenarios/t/stop.scn
	run compat
	exits 7
	says "recorded, but no scenario has it (\`make baseline' removes it):"
	for gone in t/race 't/stop[how=attach,sig=SIGUSR2]' 't/stop[how=seize,sig=SIGUSR2]'; do
		grep -qxF "  $gone" <<<"$output" || { echo "no $gone: $output"; return 1; }
		grep -qF "\"$gone\"" traces/latest/summary.json
	done
	[ "$(sed -n '/^ "gone": \[/,/^ \]/p' traces/latest/summary.json | wc -l)" -eq 5 ]
	fits
	# of a part of the suite nobody can say
	run compat --only='t/*'
	exits 0
	run "$PTBED" baseline
	exits 7
	says "gone     t/race"
	says "3 gone"
	run "$PTBED" baseline --update --only=t/stop
	exits 0
	run compat
	exits 7
	run "$PTBED" baseline --update
	exits 0
	says "removed t/race"
	[ ! -e traces/baseline/t/race.trace ]
	run compat
	exits 0
}

@test "two runs at once in one checkout: the second ends with exit code 70" {
	own
	mkdir -p build
	exec 9>build/lock
	flock 9
	echo 4242 >build/lock
	run compat --no-baseline
	exits 70
	says "another run works in this checkout (pid 4242)"
	exec 9>&-
	run compat --no-baseline
	exits 0
}

@test "compare takes any two kernels, knows no baseline and no excuse" {
	own
	echo 't/stop[how=seize,sig=SIGUSR1] | issue 9 | not even well-formed' >compat-tests/known-differences
	FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=utrace \
		run "$PTBED" compare --repeats=1,4 "$FAKES/stock.bz" "$FAKES/utrace.bz"
	exits 1
	says "make compare A='$FAKES/stock.bz' B='$FAKES/utrace.bz'"
	[ -s traces/latest/A/t/stop.trace ]
}

@test "a full pipe or a closed one is no success" {
	run bash -c '"$PTBED" list --verbs >/dev/full'
	exits 71
	says "No space left on device"
}
