/* count.c - a QEMU plugin: counts executed instructions by address between two readings of a clock. */
/*
 * usage: -plugin count.so,out=FILE,from=ADDRESS,to=ADDRESS
 *
 * A clock is read by a rdtsc in [from, to).  Each time one is executed FILE gets
 * a line "ADDRESS COUNT" for every instruction executed since the one before,
 * the address in hexadecimal, and then the line "mark"; at the first only the
 * latter.  When QEMU ends it gets the line "end".
 *
 * Exact with one virtual CPU, but that an instruction whose access of memory
 * faults is counted, and counted again when it is resumed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define CHUNK 4096
#define BUCKETS (1u << 18)

/* One instruction's counter.  It stays where it is: translated code has its address. */
struct counter {
	uint64_t address, count, before;
	struct counter *next;		/* of the same bucket */
};

struct chunk {
	struct counter v[CHUNK];
	struct chunk *next;
};

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

static struct counter *buckets[BUCKETS];
static struct chunk *chunks;		/* the newest, which is filled up, first */
static unsigned int used = CHUNK;	/* of the newest */
static uint64_t from, to;
static bool marked;
static FILE *out;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "count.so: %s\n", what);
	exit(1);
}

static struct counter *counter_of(uint64_t address)
{
	struct counter **bucket = &buckets[(address * 0x9e3779b97f4a7c15ull) >> 46], *c;

	for (c = *bucket; c; c = c->next)
		if (c->address == address)
			return c;
	if (used == CHUNK) {
		struct chunk *more = calloc(1, sizeof(*more));

		if (!more)
			die("out of memory");
		more->next = chunks;
		chunks = more;
		used = 0;
	}
	c = &chunks->v[used++];
	c->address = address;
	c->next = *bucket;
	*bucket = c;
	return c;
}

/* The clock is read: write down what was executed since it was last. */
static void on_mark(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	for (struct chunk *ch = chunks; ch; ch = ch->next) {
		for (unsigned int i = 0; i < (ch == chunks ? used : CHUNK); i++) {
			struct counter *c = &ch->v[i];

			if (marked && c->count != c->before)
				fprintf(out, "%" PRIx64 " %" PRIu64 "\n", c->address,
					c->count - c->before);
			c->before = c->count;
		}
	}
	marked = true;
	fputs("mark\n", out);
}

static bool is_mark(const struct qemu_plugin_insn *insn, uint64_t address)
{
	return address >= from && address < to && qemu_plugin_insn_size(insn) == 2 &&
	       !memcmp(qemu_plugin_insn_data(insn), "\x0f\x31", 2);
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &counter_of(address)->count, 1);
		if (is_mark(insn, address))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	fputs("end\n", out);
	if (fclose(out))
		perror("count.so");
}

static int refuse(const char *what, const char *which)
{
	fprintf(stderr, "count.so: %s%s\n", what, which);
	return -1;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	const char *path = NULL;

	if (info->version.min > PLUGIN_VERSION || info->version.cur < PLUGIN_VERSION) {
		fprintf(stderr, "count.so: QEMU's plugin interface has versions %d to %d, expected %d\n",
			info->version.min, info->version.cur, PLUGIN_VERSION);
		return -1;
	}
	if (!info->system_emulation || info->system.max_vcpus != 1)
		return refuse("expected a machine with one virtual CPU", "");
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			path = argv[i] + 4;
		else if (!strncmp(argv[i], "from=", 5))
			from = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "to=", 3))
			to = strtoull(argv[i] + 3, NULL, 0);
		else
			return refuse("unknown argument ", argv[i]);
	}
	if (!path || !from || to <= from)
		return refuse("expected out=FILE,from=ADDRESS,to=ADDRESS", "");
	out = fopen(path, "we");
	if (!out)
		return refuse("cannot write ", path);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
