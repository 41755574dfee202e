/*
 * The wanted paths of a scan as a tree of steps.  For scan.c and path.c alone.
 *
 * Keys of a node are grouped by length: a key of the text that no path wants
 * is nearly always told by its length, one bit of `lens`.
 */
#ifndef MR_JSON_PATH_H
#define MR_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct mr_scan {
	struct mr_path_node *root;
	struct mr_path_node **slots; /* the node of each slot */
	int *order;                  /* slots as the tree is walked, children together */
	int count;
};

static inline size_t
mr_path_group(size_t len)
{
	return len < MR_PATH_LENS - 1 ? len : MR_PATH_LENS - 1;
}

#endif
