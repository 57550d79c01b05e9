/* request.h - one page table between PID 1 and the watcher of one repeat: what to run, and what came of it. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>

#include "../form/wire.h"

#define REQUEST_FD	3	/* the mapping below */
#define JOB_FD		4	/* the job file */
#define REQUEST_MAGIC	0x51455257u

enum answer {
	ANSWER_NONE,		/* the watcher died before it had one */
	ANSWER_RESULT,		/* text is the trace */
	ANSWER_ERROR,		/* text says why there is no result */
	ANSWER_NOTE,
};

struct request {
	uint32_t magic;
	uint32_t flags;		/* JOB_* */
	uint64_t seed;		/* of this repeat */
	uint64_t blob_off, blob_len;	/* in the job file */
	uint32_t ncpus;
	uint32_t answer;	/* enum answer */
	uint32_t len;		/* of text */
	uint32_t repeat;	/* its number */
	uint64_t took_ns;
	char note[1024];	/* a second message: what was left behind */
	char text[FRAME_MAX - sizeof(struct frame_case)];
};

#endif
