/* proofkey.c - short names in the logs of long proofs for what was run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofkey.h"
#include "util.h"

void suite_key(const struct suite *s, char key[PROOFKEY])
{
	struct buf b = { 0 };
	char hex[65];

	for (size_t i = 0; i < s->ncases; i++) {
		buf_puts(&b, s->cases[i].name);
		buf_add(&b, s->cases[i].blob, s->cases[i].bloblen);
	}
	sha256_hex(b.s, b.len, hex);
	snprintf(key, PROOFKEY, "%.12s", hex);
	buf_free(&b);
}

void guest_key(char key[PROOFKEY])
{
	static const char *const names[] = { "interp64", "interp32", "interpx32" };
	struct buf b = { 0 };
	char hex[65];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *rel = xasprintf("build/guest/%s", names[i]), *path = top_path(rel);
		size_t len;
		char *text = read_file(path, &len);

		if (!text)
			fatal(EX_BUILD, "%s: %s; `make image' builds it", path, strerror(errno));
		buf_add(&b, text, len);
		free(text);
		free(path);
		free(rel);
	}
	sha256_hex(b.s, b.len, hex);
	snprintf(key, PROOFKEY, "%.12s", hex);
	buf_free(&b);
}
