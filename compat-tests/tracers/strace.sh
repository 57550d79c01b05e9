#!/bin/sh
# strace.sh - strace -f of eight threads that signal themselves.
# seconds: 300
. /tracers/lib.sh

strace_threads
check "no seccomp filter" busybox grep -q "Seccomp:.0" out
check "no line is left over" [ "$(lines '^threads in the log|resumed|unfinished' traced)" -eq 0 ]
compared <traced
finish
