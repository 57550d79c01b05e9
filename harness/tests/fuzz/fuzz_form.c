/* fuzz_form.c - libFuzzer target for form_check(): what passes it can be followed everywhere. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "form_walk.h"
#include "harness/util.h"
#include "lang/lang.h"

/* A case with at least one of everything, to be damaged. */
static const char whole[] =
	"title a b\nids D1\noutcome exact\n"
	"roles\n  T tracer\n  P tracee\n  Q tracee, thread of P\n  C tracee, child of P, born\n"
	"handler h\n  mark ran >ran\n"
	"block b\n  mark one\n"
	"block c\n  do b\n"
	"block serve\n  on signal of P : cont it sig\n  on any : cont it\n"
	"steps\n  T | P | Q | C\n"
	"  <ready need seize P => v | handle SIGUSR1 h; nop >ready; fork C | pause | run spot\n"
	"  react serve until gone; do c; value @v; call getppid 1 2; value tid:Q; <ran; loop-until e b | nop >e\n";

static const struct tcase *base(void)
{
	static struct suite s;

	if (!s.ncases) {
		struct lang_errors e = { 0 };

		if (lang_scenario("f/t", "t.scn", whole, strlen(whole), NULL, NULL, NULL, &s, &e))
			abort();
	}
	return &s.cases[0];
}

static void seal(struct form_case *c, size_t len)
{
	size_t from = offsetof(struct form_case, flags);

	c->magic = FORM_MAGIC;
	c->size = (uint32_t)len;
	c->crc = form_crc32(0, (char *)c + from, len - from);
}

static void check(struct form_case *c, size_t len)
{
	const char *why = NULL;

	if (!form_check(c, len, &why))
		form_walk(c);
	else if (!why || !*why)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Byte 0 even: the rest is a whole blob.  Odd: changes to a good one, offset (2 bytes) and value (4). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tcase *good = base();
	size_t len = size && (data[0] & 1) ? good->bloblen : size ? size - 1 : 0;
	/* Exactly so long: a read behind it is seen. */
	struct form_case *c = xmalloc(len);

	if (!size) {
		free(c);
		return 0;
	}
	if (data[0] & 1) {
		memcpy(c, good->blob, len);
		for (size_t i = 1; i + 6 <= size; i += 6) {
			size_t at = ((size_t)data[i] | (size_t)data[i + 1] << 8) * 2 % (len - 4);

			memcpy((char *)c + at, data + i + 2, 4);
		}
	} else if (len) {
		memcpy(c, data + 1, len);
	}
	if (len >= sizeof(*c) && !(data[0] & 2))
		seal(c, len);
	check(c, len);
	free(c);
	return 0;
}
