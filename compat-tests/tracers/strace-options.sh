#!/bin/sh
# strace-options.sh - strace as it is used less often: calls failed and replaced, signals put in, grandchild, attach, other word sizes.
# seconds: 600
. /tracers/lib.sh

# Has the end of the first thread, which is seen last, been logged?
all_ended() {
	busybox awk 'NR == 1 { first = $1 } { last = $1; ended = / exited with / } END { exit !(last == first && ended) }' log
}

# run TEXT OPTION...: strace with these options of a program with three threads; its log, thread by thread, is compared.
run() {
	what=$1
	shift
	echo "# $what"
	busybox rm -f log
	strace -f -o log "$@" 2 4 >out 2>err
	status=$?
	busybox sed 's/^/# /' err
	# strace may outlive the program
	check "$what: strace has no complaint" [ "$(lines '^strace: [^P]' err)" -eq 0 ]
	check "$what: the log is whole" soon all_ended
	busybox awk -f /tracers/strace.awk log >traced
	check "$what: no line is left over" [ "$(lines '^threads in the log|resumed|unfinished' traced)" -eq 0 ]
	compared <traced
	echo "# | --- $what: $status"
}

# The program ends with 1 if it got not as many signals as it sent.
run "calls that fail" -e trace=clone,tgkill -e inject=tgkill:error=EPERM:when=2+2 /tracers/threads
check "the program noticed" [ $status -eq 1 ]
check "every second one of each" [ "$(lines '= -1 EPERM .*INJECTED' traced)" -eq 6 ]

run "results that are made up" -e trace=clone,gettid,tgkill -e inject=gettid:retval=1 /tracers/threads
check "the program noticed" [ $status -eq 1 ]
check "all" [ "$(lines 'gettid\(\) = 1 .*INJECTED' traced)" -eq 12 ]

run "other calls" -e trace=clone,getpid,tgkill -e inject=getpid:retval=1:syscall=getppid:when=1 /tracers/threads
check "the program noticed" [ $status -eq 1 ]
check "once each" [ "$(lines 'getpid\(\) = 1 .*INJECTED' traced)" -eq 3 ]

run "signals put in" -e trace=clone,write,tgkill -e inject=write:signal=USR1:when=2+ /tracers/threads
check "the program noticed" [ $status -eq 1 ]

run "late" -e trace=clone,tgkill -e inject=tgkill:delay_enter=1000:delay_exit=1000 /tracers/threads
check "the program is fine" [ $status -eq 0 ]

run "a signal in place of a call" -e trace=clone,tgkill -e inject=tgkill:error=ESRCH:signal=USR2 /tracers/threads
check "the program got as many as it sent" [ $status -eq 0 ]
check "none of those it sent" [ "$(lines 'tgkill\(.*= -1 ESRCH .*INJECTED' traced)" -eq 12 ]

for how in -D -DD -DDD; do
	run "tracer out of sight $how" $how /tracers/threads
	check "the program is fine" [ $status -eq 0 ]
done

run "32 bits" /tracers/threads32
check "the program is fine" [ $status -eq 0 ]
run "32 bits, by a filter" --seccomp-bpf -e trace=clone,tgkill,exit /tracers/threads32
check "the program is fine" [ $status -eq 0 ]
run "32 bits, calls that fail" -e trace=clone,tgkill -e inject=tgkill:error=EPERM:when=2+2 /tracers/threads32
check "the program noticed" [ $status -eq 1 ]

echo "# attached, and let go"
keep
for turn in 1 2 3; do
	busybox rm err
	strace -f -o log -p $pid 2>err &
	tracer=$!
	wait_for 'attached with' err
	check "six threads are attached to" busybox grep -q 'attached with 6 threads' err
	kill -INT $tracer
	wait $tracer
	check "let go" [ "$(lines 'detached$' err)" -eq 6 ] || busybox sed 's/^/# /' err
	check "nobody traces it" untraced $pid
done
: >go
wait $pid
check "it ends well" [ $? -eq 0 ]
compared <kept
finish
