#!/bin/sh
# gdb.sh - gdb in batch mode: breakpoints in threads, steps, a watchpoint, attach and detach.
# seconds: 600
. /tracers/lib.sh

# What differs from run to run: ids, which thread is reported first.
normal() {
	busybox grep -vE '^\[(New LWP|LWP|New Thread|Thread|Switching)|^warning: ' |
		busybox sed -e 's/process [0-9]*/process PID/g; s/LWP [0-9]*/LWP TID/g' \
			-e 's/pid [0-9]*/pid PID/g'
}

echo "# a program from its start to its end"
gdb -nx -batch -x /tracers/session.gdb --args /tracers/threads 4 3 >out 2>err </dev/null
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

echo "# attach and detach, three times, while it runs"
/tracers/threads 4 wait >/dev/null &
pid=$!
check "five threads are there" has_threads $pid 5
for turn in 1 2 3; do
	gdb -nx -batch -p $pid -ex 'info threads' -ex 'thread apply all -q -s printf "thread at pc\n"' \
		-ex "set var turn = $turn" -ex 'print turn' -ex detach >out 2>err </dev/null
	check "gdb attaches and detaches" [ $? -eq 0 ]
	check "it sees five threads" [ "$(lines '^thread at pc$' out)" -eq 5 ] || busybox sed 's/^/# gdb: /' out err
	check "it let go" busybox grep -q 'Inferior 1 .* detached' out
	# after the third turn it ends
	[ $turn -eq 3 ] || check "nobody traces it" busybox grep -q "TracerPid:.0\$" /proc/$pid/status
	busybox grep -E '^(thread at|\$|\[Inf)' out | normal | compared
done
wait $pid
check "the program saw what gdb wrote, and ended" [ $? -eq 3 ]
finish
