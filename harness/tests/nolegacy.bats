# nolegacy.bats - the search for stock's stop path: out of line, inlined, in sources; what is not there is not found.

load common

setup() {
	cd "$BATS_TEST_TMPDIR"
	C=$BATS_TEST_DIRNAME/../../kernel-patches/check-nolegacy
	NAMES="ptrace_stop ptrace_do_notify ptrace_signal do_jobctl_trap ptrace_report_syscall ptrace_resume"
}

# object NAME FUNCTION...: static functions, those that begin with + inlined.
object() {
	local f n=$1 calls=
	shift
	printf 'volatile int x;\n' >"$n.c"
	for f; do
		case $f in
		+*) printf 'static inline __attribute__((always_inline)) int %s(int a) { return x + a; }\n' "${f#+}" ;;
		*) printf 'static __attribute__((noinline)) int %s(int a) { return x * a; }\n' "$f" ;;
		esac >>"$n.c"
		calls="$calls + ${f#+}(x)"
	done
	printf 'int other(void) { return 0%s; }\n' "$calls" >>"$n.c"
	${CC:-gcc} -g -O2 -c -o "$n.o" "$n.c"
}

@test "functions are found out of line and inlined; none left: 0, one left: 9" {
	object stock ptrace_stop ptrace_do_notify +ptrace_signal +do_jobctl_trap +ptrace_report_syscall ptrace_resume
	object clean utrace_stop +ptrace_stopped
	object left utrace_stop +ptrace_signal
	run "$C" symbols stock.o clean.o
	exits 0
	says "symbols: 6 of 6 functions found in stock, 0 left in utrace"
	grep -E '^ptrace_stop +stock: a symbol and DWARF +utrace: -$' <<<"$output"
	grep -E '^ptrace_signal +stock: DWARF +utrace: -$' <<<"$output"
	run "$C" symbols stock.o left.o
	exits 9
	grep -E '^ptrace_signal +stock: DWARF +utrace: DWARF$' <<<"$output"
	run "$C" symbols stock.o stock.o
	exits 9
	says "6 left in utrace"
}

@test "a compiler's suffix does not hide a function" {
	object stock $NAMES
	object clean utrace_stop
	sed -i '1i static __attribute__((noinline,used)) void part(void) __asm__("ptrace_stop.constprop.0"); static void part(void) {}' clean.c
	${CC:-gcc} -g -O2 -c -o clean.o clean.c
	run "$C" symbols stock.o clean.o
	exits 9
	says "1 left in utrace"
}

@test "the name of a source file is no function" {
	object stock $NAMES
	object ptrace_stop utrace_stop
	readelf -sW ptrace_stop.o | grep -q ' FILE .* ptrace_stop\.c$'
	run "$C" symbols stock.o ptrace_stop.o
	exits 0
	says "6 functions found in stock, 0 left in utrace"
}

@test "a name that the linker made the end of a longer one is found" {
	object stock $NAMES
	object clean utrace_stop arch_ptrace_stop
	object left utrace_stop arch_ptrace_stop +ptrace_stop
	object linked utrace_stop arch_ptrace_stop ptrace_stop
	for o in clean left linked; do
		${CC:-gcc} -nostdlib -static -Wl,-e,other -o $o $o.o
	done
	# it did: the name has no string of its own
	refute grep -qPa '\0ptrace_stop\0' left
	refute grep -qPa '\0ptrace_stop\0' linked
	run "$C" symbols stock.o clean
	exits 0
	run "$C" symbols stock.o left
	exits 9
	grep -E '^ptrace_stop .*utrace: DWARF$' <<<"$output"
	run "$C" symbols stock.o linked
	exits 9
	grep -E '^ptrace_stop .*utrace: a symbol and DWARF$' <<<"$output"
}

@test "what is not found in stock, or has no DWARF, is untested: 6" {
	object stock ptrace_stop
	run "$C" symbols stock.o stock.o
	exits 6
	says "1 of 6 functions found in stock"
	${CC:-gcc} -O2 -c -o plain.o stock.c
	run "$C" symbols plain.o stock.o
	exits 6
	says "no DWARF"
	run "$C" sources "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"
	exits 6
	says "is not built"
}

@test "in sources: stored, set, passed on and used are told from tested, cleared and woken by" {
	run "$C" classify "$BATS_TEST_DIRNAME/nolegacy.i"
	exits 9
	while read -r line what; do
		grep -qE "LEFT kernel/x.c:$line: $what" <<<"$output" || { echo "$line $what: $output"; return 1; }
	done <<-'END'
		2 TASK_TRACED stored:
		3 JOBCTL_TRACED set:
		4 JOBCTL_TRACED set:
		5 TASK_TRACED stored:
		10 TASK_TRACED passed to set_it
		11 TASK_TRACED assigned:
		13 TASK_TRACED used:
		15 TASK_TRACED stored:
		16 TASK_TRACED used: return
	END
	for line in 6 7 8 9 14 18; do
		refute grep -qE "LEFT kernel/x.c:$line:" <<<"$output"
	done
	sed 's,kernel/x.c,kernel/utrace/x.c,' "$BATS_TEST_DIRNAME/nolegacy.i" >there.i
	run "$C" classify there.i
	exits 0
}

@test "bad usage: 64; --help: 0" {
	run "$C" symbols one
	exits 64
	run "$C" --help
	exits 0
	says "usage: check-nolegacy symbols"
	run "$BATS_TEST_DIRNAME/../../build/ptbed" nolegacy stray
	exits 64
	says "unexpected argument 'stray'"
}

# notes DIR BOOT STOPS UNSLEPT HITS FUNCTION...: what a boot of a kernel leaves, all sleeps by one stack.
notes() {
	local dir=$1 boot=$2 stops=$3 unslept=$4 hits=$5
	shift 5
	mkdir -p "$dir"
	[ -e "$dir/boot-$boot.notes" ] || echo "{\"number\":$boot}" >>"$dir/boots.jsonl"
	{
		echo "stop-stacks: /sys/kernel/tracing/events/sched/sched_switch/hist"
		printf '# event histogram\n#\n# trigger info: hist:keys=common_stacktrace:vals=hitcount\n#\n\n'
		printf '{ common_stacktrace:\n'
		for f; do printf '         %s+0x1c/0x90\n' "$f"; done
		printf '} hitcount: %10d\n\nTotals:\n    Hits: %d\n    Entries: 1\n    Dropped: 0\n' "$hits" "$hits"
		if [ "$stops" = - ]; then
			echo "stop-stacks: /sys/kernel/debug/utrace/stats: No such file or directory"
		else
			echo "stop-stacks: /sys/kernel/debug/utrace/stats"
			printf 'stops %d\nstops_unslept %d\n' "$stops" "$unslept"
		fi
		echo "stop-stacks: end"
	} >"$dir/boot-$boot.notes"
}

@test "stacks: all sleeps in utrace's stop and as many as counted: 0" {
	notes stock 0 - - 7 __schedule schedule ptrace_stop get_signal
	notes utrace 0 5 1 4 __schedule schedule utrace_sleep utrace_stop
	notes utrace 1 3 0 3 schedule utrace_sleep.isra.0
	run "$C" stacks stock utrace
	exits 0
	says "stock: 7 sleeps in state t, 7 of them in ptrace_stop(); utrace: 7, 0 of them not in utrace_sleep()"
	says "utrace counted 8 stops, 1 of them over before the thread slept: as many as sleeps"
}

@test "stacks: another way to sleep, and a number that does not fit, are found: 9" {
	notes stock 0 - - 7 schedule ptrace_stop get_signal
	notes utrace 0 4 0 4 schedule utrace_sleep
	notes utrace 1 1 0 1 schedule ptrace_stop utrace_sleep
	run "$C" stacks stock utrace
	exits 9
	says "1 of them not in utrace_sleep()"
	notes utrace 1 2 0 1 schedule utrace_sleep
	run "$C" stacks stock utrace
	exits 9
	says "6, but 5 slept"
	run "$C" stacks stock stock
	exits 6
	says "did not tell its counters"
}

@test "stacks: a histogram that is not whole, or has nothing of stock's stop, is untested: 6" {
	notes stock 0 - - 7 schedule ptrace_stop
	notes utrace 0 4 0 4 schedule utrace_sleep
	run "$C" stacks utrace utrace
	exits 6
	says "stock has no sleep in ptrace_stop()"
	sed -i 's/Dropped: 0/Dropped: 2/' utrace/boot-0.notes
	run "$C" stacks stock utrace
	exits 6
	says "2 sleeps were dropped"
	sed -i 's/Dropped: 2/Dropped: 0/; /stop-stacks: end/d' utrace/boot-0.notes
	run "$C" stacks stock utrace
	exits 6
	says "not complete"
	notes utrace 1 4 0 4 schedule utrace_sleep
	notes utrace 0 4 0 4 schedule utrace_sleep
	run "$C" stacks stock utrace
	exits 0
	# a boot that left none is told, unless the run counted it as lost
	echo '{"number":2}' >>utrace/boots.jsonl
	run "$C" stacks stock utrace
	exits 6
	says "utrace: 2 of 3 boots left a histogram"
	echo '{"arms":[{"name":"stock","lost":0},{"name":"utrace","lost":1}]}' >summary.json
	run "$C" stacks stock utrace
	exits 0
	rm utrace/boot-0.notes
	run "$C" stacks stock utrace
	exits 6
	says "utrace: 1 of 2 boots left a histogram"
	rm utrace/boot-1.notes
	run "$C" stacks stock utrace
	exits 6
	says "no boot left a histogram"
}
