#!/bin/sh
# strace-32.sh - strace's own tests, with programs for ia32.
# seconds: 9000
. /suites/lib.sh
strace_suite /suites/strace-32.tar "${1:-*}" STRACE_NATIVE_ARCH=x86_64 STRACE_ARCH=i386 SIZEOF_LONG=4 SIZEOF_KERNEL_LONG_T=4
