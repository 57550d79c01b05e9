/* labels.c - the labels of the snippet library (interp/snip*): a unit test compares this list with its source. */
#include <stddef.h>

#include "parse.h"

const char *const lang_labels[] = {
	"buf", "bus-page", "call", "call80", "fault-bus", "fault-bus.after",
	"fault-bus.at", "fault-fpe", "fault-fpe.after", "fault-fpe.at", "fault-gp",
	"fault-gp.after", "fault-gp.at", "fault-ill", "fault-ill.after", "fault-ill.at",
	"fault-segv", "fault-segv.after", "fault-segv.at", "fault-trap",
	"fault-trap.after", "fault-trap.at", "icebp-here", "icebp-here.after",
	"int3-here", "int3-here.after", "int3-long", "int3-long.after", "int80-getppid",
	"int80-getppid.after", "int80-getppid.at", "loop-getppid", "loop-getppid.after",
	"loop-getppid.at", "loop-getppid.end", "nops", "nops.end", "popf-tf",
	"popf-tf.after", "popf-tf.at", "popf-tf.trapped", "pushf", "pushf.after",
	"pushf.at", "rep-movs", "rep-movs.after", "rep-movs.at", "restorer",
	"spin-here", "spin-here.after", "spot", "spot2", "sud-selector",
	"syscall-exit-0", "syscall-exit-0.at", "syscall-getppid",
	"syscall-getppid.after", "syscall-getppid.at", "sysenter-getppid",
	"sysenter-getppid.at", "trap-getppid", "trap-getppid.after", "trap-getppid.at",
	"trap-getppid.behind", "vsyscall-time", "vsyscall-time.after",
	"vsyscall-time.at", "watch-load", "watch-load.after", "watch-load.at",
	"watch-store", "watch-store.after", "watch-store.at", "watch-word",
	"watch-word2",
	NULL
};
