/*
 * map - open addressing over entries that stay where they were put.
 *
 * A place of the table holds 32 bits of the hash beside the number of the
 * entry, so that a probe that meets another key seldom leaves the table.  Of a
 * small table at most half the places are taken, of a large one, which costs
 * memory, 3 of 4.  Growing the table moves places only, and
 * growing the arrays may move keys and values: hence "valid until the next put".
 * A removed entry leaves a free number, and the bytes of a long key as garbage
 * until most of the arena is that.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#define XXH_INLINE_ALL /* most keys are short: a call would cost as much as their hash */
#include <xxhash.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#define FIRST_PLACES 16
#define SMALL_PLACES ((size_t)1 << 16)

#define SHORT 16 /* bytes of a key that stand in its entry */

/* An entry, its value behind it: what a probe needs is in one line of the cache, or two. */
struct entry {
	uint64_t hash;
	size_t len; /* FREE: it is no entry */
	union {
		char here[SHORT];
		size_t key;  /* a longer one, in the arena */
		size_t next; /* FREE: the next free number, from 1 */
	};
	char value[] __attribute__((aligned(16)));
};

#define FREE SIZE_MAX
#define LARGE ((size_t)4 << 20) /* from here on memory is asked for in huge pages */

struct place {
	uint32_t tag;    /* the high half of the hash */
	uint32_t number; /* of the entry, from 1; 0: free */
};

struct mr_map {
	struct place *places;
	size_t nplaces;                   /* a power of two */
	char *entries;                    /* stride bytes each */
	size_t count, used, room, stride; /* entries; numbers given; places for them */
	size_t free;                      /* the first free number, from 1; 0: none */
	struct mr_buf keys;
	size_t garbage; /* bytes of removed keys */
	uint64_t seed;
};

static uint64_t
random_seed(void)
{
	struct timespec now;
	uint64_t seed;

	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
		return seed;
	/* early at boot, or a kernel without it: an attacker can guess this, but must try */
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u ^ (uint64_t)(uintptr_t)&now;
}

static struct entry *
entry_at(const struct mr_map *m, size_t number)
{
	return (struct entry *)(m->entries + number * m->stride);
}

static const char *
key_of(const struct mr_map *m, const struct entry *e)
{
	return e->len <= SHORT ? e->here : m->keys.at + e->key;
}

/* Random access to much memory waits for page tables, too: fewer, larger pages. */
static void
ask_huge(void *at, size_t bytes)
{
#ifdef MADV_HUGEPAGE
	const uintptr_t page = 4096;
	uintptr_t from = ((uintptr_t)at + page - 1) / page * page;

	if (bytes >= LARGE)
		madvise((void *)from, bytes - page, MADV_HUGEPAGE);
#else
	(void)at;
	(void)bytes;
#endif
}

struct mr_map *
mr_map_new(size_t value_size)
{
	const size_t align = _Alignof(struct entry);
	struct mr_map *m = mr_xcalloc(1, sizeof *m);

	m->stride = (sizeof(struct entry) + value_size + align - 1) / align * align;
	m->nplaces = FIRST_PLACES;
	m->places = mr_xcalloc(m->nplaces, sizeof *m->places);
	m->seed = random_seed();
	mr_buf_grow(&m->keys, 1); /* never NULL, also when the empty key is all there is */
	return m;
}

void
mr_map_free(struct mr_map *m)
{
	if (!m)
		return;
	free(m->places);
	free(m->entries);
	mr_buf_release(&m->keys);
	free(m);
}

size_t
mr_map_count(const struct mr_map *m)
{
	return m->count;
}

size_t
mr_map_bytes(const struct mr_map *m)
{
	return sizeof *m + m->nplaces * sizeof *m->places + m->room * m->stride + m->keys.cap;
}

static bool
same_bytes(const char *a, const char *b, size_t len)
{
	uint64_t x[4];

	if (len > SHORT)
		return memcmp(a, b, len) == 0;
	if (len < 8) {
		for (size_t i = 0; i < len; i++)
			if (a[i] != b[i])
				return false;
		return true;
	}
	memcpy(&x[0], a, 8);
	memcpy(&x[1], b, 8);
	memcpy(&x[2], a + len - 8, 8);
	memcpy(&x[3], b + len - 8, 8);
	return x[0] == x[1] && x[2] == x[3];
}

/* The place of a key, or the free one where it belongs. */
static struct place *
find(const struct mr_map *m, uint64_t hash, const void *key, size_t len)
{
	size_t mask = m->nplaces - 1, i = (size_t)hash & mask;
	uint32_t tag = (uint32_t)(hash >> 32);

	for (;; i = (i + 1) & mask) {
		struct place *at = &m->places[i];
		const struct entry *e;

		if (!at->number)
			return at;
		if (at->tag != tag)
			continue;
		e = entry_at(m, at->number - 1);
		if (e->hash == hash && e->len == len && same_bytes(key_of(m, e), key, len))
			return at;
	}
}

/* A table that is small stays half empty: most probes end at the first place. */
static size_t
most_entries(const struct mr_map *m)
{
	return m->nplaces <= SMALL_PLACES ? m->nplaces / 2 : m->nplaces / 4 * 3;
}

static void
grow_table(struct mr_map *m)
{
	size_t mask = m->nplaces * 2 - 1;

	free(m->places);
	m->nplaces *= 2;
	m->places = mr_xcalloc(m->nplaces, sizeof *m->places);
	ask_huge(m->places, m->nplaces * sizeof *m->places);
	for (size_t n = 0; n < m->used; n++) {
		uint64_t hash = entry_at(m, n)->hash;
		size_t i = (size_t)hash & mask;

		if (entry_at(m, n)->len == FREE)
			continue;
		while (m->places[i].number)
			i = (i + 1) & mask;
		m->places[i] = (struct place){(uint32_t)(hash >> 32), (uint32_t)(n + 1)};
	}
}

static void
grow_arrays(struct mr_map *m)
{
	m->room = m->room ? m->room + m->room / 2 : FIRST_PLACES / 2;
	if (m->room >= UINT32_MAX) /* numbers of entries end there: no memory for more */
		m->room = SIZE_MAX / 2 / m->stride;
	m->entries = mr_xrealloc(m->entries, m->room * m->stride);
	ask_huge(m->entries, m->room * m->stride);
}

void *
mr_map_get(const struct mr_map *m, const void *key, size_t len)
{
	const struct place *at = find(m, XXH3_64bits_withSeed(key, len, m->seed), key, len);

	return at->number ? entry_at(m, at->number - 1)->value : NULL;
}

/* A number for a new entry. */
static size_t
take_number(struct mr_map *m)
{
	size_t number = m->free;

	if (number) {
		m->free = entry_at(m, number - 1)->next;
		return number - 1;
	}
	if (m->used == m->room)
		grow_arrays(m);
	return m->used++;
}

void *
mr_map_put(struct mr_map *m, const void *key, size_t len, bool *is_new)
{
	uint64_t hash = XXH3_64bits_withSeed(key, len, m->seed);
	struct place *at = find(m, hash, key, len);
	struct entry *e;
	size_t number;

	*is_new = !at->number;
	if (at->number)
		return entry_at(m, at->number - 1)->value;
	if (m->count >= most_entries(m)) {
		grow_table(m);
		at = find(m, hash, key, len);
	}
	number = take_number(m);
	e = entry_at(m, number);
	memset(e, 0, m->stride);
	e->hash = hash;
	e->len = len;
	if (len > SHORT) {
		e->key = m->keys.len;
		mr_buf_add(&m->keys, key, len);
	} else if (len) {
		memcpy(e->here, key, len);
	}
	m->count++;
	*at = (struct place){(uint32_t)(hash >> 32), (uint32_t)(number + 1)};
	return e->value;
}

uint64_t
mr_map_expect(const struct mr_map *m, const void *key, size_t len)
{
	uint64_t hash = XXH3_64bits_withSeed(key, len, m->seed);

	__builtin_prefetch(&m->places[(size_t)hash & (m->nplaces - 1)]);
	return hash;
}

void *
mr_map_soon(const struct mr_map *m, uint64_t hash)
{
	size_t mask = m->nplaces - 1, i = (size_t)hash & mask;

	for (; m->places[i].number; i = (i + 1) & mask)
		if (m->places[i].tag == (uint32_t)(hash >> 32)) {
			struct entry *e = entry_at(m, m->places[i].number - 1);

			__builtin_prefetch(e);
			__builtin_prefetch((char *)e + m->stride - 1);
			return e->value;
		}
	return NULL;
}

void *
mr_map_at(const struct mr_map *m, size_t i, const void **key, size_t *len)
{
	struct entry *e = entry_at(m, i);

	if (e->len == FREE)
		return NULL;
	*key = key_of(m, e);
	*len = e->len;
	return e->value;
}

size_t
mr_map_number(const struct mr_map *m, const void *value)
{
	return (size_t)((const char *)value - m->entries) / m->stride;
}

size_t
mr_map_numbers(const struct mr_map *m)
{
	return m->used;
}

/* Free a place and move those behind it that it kept from theirs (Knuth 6.4, algorithm R). */
static void
free_place(struct mr_map *m, size_t hole)
{
	size_t mask = m->nplaces - 1;

	for (size_t i = (hole + 1) & mask; m->places[i].number; i = (i + 1) & mask) {
		size_t home = (size_t)entry_at(m, m->places[i].number - 1)->hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->places[hole] = m->places[i];
		hole = i;
	}
	m->places[hole] = (struct place){0, 0};
}

/* Bring the keys together when most bytes of the arena are of none. */
static void
collect_keys(struct mr_map *m)
{
	struct mr_buf keys = MR_BUF_INIT;

	mr_buf_grow(&keys, m->keys.len - m->garbage + 1);
	for (size_t i = 0; i < m->used; i++) {
		struct entry *e = entry_at(m, i);
		size_t at = keys.len;

		if (e->len == FREE || e->len <= SHORT)
			continue;
		mr_buf_add(&keys, m->keys.at + e->key, e->len);
		e->key = at;
	}
	mr_buf_release(&m->keys);
	m->keys = keys;
	m->garbage = 0;
}

void
mr_map_remove(struct mr_map *m, size_t number)
{
	struct entry *e = entry_at(m, number);
	size_t mask = m->nplaces - 1, i = (size_t)e->hash & mask;

	while (m->places[i].number != number + 1)
		i = (i + 1) & mask;
	free_place(m, i);
	m->garbage += e->len > SHORT ? e->len : 0;
	e->len = FREE;
	e->next = m->free;
	m->free = number + 1;
	m->count--;
	if (m->garbage > 4096 && m->garbage > m->keys.len / 2)
		collect_keys(m);
}

void
mr_map_clear(struct mr_map *m)
{
	memset(m->places, 0, m->nplaces * sizeof *m->places);
	m->count = m->used = m->free = m->garbage = 0;
	m->keys.len = 0;
}
