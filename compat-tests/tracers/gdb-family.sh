#!/bin/sh
# gdb-family.sh - gdb and processes that make others: it stops at each, follows either, keeps both, calls, changes signals, kills.
# seconds: 900
. /tracers/lib.sh

quiet='handle SIGUSR1 nostop noprint pass'

none_left() {
	! busybox pidof family >/dev/null
}

# session TEXT OPTION...: a batch session; what gdb prints is compared, and what the program does.
session() {
	what=$1
	shift
	echo "# $what"
	: >told
	gdb -nx -batch -ex 'set width 0' -ex 'set confirm off' -ex 'set print thread-events off' \
		-ex 'set print inferior-events off' -ex 'set args >told' "$@" /tracers/family >out 2>err </dev/null
	status=$?
	check "$what: gdb ends well" [ $status -eq 0 ]
	busybox sed 's/^/# err: /' err
	# those that gdb has let go
	check "$what: all have ended" soon none_left
	busybox sed -e 's/^\[Detaching.*/[Detaching]/' -e 's/^\[Attaching.*/[Attaching]/' out | normal | compared
	compared <told
	echo "# | --- $what"
}

session "stopped at each" -ex 'catch fork' -ex 'catch vfork' -ex 'catch exec' -ex 'catch syscall 110' -ex run \
	-ex 'bt 1' -ex continue -ex continue -ex 'bt 1' -ex continue -ex 'bt 1' -ex continue -ex continue
check "at the fork and the vfork" [ "$(lines '^Catchpoint [12] \(v?forked process' out)" -eq 2 ]
check "in and out of the call" [ "$(lines "^Catchpoint 4 \((call to|returned from) syscall" out)" -eq 2 ]
check "it ended" busybox grep -q 'exited with code 01' out

session "the child is followed" -ex 'set follow-fork-mode child' -ex 'break in_child' -ex run -ex 'bt 1' \
	-ex 'break twice' -ex continue -ex 'print n' -ex 'finish' -ex continue
check "to its end" busybox grep -q 'exited with code 04' out

session "the new program is followed" -ex 'catch vfork' -ex run -ex 'set follow-fork-mode child' -ex 'catch exec' \
	-ex continue -ex 'tbreak main' -ex continue -ex 'print argc' -ex continue
check "to its end" busybox grep -q 'exited with code 05' out

session "both are kept" -ex 'set detach-on-fork off' -ex 'set schedule-multiple off' -ex 'break in_child' \
	-ex 'break in_parent' -ex 'catch fork' -ex run -ex 'delete 3' -ex next -ex 'info inferiors' -ex 'inferior 2' \
	-ex continue -ex 'bt 1' -ex continue -ex 'inferior 1' -ex continue -ex 'print status' -ex 'kill inferiors 1'
check "the child ended under gdb" busybox grep -q 'Inferior 2 .* exited with code 04' out

session "calls, and values" -ex "$quiet" -ex 'break in_parent' -ex run -ex 'print twice(21)' \
	-ex 'set var answer = 42' -ex delete -ex continue
check "a function was called" busybox grep -q '= 42$' out
check "what it wrote is the status" busybox grep -q 'exited with code 052' out

session "a signal is dropped" -ex run -ex 'signal 0'
check "dropped" busybox grep -q '^caught 0, ' told
session "a signal is passed" -ex run -ex 'signal SIGUSR1'
check "passed" busybox grep -q '^caught 10, ' told
session "a signal is sent" -ex "$quiet" -ex 'break at_end' -ex run -ex 'signal SIGTERM'
check "sent" busybox grep -q 'terminated with signal SIGTERM' out

session "return and jump" -ex 'break twice' -ex 'set follow-fork-mode child' -ex run -ex 'return 8' -ex continue \
	-ex 'set follow-fork-mode parent' -ex 'delete' -ex 'tbreak in_parent' -ex run -ex 'return' -ex 'next' -ex 'kill'
check "returned" busybox grep -q 'exited with code 010' out

session "a core" -ex "$quiet" -ex 'break at_end' -ex run -ex 'generate-core-file core' -ex kill
gdb -nx -batch -ex 'bt' -ex 'print caught' -ex 'info signal SIGUSR1' /tracers/family core >out 2>err </dev/null
check "it can be read" busybox grep -q '= 10$' out
busybox grep -vE '^\[New LWP' out | compared

session "a checkpoint" -ex "$quiet" -ex 'tbreak in_parent' -ex run -ex checkpoint -ex 'set var answer = 7' \
	-ex 'break at_end' -ex 'info checkpoints' -ex 'restart 1' -ex 'print answer' -ex 'set var status = 3' -ex continue \
	-ex 'restart 0' -ex 'print answer' -ex continue -ex continue
check "the first of the two was changed" busybox grep -q '= 7$' out
finish
