#!/bin/sh
# beside-calls.sh - the broker answers 10,000 calls of four threads while gdb is attached to them, again and again.
# seconds: 300
# needs: modules
. /tracers/beside.sh

each=2700 total=$((4 * 2700)) result=777777

# session NAME: one of gdb with the program $pid; what is the same each time is left in NAME.
session() {
	gdb -nx -batch -p "$pid" -x /tracers/calls.gdb >out 2>err </dev/null
	status=$?
	busybox grep -E '^(a thread|stepped|call|result|thirty|wrong|Run till|\[Inferior 1 .* detached)' out |
		busybox sed -e 's/ (thread=.*//; s/process [0-9]*/process PID/' >"$1"
	first=$(busybox sed -n 's/^made \([0-9]*\) first$/\1/p' out)
	last=$(busybox sed -n 's/^made \([0-9]*\) last$/\1/p' out)
	[ $status -eq 0 ] && [ -n "$first" ] && [ -n "$last" ]
	check "$1: gdb came to the end of its session" [ $? -eq 0 ] || busybox sed 's/^/# gdb: /' err
}

# Let it come to its end.
finish_program() {
	gdb -nx -batch -p "$pid" -ex 'set var attached = 1' -ex 'set var finish = 1' -ex detach \
		>out 2>err </dev/null
	check "$1: gdb lets it go to its end" [ $? -eq 0 ]
}

echo "# by itself"
/tracers/calls $each >said &
wait_for '^pid' said
pid=$(busybox sed -n 's/^pid //p' said)
session alone
check "alone: four results" [ "$(lines '^(result of call 110 as wanted: 1|wrong results: 0|stepped|thirty marks later)$' alone)" -eq 4 ]
check "alone: it let go" busybox grep -q 'detached' alone
finish_program alone
wait $!
check "alone: all results were right" [ $? -eq 7 ]

echo "# with the broker"
busybox insmod /modules/utrace-broker.ko
/engines/brokerctl -r getppid=$result -r getpgrp=getpid -s -o rules /tracers/calls $each answered >said &
broker=$!
wait_for '^pid' said
pid=$(busybox sed -n 's/^pid //p' said)
sessions=0 attached=0 last=0
# in a session that begins with so many calls to be made one of them has a mark
while [ "$last" -lt $((total - 200)) ] && [ $sessions -lt 30 ]; do
	sessions=$((sessions + 1))
	session "session $sessions"
	[ -n "$last" ] || break
	attached=$((attached + last - first))
	echo "# $attached calls while gdb was attached, at $(busybox cut -d' ' -f1 /proc/uptime) s"
	check "session $sessions: gdb sees what it sees without the broker" busybox diff alone "session $sessions"
done
check "10,000 calls were made while gdb was attached: $attached" [ "$attached" -ge 10000 ]
check "in several sessions: $sessions" [ $sessions -ge 4 ]
finish_program broker
wait $broker
check "the program got the broker's results, and no others" [ $? -eq 7 ]
busybox sed 's/^/# /' said rules
check "the program says so" busybox grep -q "^made $total, wrong 0\$" said
check "each call of the one kind was answered" busybox grep -q "^$((total / 2)) getppid\$" rules
check "and of the other" busybox grep -q "^$((total / 2)) getpgrp\$" rules
finish
