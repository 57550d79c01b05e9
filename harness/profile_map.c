/* profile_map.c - addresses of a guest to functions: the symbols of a kernel's System.map. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile_map.h"
#include "util.h"

/* Documentation/arch/x86/x86_64/mm.rst: the kernel's image, behind it modules, up to the fixmap. */
#define IMAGE 0xffffffff80000000
#define MODULES_END 0xffffffffff000000
#define KERNEL_HALF (UINT64_C(1) << 63)

/* Of neighbours with one address keep the last global one, or the last. */
static void drop_aliases(struct profile_map *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct profile_symbol s = m->v[i], *k = kept ? &m->v[kept - 1] : NULL;

		if (!k || k->address != s.address) {
			m->v[kept++] = s;
		} else if (s.global || !k->global) {
			free(k->name);
			*k = s;
		} else {
			free(s.name);
		}
	}
	m->n = kept;
}

bool profile_map_parse(struct profile_map *m, const char *text)
{
	size_t cap = 0;

	*m = (struct profile_map){ 0 };
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		uint64_t address;
		char type, name[512];

		if (sscanf(p, "%" SCNx64 " %c %511s", &address, &type, name) != 3)
			goto bad;
		if (!strcmp(name, "_end"))
			m->end = address;
		if (!strchr("tTwW", type) || address < IMAGE)
			continue;
		/* a name may begin with a dot, but no part of a function does */
		name[1 + strcspn(name + 1, ".")] = '\0';
		if (m->n == cap) {
			cap = cap ? 2 * cap : 1024;
			m->v = xrealloc(m->v, cap * sizeof(*m->v));
		}
		m->v[m->n++] = (struct profile_symbol){
			.address = address, .name = xstrdup(name), .global = type != 't',
		};
	}
	for (size_t i = 1; i < m->n; i++)
		if (m->v[i - 1].address > m->v[i].address)
			goto bad;	/* nm -n sorted it; aliases are in an order that counts */
	if (!m->n || m->end <= m->v[m->n - 1].address)
		goto bad;
	drop_aliases(m);
	return true;
bad:
	profile_map_free(m);
	return false;
}

void profile_map_free(struct profile_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].name);
	free(m->v);
	*m = (struct profile_map){ 0 };
}

const char *profile_map_name(const struct profile_map *m, uint64_t address)
{
	size_t low = 0, high = m->n;

	if (address < KERNEL_HALF)
		return PROFILE_USER;
	if (address >= m->end && address < MODULES_END)
		return PROFILE_MODULES;
	if (address >= MODULES_END || !m->n || address < m->v[0].address)
		return PROFILE_OTHER;
	/* v[low] is at or before it, v[high] behind it */
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (m->v[mid].address <= address)
			low = mid;
		else
			high = mid;
	}
	return m->v[low].name;
}
