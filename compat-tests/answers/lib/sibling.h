/* sibling.h - a thread of this process that traces, or is just there. */
#ifndef ANSWERS_SIBLING_H
#define ANSWERS_SIBLING_H

#include "look.h"

/* Start it; it seizes and interrupts @traces if that is not 0.  Its number, or -1. */
pid_t sibling_start(pid_t traces);
/* End it, if there is one. */
void sibling_end(void);

#endif
