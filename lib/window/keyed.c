/*
 * keyed - sort the entries of a map.
 *
 * There may be millions of them: an entry of the array is small, and no second
 * array is made.  Keys may be long and alike, and data must not choose how deep
 * the sort calls itself: behind DEEP bytes it is by a heap.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/key.h"
#include "window/keyed.h"

#define FEW 48  /* are sorted by insertion */
#define DEEP 64 /* bytes that some keys share: from there on they are sorted as a whole */

/* The 8 bytes of a key from `from` on, zeros behind its end. */
static uint64_t
bytes_of(const struct mr_map *map, size_t number, size_t from)
{
	const void *key;
	size_t len;
	unsigned char at[8] = {0};
	uint64_t bytes = 0;

	mr_map_at(map, number, &key, &len);
	if (from < len)
		memcpy(at, (const char *)key + from, len - from < 8 ? len - from : 8);
	for (int i = 0; i < 8; i++)
		bytes = bytes << 8 | at[i];
	return bytes;
}

static int
cmp(const struct mr_map *map, const struct mr_keyed *a, const struct mr_keyed *b)
{
	const void *akey, *bkey;
	size_t alen, blen;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	mr_map_at(map, a->number, &akey, &alen);
	mr_map_at(map, b->number, &bkey, &blen);
	return mr_key_cmp(akey, alen, bkey, blen);
}

static void
sort_few(const struct mr_map *map, struct mr_keyed *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct mr_keyed moved = at[i];
		size_t j = i;

		for (; j > 0 && cmp(map, &moved, &at[j - 1]) < 0; j--)
			at[j] = at[j - 1];
		at[j] = moved;
	}
}

static void
sift(const struct mr_map *map, struct mr_keyed *at, size_t n, size_t i)
{
	struct mr_keyed moved = at[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && cmp(map, &at[child], &at[child + 1]) < 0)
			child++;
		if (cmp(map, &moved, &at[child]) >= 0)
			break;
		at[i] = at[child];
	}
	at[i] = moved;
}

/* Heapsort (Knuth 5.2.3). */
static void
sort_deep(const struct mr_map *map, struct mr_keyed *at, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(map, at, n, i);
	while (n > 1) {
		struct mr_keyed last = at[0];

		at[0] = at[--n];
		at[n] = last;
		sift(map, at, n, 0);
	}
}

/* Where each byte's entries begin; end[255] is n. */
static void
deal(struct mr_keyed *at, size_t n, unsigned shift, size_t end[256])
{
	size_t next[256], sum = 0;

	memset(end, 0, 256 * sizeof *end);
	for (size_t i = 0; i < n; i++)
		end[at[i].prefix >> shift & 255]++;
	for (unsigned b = 0; b < 256; b++) {
		next[b] = sum;
		sum += end[b];
		end[b] = sum;
	}
	for (unsigned b = 0; b < 256; b++)
		while (next[b] < end[b]) {
			unsigned to = at[next[b]].prefix >> shift & 255;
			struct mr_keyed moved = at[next[b]];

			at[next[b]] = at[next[to]];
			at[next[to]++] = moved;
		}
}

/* Entries that are equal in the bytes before `from` and, of the 8 there, above shift; deep: see DEEP. */
static void
sort(const struct mr_map *map, struct mr_keyed *at, size_t n, size_t from, unsigned shift,
    size_t deep)
{
	size_t end[256], begin = 0;

	if (n <= FEW) {
		sort_few(map, at, n);
		return;
	}
	deal(at, n, shift, end);
	for (unsigned b = 0; b < 256; begin = end[b++]) {
		size_t count = end[b] - begin;

		if (count < 2)
			continue;
		if (shift) {
			sort(map, at + begin, count, from, shift - 8, deep);
			continue;
		}
		if (from + 8 >= deep) {
			sort_deep(map, at + begin, count);
			continue;
		}
		for (size_t i = begin; i < end[b]; i++)
			at[i].prefix = bytes_of(map, at[i].number, from + 8);
		sort(map, at + begin, count, from + 8, 56, deep);
	}
}

/* How many bytes all keys begin with: keys of objects and types are alike at their beginning. */
static size_t
shared_bytes(const struct mr_map *map, size_t n)
{
	const void *first, *key;
	size_t shared, len;

	if (!n)
		return 0;
	mr_map_at(map, 0, &first, &shared);
	for (size_t i = 1; i < n && shared; i++) {
		size_t same = 0;

		mr_map_at(map, i, &key, &len);
		while (same < shared && same < len &&
		    ((const char *)first)[same] == ((const char *)key)[same])
			same++;
		shared = same;
	}
	return shared;
}

struct mr_keyed *
mr_keyed_sorted(const struct mr_map *map)
{
	size_t n = mr_map_count(map), from = shared_bytes(map, n);
	struct mr_keyed *at = mr_xmalloc((n + 1) * sizeof *at);

	for (size_t i = 0; i < n; i++)
		at[i] = (struct mr_keyed){bytes_of(map, i, from), (uint32_t)i};
	sort(map, at, n, from, 56, from + DEEP);
	return at;
}
