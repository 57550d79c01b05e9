/* qmp.h - a small QMP client on one socket, never blocking. */
#ifndef HARNESS_QMP_H
#define HARNESS_QMP_H

#include <stdbool.h>

#include "util.h"

struct qmp {
	int fd;			/* ours of a socket pair, non-blocking; -1 closed */
	bool ready;		/* greeting seen, capabilities agreed */
	unsigned int sent, answered;
	struct buf in, out;
	char *reply;		/* text of the last human-monitor-command's answer, or NULL */
};

void qmp_init(struct qmp *q, int fd);
void qmp_close(struct qmp *q);
/* Queue a command without arguments. */
void qmp_command(struct qmp *q, const char *name);
/* Queue a command of the human monitor; its answer goes to .reply. */
void qmp_human(struct qmp *q, const char *line);
/* Read and write what can be without waiting.  False once QEMU has hung up. */
bool qmp_work(struct qmp *q);
/* Everything queued was answered. */
bool qmp_idle(const struct qmp *q);

#endif
