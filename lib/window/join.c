/*
 * join - spans of slices, two and two, so that a window of n slices is put
 * together from at most 2 log n of them: the canonical cover of a segment tree
 * (de Berg et al., Computational Geometry, 10.3).
 *
 * A span is joined from its halves when a window that fires first needs it,
 * and is used by the windows after it, until its first slice is forgotten.
 */
#include "window/aligned.h"
#include "window/pane.h"

static void
add_span(struct mr_window *w, struct mr_panes *level, struct mr_span *into,
    const struct mr_span *from)
{
	size_t n = mr_map_count(from->map), held = into->held;

	for (size_t i = 0; i < n; i++) {
		const void *key;
		size_t len;
		const void *pane = mr_map_at(from->map, i, &key, &len);

		mr_pane_merge(&w->read.spec, mr_panes_put(level, into, key, len), pane, &held);
	}
	mr_panes_held(level, into, held);
}

static bool
any_slice(const struct mr_aligned *a, unsigned k, int64_t i)
{
	const struct mr_span *s = mr_panes_at(&a->level[0],
	    mr_panes_place(&a->level[0], (int64_t)((uint64_t)i << k)));

	return s && s->number >> k == i;
}

/* Span i of level k; NULL: it is empty. */
static struct mr_span *
joined(struct mr_window *w, unsigned k, int64_t i)
{
	struct mr_aligned *a = w->state;
	struct mr_span *span, *left, *right;
	int64_t behind; /* its slices */

	if (k == 0)
		return mr_panes_find(&a->level[0], i);
	if (!any_slice(a, k, i))
		return NULL;
	if ((span = mr_panes_find(&a->level[k], i)))
		return span;
	left = joined(w, k - 1, 2 * i);
	right = joined(w, k - 1, 2 * i + 1);
	if (!left || !right)
		return left ? left : right;
	span = mr_panes_open(&a->level[k], i);
	add_span(w, &a->level[k], span, left);
	add_span(w, &a->level[k], span, right);
	if (k >= a->levels)
		a->levels = k + 1;
	behind = (int64_t)((uint64_t)(i + 1) << k);
	if (a->joined < behind)
		a->joined = behind;
	return span;
}

size_t
mr_aligned_cover(struct mr_window *w, int64_t from, int64_t to, struct mr_span **at)
{
	struct mr_span *behind[MR_JOIN_LEVELS], *span;
	size_t n = 0, nbehind = 0;
	int64_t low = from, high = to + 1;

	for (unsigned k = 0; low < high; k++, low >>= 1, high >>= 1) {
		if ((low & 1) && (span = joined(w, k, low++)))
			at[n++] = span;
		if ((high & 1) && (span = joined(w, k, --high)))
			behind[nbehind++] = span;
	}
	while (nbehind)
		at[n++] = behind[--nbehind];
	return n;
}

void
mr_aligned_follow(struct mr_window *w, int64_t slice)
{
	struct mr_aligned *a = w->state;

	for (unsigned k = 1; k < a->levels; k++) {
		struct mr_span *span = mr_panes_find(&a->level[k], slice >> k);
		size_t held;

		if (!span)
			continue;
		held = span->held;
		mr_pane_add(&w->read.spec,
		    mr_panes_put(&a->level[k], span, w->read.key.at, w->read.key.len), &held);
		mr_panes_held(&a->level[k], span, held);
	}
}

void
mr_aligned_unjoin(struct mr_aligned *a, int64_t slice)
{
	for (unsigned k = 1; k < a->levels; k++) {
		const struct mr_span *span;

		while ((span = mr_panes_at(&a->level[k], 0)) &&
		    (int64_t)((uint64_t)span->number << k) <= slice)
			mr_panes_close(&a->level[k]);
	}
}
