/*
 * sketch - counts of buckets, in pages.
 *
 * A page has the 64 buckets of one power of two and one sign; pages stand in
 * the order of their numbers in an array of pointers.  Data mostly spans few
 * powers of two, and fills their buckets.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/agg/sketch.h"

#define BUCKETS 64
#define FRACTION_BITS 52
#define BUCKET_BITS 6

struct page {
	int key;      /* the exponent's bits; negated for negative numbers; 0: zero */
	uint64_t sum; /* of the counts */
	uint64_t count[BUCKETS];
};

struct mr_sketch {
	struct page **pages; /* by key */
	size_t n, cap;
	uint64_t count;
	double min, max;
};

struct mr_sketch *
mr_sketch_new(void)
{
	return mr_xcalloc(1, sizeof(struct mr_sketch));
}

void
mr_sketch_free(struct mr_sketch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->pages[i]);
	free(s->pages);
	free(s);
}

size_t
mr_sketch_bytes(const struct mr_sketch *s)
{
	return sizeof *s + s->cap * sizeof *s->pages + s->n * sizeof **s->pages;
}

/* The page of a key, made if need be. */
static struct page *
page_of(struct mr_sketch *s, int key)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->pages[middle]->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < s->n && s->pages[low]->key == key)
		return s->pages[low];
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 8;
		s->pages = mr_xrealloc(s->pages, s->cap * sizeof *s->pages);
	}
	memmove(&s->pages[low + 1], &s->pages[low], (s->n - low) * sizeof *s->pages);
	s->pages[low] = mr_xcalloc(1, sizeof **s->pages);
	s->pages[low]->key = key;
	s->n++;
	return s->pages[low];
}

static void
bounds(struct mr_sketch *s, double min, double max)
{
	if (!s->count || min < s->min)
		s->min = min;
	if (!s->count || max > s->max)
		s->max = max;
}

void
mr_sketch_add(struct mr_sketch *s, double x)
{
	uint64_t bits;
	int key, bucket;
	struct page *page;

	memcpy(&bits, &x, sizeof bits);
	key = (int)(bits >> FRACTION_BITS & 0x7ff);
	bucket = key ? (int)(bits >> (FRACTION_BITS - BUCKET_BITS) & (BUCKETS - 1)) : 0;
	page = page_of(s, bits >> 63 ? -key : key);
	page->count[bucket]++;
	page->sum++;
	bounds(s, x, x);
	s->count++;
}

void
mr_sketch_merge(struct mr_sketch *into, const struct mr_sketch *from)
{
	if (!from->count)
		return;
	for (size_t i = 0; i < from->n; i++) {
		struct page *page = page_of(into, from->pages[i]->key);

		page->sum += from->pages[i]->sum;
		for (int b = 0; b < BUCKETS; b++)
			page->count[b] += from->pages[i]->count[b];
	}
	bounds(into, from->min, from->max);
	into->count += from->count;
}

/* The middle of a bucket: at its lower end 1/128 away from either end. */
static double
middle_of(int key, int bucket)
{
	uint64_t bits = (uint64_t)abs(key) << FRACTION_BITS |
	    (uint64_t)(2 * bucket + 1) << (FRACTION_BITS - BUCKET_BITS - 1);
	double x;

	if (!key)
		return 0;
	memcpy(&x, &bits, sizeof x);
	return key < 0 ? -x : x;
}

double
mr_sketch_at(const struct mr_sketch *s, uint64_t rank)
{
	const struct page *page = s->pages[0];
	int bucket = 0;
	double x;

	if (rank == 0)
		return s->min;
	if (rank == s->count - 1)
		return s->max;
	for (size_t i = 0; rank >= page->sum; page = s->pages[++i])
		rank -= page->sum;
	/* of negative numbers the larger bucket comes first */
	for (int b = 0; b < BUCKETS; b++) {
		bucket = page->key < 0 ? BUCKETS - 1 - b : b;
		if (rank < page->count[bucket])
			break;
		rank -= page->count[bucket];
	}
	x = middle_of(page->key, bucket);
	return x < s->min ? s->min : x > s->max ? s->max : x;
}
