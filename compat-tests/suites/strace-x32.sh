#!/bin/sh
# strace-x32.sh - strace's own tests, with programs for x32.
# seconds: 9000
. /suites/lib.sh
strace_suite /suites/strace-x32.tar "${1:-*}" STRACE_NATIVE_ARCH=x86_64 STRACE_ARCH=x32 SIZEOF_LONG=4 SIZEOF_KERNEL_LONG_T=8
