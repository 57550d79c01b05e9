/* wire.h - what passes between host and guest: the job file in the initramfs and the result frames. */
#ifndef WIRE_H
#define WIRE_H

#include <stdint.h>

/*
 * Job: the file /job of the initramfs.  struct job_head, then head.count times
 * { struct job_case; blob (struct form_case), padded with zeros to 8 }.
 * Nothing else enters the guest after boot.
 */
#define JOB_MAGIC	0x314a5450u	/* "PTJ1" */

struct job_head {
	uint32_t magic;
	uint32_t count;
	uint32_t size;			/* of the whole file */
	uint32_t crc;			/* crc32 of everything after this field */
	uint64_t nonce;			/* repeated in the HELLO frame */
	uint64_t seed;			/* of this boot */
	uint32_t flags;			/* JOB_* */
	uint32_t pad;
};

enum job_flags {
	JOB_ICOUNT = 1,		/* the guest must assert its deterministic setup */
	JOB_PERTURB = 2,	/* seeded offsets and the real-time controller are on */
	JOB_SHELL = 4,		/* run a shell on the console instead of cases */
	JOB_LAG = 16,		/* in repeat N of a case role N lags: see lag() in the interpreter */
};

struct job_case {
	uint32_t id;			/* the host's number for the case */
	uint32_t repeats;
	uint32_t first_repeat;		/* number of the first one; seeds derive from it */
	uint32_t len;			/* of the blob that follows */
};

/*
 * Frames leave the guest as one stream of bytes.  crc is over type, seq, len and
 * the payload.  Anything between frames, a bad crc or a gap in seq is
 * corruption: the host keeps every good frame and says so.
 *
 * The stream begins in a window of memory that guest and host share (BAR 2 of
 * QEMU's ivshmem-plain): `used' bytes from WINDOW_DATA on, stored after them.
 * What a full window does not take, or a guest without one has, is written to
 * I/O port FRAME_PORT (QEMU's isa-debugcon, a chardev of its own), which costs
 * the host an exit from translated code and a write() for each byte.
 */
#define FRAME_PORT	0x402
#define WINDOW_SIZE	(16u << 20)
#define WINDOW_DATA	4096
#define WINDOW_VENDOR	"0x1af4\n"	/* as sysfs writes them */
#define WINDOW_DEVICE	"0x1110\n"
#define EXIT_PORT	0x501		/* isa-debug-exit; value v ends QEMU with 2v+1 */
#define FRAME_MAGIC	0x3146427fu	/* 0x7f "BF1" */
#define FRAME_MAX	(1u << 20)

struct window_head {
	uint64_t used;
};

struct frame_head {
	uint32_t magic;
	uint32_t type;
	uint32_t seq;			/* from 0 in each boot */
	uint32_t len;			/* of the payload */
	uint32_t crc;
};

enum frame_type {
	FRAME_HELLO = 1,	/* text "key value" lines: nonce, release, cpus, hrtimers, sleep_ns ... */
	FRAME_BEGIN,		/* struct frame_case: a repeat starts */
	FRAME_RESULT,		/* struct frame_case, then the trace text */
	FRAME_KMSG,		/* struct frame_case, then kernel messages of level <= 4 since the last one */
	FRAME_ERROR,		/* struct frame_case, then text: the testbed itself failed (setup, interpreter crash) */
	FRAME_BYE,		/* u32 number of RESULT frames sent */
	FRAME_NOTE,		/* free text, for people */
};

struct frame_case {
	uint32_t id;
	uint32_t repeat;
	uint64_t guest_ns;	/* CLOCK_MONOTONIC when the frame was made */
	uint64_t took_ns;	/* RESULT: guest time of the repeat */
};

/*
 * Trace text of one repeat, in RESULT frames and hashed as its outcome.  One
 * event a line:  ACTOR TAB N TAB TEXT  with N the actor's own event number
 * from 1.  Actors come in role order, a role's handler log right after it as
 * ROLE!  Events that await or post edges end in " <edge" / " >edge".  Last come
 * the lines of the end state, actor "=", one a role (see LANGUAGE.md).
 * A line "=\t0\tBLOCKED" appears when a column was not finished, "=\t0\tRUNNING"
 * when the case never came to rest, "=\t99\tLEFT BEHIND ROLE STATE" when a
 * process could not be ended.  A role's own line is one of
 *   ROLE finished | spins at `STEP` | BLOCKED at `STEP` [<edge] | runs | leaving
 *	at `STEP` | not started   [, STATE][, traced by ROLE][, pending SIG...]
 *	[, process pending SIG...][, blocked SIG...]
 *   ROLE zombie, exited N|killed SIG[ core][, traced by ROLE]
 *   ROLE gone[, its tid is ROLE] | not born
 * STATE is the letter of /proc, left out where it only tells when it was looked at.
 */

#endif
