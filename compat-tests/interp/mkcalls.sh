#!/bin/sh
# mkcalls.sh - make tables_calls.c, the system call names of the three ABIs, from a kernel tree's arch/x86/entry/syscalls/*.tbl.
# usage: mkcalls.sh KERNEL-TREE > tables_calls.c
set -eu
if [ $# -ne 1 ] || [ ! -r "$1/arch/x86/entry/syscalls/syscall_64.tbl" ]; then
	echo "mkcalls.sh: expected one argument, a kernel tree with arch/x86/entry/syscalls/syscall_64.tbl" >&2
	exit 2
fi
dir=$1/arch/x86/entry/syscalls
cat <<'HEAD'
/* tables_calls.c - system call numbers by name: 64-bit, x32, ia32. Made by mkcalls.sh from the kernel's tables; do not edit. */
#include "tables.h"

#define X32(n) ((n) | 0x40000000)
const struct call_name call_names[] = {
HEAD
awk '
	/^[ \t]*#/ || NF < 3 { next }
	FILENAME ~ /_64/ && ($2 == "common" || $2 == "64") { c64[$3] = $1; seen[$3] = 1 }
	FILENAME ~ /_64/ && ($2 == "common" || $2 == "x32") { x32[$3] = $1; seen[$3] = 1 }
	FILENAME ~ /_32/ { c32[$3] = $1; seen[$3] = 1 }
	END {
		for (n in seen)
			printf "\t{ \"%s\", %s, %s, %s },\n", n, n in c64 ? c64[n] : -1, n in x32 ? "X32(" x32[n] ")" : -1, n in c32 ? c32[n] : -1
	}
' "$dir/syscall_64.tbl" "$dir/syscall_32.tbl" | LC_ALL=C sort
cat <<'TAIL'
};
const unsigned int call_names_n = sizeof(call_names) / sizeof(call_names[0]);
TAIL
