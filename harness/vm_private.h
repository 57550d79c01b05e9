/* vm_private.h - what the three files of a running boot share: vm.c, vm_frames.c, vm_watch.c. */
#ifndef HARNESS_VM_PRIVATE_H
#define HARNESS_VM_PRIVATE_H

#include "vm.h"

enum phase {
	PH_RUN,
	PH_REGISTERS,		/* stuck: asked for the registers */
	PH_NMI,			/* stuck: waits for the task states */
	PH_LEAVING,		/* BYE or a panic was seen: it is to end by itself */
	PH_KILLED,
};

void vm_set_phase(struct vm *v, enum phase p);
/* Kill QEMU; vm_work() notices when it is gone. */
void vm_kill(struct vm *v);
/* There was a sign of life. */
void vm_mark_progress(struct vm *v);
/* Look at clock, monitor and console: is it stuck, is it to be killed? */
void vm_watch(struct vm *v, const struct vm_limits *lim);
/* QEMU has ended: set .end and .trouble. */
void vm_classify(struct vm *v);
/* Take in what is new on the result channel; @last: nothing will follow. */
void vm_read_frames(struct vm *v, bool last);

#endif
