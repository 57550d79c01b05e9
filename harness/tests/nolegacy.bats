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
