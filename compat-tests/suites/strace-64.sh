#!/bin/sh
# strace-64.sh - strace's own tests, for 64 bits.
# seconds: 9000
. /suites/lib.sh
strace_suite /suites/strace-64.tar "${1:-*}" STRACE_NATIVE_ARCH=x86_64 STRACE_ARCH=x86_64 SIZEOF_LONG=8 SIZEOF_KERNEL_LONG_T=8
