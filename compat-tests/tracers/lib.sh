# lib.sh - what the scripts of compat-tests/tracers share: checks, and lines to be compared.

made=0 bad=0

# check TEXT COMMAND...: one check of TAP; what failed is in the text.  Is it good?
check() {
	what=$1
	shift
	made=$((made + 1))
	if "$@"; then
		echo "ok $made - $what"
	else
		echo "not ok $made - $what: $*"
		bad=$((bad + 1))
		return 1
	fi
}

# compared: standard input, as lines that have to be the same on both kernels.
compared() {
	busybox sed 's/^/# | /'
}

# lines PATTERN FILE: how many lines have it.
lines() {
	busybox grep -cE -- "$1" "$2"
}

# soon COMMAND...: does it succeed within twenty seconds?
soon() {
	for i in $(busybox seq 200); do
		"$@" && return 0
		busybox sleep 0.1
	done
	return 1
}

# has_threads PID COUNT
has_threads() {
	[ "$(busybox ls "/proc/$1/task" | busybox wc -l)" -eq "$2" ]
}

# gone PID: has it been waited for?
gone() {
	[ ! -d "/proc/$1" ]
}

# wait_for PATTERN FILE: soon a line has it.
wait_for() {
	soon busybox grep -qs -- "$1" "$2"
}

# untraced PID: does nobody trace it?
untraced() {
	busybox grep -q "TracerPid:.0\$" "/proc/$1/status"
}

# keep [filtered]: keeper is started, $pid, and ready; with a file called go it ends. It tells kept.
keep() {
	busybox rm -f go kept
	/tracers/keeper "$PWD/go" "$@" </dev/null >kept 2>err &
	pid=$!
	check "it starts" wait_for ready kept
	check "six threads are there" has_threads $pid 6
}

# strace_threads OPTION...: strace -f of eight threads that signal themselves; its log
# is left in traced, what the program printed in out.
strace_threads() {
	strace -f "$@" -o log /tracers/threads 8 20 >out 2>err
	status=$?
	busybox sed 's/^/# /' err
	busybox awk -f /tracers/strace.awk log >traced
	check "the program ends well under strace" [ $status -eq 0 ]
	check "every signal was seen" [ "$(lines '^T[0-8]: --- SIGUSR[12] ' traced)" -eq 180 ]
	check "and its cause" [ "$(lines '^T[0-8]: tgkill\(T0, T[0-8], SIGUSR[12]\) = 0$' traced)" -eq 180 ]
	check "nine threads end" [ "$(lines '^T[0-8]: \+\+\+ exited with 0 \+\+\+$' traced)" -eq 9 ]
}

# normal: the output of gdb without what differs from run to run: ids, which thread is reported first.
normal() {
	busybox grep -vE '^\[(New LWP|LWP|New Thread|Thread|Switching)|^warning: ' |
		busybox sed -E -e 's/process [0-9]+/process PID/g; s/LWP [0-9]+/LWP TID/g' \
			-e 's/pid [0-9]+/pid PID/g; s/Thread [0-9]+\.[0-9]+/Thread PID.TID/g'
}

# gdb_session OPTION...: gdb runs /tracers/threads from its start to its end, by session.gdb.
gdb_session() {
	gdb -nx -batch "$@" -x /tracers/session.gdb --args /tracers/threads 4 3 >out 2>err </dev/null
	status=$?
	busybox sed 's/^/# err: /' err
	check "gdb ends well" [ $status -eq 0 ]
	check "each thread was at the breakpoint in each round" [ "$(lines '^work [0-4] [0-2]$' out)" -eq 15 ]
	check "it caught the signals it was asked to" [ "$(lines '^caught SIGUSR2$' out)" -eq 5 ]
	check "it stepped into and out of functions" busybox grep -q '^in add' out
	check "the watchpoint saw each change" [ "$(lines '^total [0-9]+$' out)" -eq 4 ]
	check "the program ended well" busybox grep -q 'exited normally' out
	busybox grep -E '^(work|caught) ' out | busybox sort | compared
	busybox grep -vE '^(work|caught) ' out | normal | compared
}

# gdb_attaches OPTION...: three times gdb attaches, by OPTIONs, to threads that run, $pid, and lets go.
gdb_attaches() {
	for turn in 1 2 3; do
		gdb -nx -batch "$@" -ex 'thread apply all -q -s printf "thread at pc\n"' \
			-ex "set var turn = $turn" -ex 'print turn' -ex detach >out 2>err </dev/null
		check "gdb attaches and detaches" [ $? -eq 0 ]
		check "it sees five threads" [ "$(lines '^thread at pc$' out)" -eq 5 ] || busybox sed 's/^/# gdb: /' out err
		check "it let go" busybox grep -q 'Inferior 1 .* detached' out
		# after the third turn it ends
		[ $turn -eq 3 ] || check "nobody traces it" untraced $pid
		busybox grep -E '^(thread at|\$|\[Inf)' out | normal | compared
	done
	wait $pid
	check "the program saw what gdb wrote, and ended" [ $? -eq 3 ]
}

finish() {
	echo "1..$made"
	[ "$made" -gt 0 ] && [ "$bad" -eq 0 ]
	exit
}
