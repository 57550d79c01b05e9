#!/bin/sh
# uml.sh - User Mode Linux, whose system calls are all emulated by PTRACE_SYSEMU, booted to a script and halted.
# seconds: 900
. /tracers/lib.sh

export TMPDIR=/tmp
(linux.uml mem=64M initrd=/tracers/uml.cpio con=null con0=null,fd:1 umid=guest </dev/null 2>&1
echo "status $?") | while read -r line; do
	echo "$line" >>log
	# a guest that prints is alive
	echo "# $line"
done
check "PTRACE_SYSEMU works" busybox grep -q 'Checking syscall emulation patch for ptrace\.*OK' log
check "PTRACE_SYSEMU_SINGLESTEP works" busybox grep -q 'Checking advanced syscall emulation patch for ptrace\.*OK' log
check "it came up" [ "$(lines '^uml: up' log)" -eq 1 ]
check "it came to the end of its script" [ "$(lines '^uml: down' log)" -eq 1 ]
check "it halted" [ "$(lines 'reboot: (System halted|Power down)' log)" -eq 1 ]
check "it ended well" [ "$(lines '^status 0' log)" -eq 1 ]
busybox grep -E '^(Checking|uml:|status|reboot:)' log | busybox tr -d '\r' | compared
finish
