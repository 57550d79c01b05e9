#!/bin/sh
# beside-detach.sh - gdb and strace beside an engine that holds: who lets go first, who leaves first.
# seconds: 300
# needs: modules
. /tracers/beside.sh

# Runs any thread of it, within a fifth of a second?  Who sleeps or runs is scheduled.
moves() {
	busybox grep -h ctxt_switches /proc/$pid/task/*/status >moves1
	busybox sleep 0.2
	busybox grep -h ctxt_switches /proc/$pid/task/*/status >moves2
	! busybox cmp -s moves1 moves2
}

still() {
	! moves
}

# The engine, which is told by lines in the fifo commands and says in held what it did.
start_engine() {
	busybox rm -f commands held
	busybox mkfifo commands
	/tracers/hold $pid <commands >held &
	engine=$!
	exec 3>commands
	wait_for 'done attach' held
	check "$1: the engine is attached" [ $? -eq 0 ]
}

end_engine() {
	exec 3>&-
	wait $engine
	check "$1: nothing the engine was told failed" [ "$(lines '^failed' held)" -eq 0 ]
}

done_again() {
	[ "$(lines "^done $1" held)" -gt "$before" ]
}

# tell COMMAND: and wait until it is done.
tell() {
	before=$(lines "^done $1" held)
	echo "$1" >commands
	soon done_again "$1"
}

# What gdb's sessions run by "shell": they are not gdb, so they call this script.
case $1 in
tell)
	tell "$2"
	exit ;;
still)
	# still WHEN: told in the order of events
	if still; then echo "still, $2: yes"; else echo "still, $2: no"; fi >>order
	exit ;;
later)
	# while gdb waits for its program, which is held
	(wait_for '^at the first$' out
	busybox sleep 1
	if still; then echo "held while gdb continues"; else echo "not held"; fi >>order
	echo "the engine lets go" >>order
	tell go) >/dev/null 2>&1 3>&- &
	exit ;;
esac

me=/tracers/beside-detach.sh
export pid

/tracers/threads 4 wait >/dev/null 3>&- &
program=$!
pid=$program
check "five threads are there" soon has_threads $pid 5

echo "# gdb, stopped at a breakpoint, the engine holds, gdb continues"
start_engine gdb
cat >session <<END
set pagination off
set confirm off
set print thread-events off
break nap
continue
printf "at the first\n"
delete
shell $me tell stop
break nap
shell $me later
continue
shell echo "gdb is at its breakpoint" >>order
delete
shell $me still 'stopped by gdb'
shell $me tell stop
shell $me still 'stopped by both'
shell $me tell go
shell $me still 'when the engine let go'
detach
END
gdb -nx -batch -p $pid -x session >out 2>err </dev/null
check "gdb ends well" [ $? -eq 0 ]
busybox cat >expected <<END
held while gdb continues
the engine lets go
gdb is at its breakpoint
still, stopped by gdb: yes
still, stopped by both: yes
still, when the engine let go: yes
END
check "whoever stops it keeps it stopped" busybox diff expected order
check "gdb was twice at the breakpoint" [ "$(lines '^Thread .* hit Breakpoint' out)" -eq 2 ]
busybox sed 's/^/# gdb: /' out
check "both are done: it runs" moves
check "nobody traces it" untraced $pid

echo "# the engine leaves while gdb is there, then gdb"
cat >session <<END
set pagination off
set confirm off
shell $me tell stop
shell $me tell leave
shell $me still 'when the engine left'
break nap
continue
delete
detach
END
busybox rm order
gdb -nx -batch -p $pid -x session >out 2>err </dev/null
check "gdb ends well" [ $? -eq 0 ]
check "gdb's stop outlives the engine" [ "$(busybox cat order)" = "still, when the engine left: yes" ]
check "gdb was at its breakpoint" [ "$(lines '^Thread .* hit Breakpoint' out)" -eq 1 ]
check "both left: it runs" moves
check "nobody traces it" untraced $pid
end_engine "engine first"

echo "# gdb leaves while the engine holds, then the engine"
start_engine "gdb first"
gdb -nx -batch -p $pid -ex "shell $me tell stop" -ex detach >out 2>err </dev/null
check "gdb ends well" [ $? -eq 0 ]
check "nobody traces it" untraced $pid
check "the engine holds it" still
tell go
check "the engine lets go: it runs" moves

echo "# strace: the engine holds, lets go, leaves, then strace"
strace -f -p $pid -o log 2>err 3>&- &
strace=$!
wait_for nanosleep log
check "strace sees calls" [ $? -eq 0 ]
tell stop
check "the engine holds it beside strace" still
before=$(lines . log)
tell go
check "the engine lets go: it runs" moves
tell leave
check "the engine left: it runs" moves
busybox sleep 0.5
check "strace sees more calls" [ "$(lines . log)" -gt "$before" ]
kill -INT $strace
wait $strace
check "strace left: it runs" moves
check "nobody traces it" untraced $pid
check "strace saw no stop, of whomever" [ "$(lines '---|\+\+\+' log)" -eq 0 ]
end_engine "strace last"

echo "# strace wants to leave while the engine holds"
start_engine "strace first"
strace -f -p $pid -o log 2>err 3>&- &
strace=$!
wait_for nanosleep log
check "strace sees calls" [ $? -eq 0 ]
tell stop
kill -INT $strace
busybox sleep 0.5
check "the engine holds it" still
tell go
wait $strace
check "strace left: it runs" moves
check "nobody traces it" untraced $pid
check "strace saw no stop, of whomever" [ "$(lines '---|\+\+\+' log)" -eq 0 ]

echo "# and it ends as it would"
gdb -nx -batch -p $pid -ex 'set var turn = 3' -ex detach >out 2>err </dev/null
check "gdb ends well" [ $? -eq 0 ]
wait $program
check "it ended with what gdb wrote" [ $? -eq 3 ]
end_engine end
finish
