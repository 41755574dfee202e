/*
 * key - sorting.
 *
 * What is moved in a pass is 16 bytes, a distance and a place, and not the
 * key; the keys are moved twice at the end, whatever the number of passes.
 */
#include <stdlib.h>

#include "order/key.h"

#define FEW 24 /* below that many, insertion is faster */
#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)
#define NS_IN_MS 1000000

struct item {
	uint64_t distance; /* from the earliest time */
	uint32_t place;
};

static bool
in_order(const struct mr_order_key *k, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (mr_order_before(&k[i], &k[i - 1]))
			return false;
	return true;
}

static void
insert(struct mr_order_key *k, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct mr_order_key key = k[i];
		size_t at = i;

		for (; at > 0 && mr_order_before(&key, &k[at - 1]); at--)
			k[at] = k[at - 1];
		k[at] = key;
	}
}

static int
compare(const void *a, const void *b)
{
	return mr_order_before(a, b) ? -1 : mr_order_before(b, a);
}

/*
 * The distances of all times from the earliest, in nanoseconds if any time has
 * some, else in milliseconds.  False: in 64 bits there is no room for them.
 */
static bool
measure(const struct mr_order_key *k, size_t n, struct item *item, uint64_t *most)
{
	int64_t min = k[0].ms, max = k[0].ms;
	uint64_t unit;
	int32_t ns = 0;

	for (size_t i = 0; i < n; i++) {
		min = k[i].ms < min ? k[i].ms : min;
		max = k[i].ms > max ? k[i].ms : max;
		ns |= k[i].ns;
	}
	unit = ns ? NS_IN_MS : 1;
	*most = (uint64_t)max - (uint64_t)min;
	if (*most >= UINT64_MAX / unit)
		return false;
	*most = *most * unit + (unit - 1);
	for (size_t i = 0; i < n; i++)
		item[i] = (struct item){((uint64_t)k[i].ms - (uint64_t)min) * unit +
			(uint64_t)k[i].ns,
		    (uint32_t)i};
	return true;
}

/* One pass: stable, by the digit at `shift`.  False: all have the same, nothing was moved. */
static bool
pass(const struct item *from, struct item *to, size_t n, unsigned shift)
{
	uint32_t start[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++)
		start[from[i].distance >> shift & (DIGITS - 1)]++;
	if (start[from[0].distance >> shift & (DIGITS - 1)] == n)
		return false;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[start[from[i].distance >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

void
mr_order_sort(struct mr_order_key *k, size_t n, struct mr_buf *room)
{
	struct mr_order_key *sorted;
	struct item *item, *other;
	uint64_t most;

	if (in_order(k, n))
		return;
	if (n <= FEW) {
		insert(k, n);
		return;
	}
	room->len = 0;
	mr_buf_grow(room, n * (sizeof *sorted + 2 * sizeof *item));
	sorted = (struct mr_order_key *)(void *)room->at;
	item = (struct item *)(sorted + n);
	other = item + n;
	if (n > UINT32_MAX || !measure(k, n, item, &most)) {
		qsort(k, n, sizeof *k, compare);
		return;
	}
	for (unsigned shift = 0; shift < 64 && most >> shift; shift += DIGIT_BITS)
		if (pass(item, other, n, shift)) {
			struct item *was = item;

			item = other;
			other = was;
		}
	for (size_t i = 0; i < n; i++)
		sorted[i] = k[item[i].place];
	memcpy(k, sorted, n * sizeof *k);
}
