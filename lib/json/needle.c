/*
 * needle - which needles find the paths of a scan, if they can.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "json/needle.h"

/* The needle of a key, a new one if it must be; -1: there can be none. */
static int
needle_of(struct mr_needles *n, const char *key, size_t len)
{
	struct mr_needle *new;

	for (size_t i = 0; i < n->count; i++)
		if (n->needle[i].len == len && memcmp(n->needle[i].text + 1, key, len) == 0)
			return (int)i;
	if (n->count == MR_NEEDLES || len == 0 || len > MR_NEEDLE_KEY)
		return -1;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)key[i] < 0x20 || strchr("\"\\/", key[i]))
			return -1; /* written with escapes other than \\u, always or maybe */
	if (key[0] == ' ' || key[0] == ':')
		return -1; /* looks like what follows a key */
	new = &n->needle[n->count];
	new->text[0] = '"';
	memcpy(new->text + 1, key, len);
	memcpy(new->text + 1 + len, "\":", 2);
	new->mask = (uint32_t)(((uint64_t)1 << (len + 3)) - 1);
	new->first = 0x01010101u * new->text[1];
	new->bit = 1u << n->count;
	new->len = (unsigned char)len;
	return (int)n->count++;
}

static bool
add(struct mr_needles *n, const struct mr_path_node *parent, int depth)
{
	if (parent->nelems || (depth == MR_NEEDLE_STEPS && parent->nkeys))
		return false;
	for (size_t i = 0; i < parent->nkeys; i++) {
		const struct mr_path_node *c = parent->keys[i];
		int needle = needle_of(n, c->key, c->key_len);

		if (needle < 0 || n->uses == MR_NEEDLE_USES)
			return false;
		n->use[n->uses].needle = (unsigned char)needle;
		n->use[n->uses].parent = parent;
		n->use[n->uses++].node = c;
		n->needle[needle].slot = c->slot;
		n->flat = n->flat && depth == 0 && c->nkeys == 0;
		if (!add(n, c, depth + 1))
			return false;
	}
	return true;
}

struct mr_needles *
mr_needles_new(const struct mr_scan *s)
{
	struct mr_needles *n = mr_xcalloc(1, sizeof *n);

	n->flat = true;
	if (add(n, s->root, 0))
		return n;
	free(n);
	return NULL;
}
