#!/bin/sh
# strace-options.sh - strace as it is used less often: calls failed and replaced, signals put in, grandchild, attach, other word sizes.
# seconds: 600
. /tracers/lib.sh

# run TEXT OPTION...: strace with these options, the command with them; the log, thread by thread, is compared.
run() {
	what=$1
	shift
	echo "# $what"
	busybox rm -f log
	strace -f -o log "$@" >out 2>err
	status=$?
	busybox sed 's/^/# /' err
	told
}

told() {
	busybox awk -f /tracers/strace.awk log >traced
	check "$what: no line is left over" [ "$(lines '^threads in the log|resumed|unfinished' traced)" -eq 0 ]
	compared <traced
	echo "# | --- $what: $status"
}

# The program ends with 1 if it got not as many signals as it sent.
run "calls that fail" -e trace=clone,tgkill -e inject=tgkill:error=EPERM:when=2+2 /tracers/threads 2 4
check "the program noticed" [ $status -eq 1 ]
check "every second one of each" [ "$(lines '= -1 EPERM .*INJECTED' traced)" -eq 6 ]

run "results that are made up" -e trace=clone,gettid,tgkill -e inject=gettid:retval=1 /tracers/threads 2 4
check "the program noticed" [ $status -eq 1 ]
check "all" [ "$(lines 'gettid\(\) = 1 .*INJECTED' traced)" -eq 12 ]

run "other calls" -e trace=clone,getpid,tgkill -e inject=getpid:syscall=getppid:when=1 /tracers/threads 2 4
check "the program noticed" [ $status -eq 1 ]

run "signals put in" -e trace=clone,write,tgkill -e inject=write:signal=USR1:when=2+ /tracers/threads 2 4
check "the program noticed" [ $status -eq 1 ]

run "late" -e trace=clone,tgkill -e inject=tgkill:delay_enter=1000:delay_exit=1000 /tracers/threads 2 4
check "the program is fine" [ $status -eq 0 ]

run "arguments" -e trace=clone,tgkill -e inject=tgkill:error=ESRCH:signal=USR2 /tracers/threads 2 4

for how in -D -DD -DDD; do
	run "tracer out of sight $how" $how /tracers/threads 2 4
	# it may still write
	for i in $(busybox seq 100); do
		busybox grep -q '^[0-9]* +++ exited with 0 +++' log && [ "$(lines 'exited with' log)" -eq 3 ] && break
		busybox sleep 0.1
	done
	check "the program is fine" [ $status -eq 0 ]
done 2>/dev/null

run "32 bits" /tracers/threads32 2 4
check "the program is fine" [ $status -eq 0 ]
run "32 bits, by a filter" --seccomp-bpf -e trace=clone,tgkill,exit /tracers/threads32 2 4
check "the program is fine" [ $status -eq 0 ]
run "32 bits, calls that fail" -e trace=clone,tgkill -e inject=tgkill:error=EPERM:when=2+2 /tracers/threads32 2 4
check "the program noticed" [ $status -eq 1 ]

echo "# attached, and let go"
busybox rm -f go
/tracers/keeper /tmp/go >kept 2>err </dev/null &
pid=$!
until busybox grep -q ready kept; do
	busybox sleep 0.1
done
for turn in 1 2 3; do
	strace -f -o log -p $pid 2>err &
	tracer=$!
	for i in $(busybox seq 200); do
		busybox grep -q 'attached with' err && break
		busybox sleep 0.1
	done
	check "six threads are attached to" busybox grep -q 'attached with 6 threads' err
	kill -INT $tracer
	wait $tracer
	check "let go" [ "$(lines 'detached$' err)" -eq 6 ] || busybox sed 's/^/# /' err
	check "nobody traces it" busybox grep -q "TracerPid:.0\$" /proc/$pid/status
done
: >go
wait $pid
check "it ends well" [ $? -eq 0 ]
compared <kept
finish
