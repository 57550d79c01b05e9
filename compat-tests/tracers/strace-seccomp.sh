#!/bin/sh
# strace-seccomp.sh - the same by strace -f --seccomp-bpf, which stops only for the calls it was asked for.
# seconds: 300
. /tracers/lib.sh

strace_threads --seccomp-bpf -e trace=tgkill,clone,write,exit,exit_group
check "strace's filter was in force" busybox grep -q "Seccomp:.2" out
check "nothing else was asked for" [ "$(lines '^T[0-8]: (read|gettid|rt_sigaction)' traced)" -eq 0 ]
compared <traced
finish
