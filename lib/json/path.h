/*
 * The wanted paths of a scan as a tree of steps.  For lib/json alone.
 *
 * Keys of a node are grouped by length: a key of the text that no path wants
 * is nearly always told by its length, one bit of `lens`.
 */
#ifndef MR_JSON_PATH_H
#define MR_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json/bytes.h"
#include "json/scan.h"

#define MR_PATH_LENS 64 /* keys of 63 bytes and longer share a group */

struct mr_path_node {
	int slot;  /* of the value itself; -1: only steps go through it */
	char *key; /* decoded, with a NUL behind it; NULL: root or index */
	size_t key_len;
	uint64_t head, mask; /* its first 8 bytes, and which of them count */
	int64_t index;       /* when key is NULL */

	struct mr_path_node **keys; /* ordered by group */
	size_t nkeys;
	uint64_t lens;                   /* bit g: group g is not empty */
	unsigned from[MR_PATH_LENS + 1]; /* group g is keys[from[g]..from[g+1]-1] */

	struct mr_path_node **elems; /* wanted indexes, ordered */
	size_t nelems, nnegative;    /* the negative ones come first */

	int lo, hi; /* slots below, its own not among them: order[lo..hi-1] */
};

struct mr_shapes;
struct mr_needles;

struct mr_scan {
	struct mr_path_node *root;
	struct mr_path_node **slots; /* the node of each slot */
	int *order;                  /* slots as the tree is walked, children together */
	int count;
	struct mr_shapes *shapes;   /* what mr_scan_rows() learned; NULL: nothing yet */
	struct mr_needles *needles; /* NULL too when the paths cannot be found by needles */
};

static inline size_t
mr_path_group(size_t len)
{
	return len < MR_PATH_LENS - 1 ? len : MR_PATH_LENS - 1;
}

/* The child that a key without escapes leads to, NULL when none is wanted; key[len] is its quote. */
static inline const struct mr_path_node *
mr_path_key(const struct mr_path_node *n, const unsigned char *key, size_t len,
    const unsigned char *end)
{
	size_t group = mr_path_group(len);
	uint64_t head = 0;

	if (!(n->lens >> group & 1))
		return NULL;
	if (end - key >= 8)
		head = mr_load8(key);
	else
		for (size_t i = 0; i < len; i++)
			head |= (uint64_t)key[i] << (8 * i);
	for (unsigned i = n->from[group]; i < n->from[group + 1]; i++) {
		const struct mr_path_node *c = n->keys[i];

		if (((head ^ c->head) & c->mask) == 0 && c->key_len == len &&
		    (len <= 8 || memcmp(key + 8, c->key + 8, len - 8) == 0))
			return c;
	}
	return NULL;
}

/* The same for a key with escapes. */
const struct mr_path_node *mr_path_escaped_key(const struct mr_path_node *n,
    const unsigned char *key, size_t len);

/* The child that an index leads to; the negative ones are known when the array ends, not here. */
static inline const struct mr_path_node *
mr_path_elem(const struct mr_path_node *n, int64_t index)
{
	if (!n || n->nnegative == n->nelems)
		return NULL;
	for (size_t i = n->nnegative; i < n->nelems && n->elems[i]->index <= index; i++)
		if (n->elems[i]->index == index)
			return n->elems[i];
	return NULL;
}

#endif
