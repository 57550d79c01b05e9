#!/bin/sh
# strace-seccomp.sh - the same by strace -f --seccomp-bpf, which stops only for the calls it was asked for.
# seconds: 300
. /tracers/lib.sh

strace -f --seccomp-bpf -e trace=tgkill,clone,write,exit,exit_group -o log \
	/tracers/threads 8 20 >out 2>err
status=$?
busybox sed 's/^/# /' err
busybox awk -f /tracers/strace.awk log >traced
check "the program ends well under strace" [ $status -eq 0 ]
check "strace's filter was in force" busybox grep -q "Seccomp:.2" out
check "every signal was seen" [ "$(lines '^T[0-8]: --- SIGUSR[12] ' traced)" -eq 180 ]
check "and its cause" [ "$(lines '^T[0-8]: tgkill\(T0, T[0-8], SIGUSR[12]\) = 0$' traced)" -eq 180 ]
check "nine threads end" [ "$(lines '^T[0-8]: \+\+\+ exited with 0 \+\+\+$' traced)" -eq 9 ]
check "nothing else was asked for" [ "$(lines '^T[0-8]: (read|gettid|rt_sigaction)' traced)" -eq 0 ]
compared <traced
finish
