#!/bin/sh
# strace.sh - strace -f of eight threads that signal themselves.
# seconds: 300
. /tracers/lib.sh

strace -f -o log /tracers/threads 8 20 >out 2>err
status=$?
busybox sed 's/^/# /' err
busybox awk -f /tracers/strace.awk log >traced
check "the program ends well under strace" [ $status -eq 0 ]
check "no seccomp filter" busybox grep -q "Seccomp:.0" out
check "every signal was seen" [ "$(lines '^T[0-8]: --- SIGUSR[12] ' traced)" -eq 180 ]
check "and its cause" [ "$(lines '^T[0-8]: tgkill\(T0, T[0-8], SIGUSR[12]\) = 0$' traced)" -eq 180 ]
check "nine threads end" [ "$(lines '^T[0-8]: \+\+\+ exited with 0 \+\+\+$' traced)" -eq 9 ]
check "no line is left over" [ "$(lines '^threads in the log|resumed|unfinished' traced)" -eq 0 ]
compared <traced
finish
