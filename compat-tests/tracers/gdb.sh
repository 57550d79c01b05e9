#!/bin/sh
# gdb.sh - gdb in batch mode: breakpoints in threads, steps, a watchpoint, attach and detach.
# seconds: 600
. /tracers/lib.sh

echo "# a program from its start to its end"
gdb_session

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
