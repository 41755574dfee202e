/*
 * map - open addressing over entries that stay where they were put.
 *
 * A place of the table holds 32 bits of the hash beside the number of the
 * entry, so that a probe that meets another key seldom leaves the table; at
 * most 3 of 4 places are taken.  Growing the table moves places only, and
 * growing the arrays may move keys and values: hence "valid until the next put".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#define FIRST_PLACES 16

struct entry {
	uint64_t hash;
	size_t key, len; /* in the arena */
};

struct place {
	uint32_t tag;    /* the high half of the hash */
	uint32_t number; /* of the entry, from 1; 0: free */
};

struct mr_map {
	struct place *places;
	size_t nplaces; /* a power of two */
	struct entry *entries;
	char *values; /* stride bytes an entry */
	size_t count, room, stride;
	struct mr_buf keys;
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

struct mr_map *
mr_map_new(size_t value_size)
{
	const size_t align = _Alignof(max_align_t);
	struct mr_map *m = mr_xcalloc(1, sizeof *m);

	m->stride = (value_size + align - 1) / align * align;
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
	free(m->values);
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
	return sizeof *m + m->nplaces * sizeof *m->places +
	    m->room * (sizeof *m->entries + m->stride) + m->keys.cap;
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
		e = &m->entries[at->number - 1];
		if (at->tag == tag && e->hash == hash && e->len == len &&
		    (len == 0 || memcmp(m->keys.at + e->key, key, len) == 0))
			return at;
	}
}

static void
grow_table(struct mr_map *m)
{
	size_t mask = m->nplaces * 2 - 1;

	free(m->places);
	m->nplaces *= 2;
	m->places = mr_xcalloc(m->nplaces, sizeof *m->places);
	for (size_t n = 0; n < m->count; n++) {
		uint64_t hash = m->entries[n].hash;
		size_t i = (size_t)hash & mask;

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
		m->room = SIZE_MAX / 2 / (m->stride + sizeof *m->entries);
	m->entries = mr_xrealloc(m->entries, m->room * sizeof *m->entries);
	m->values = mr_xrealloc(m->values, m->room * m->stride);
}

void *
mr_map_get(const struct mr_map *m, const void *key, size_t len)
{
	const struct place *at = find(m, XXH3_64bits_withSeed(key, len, m->seed), key, len);

	return at->number ? m->values + (at->number - 1) * m->stride : NULL;
}

void *
mr_map_put(struct mr_map *m, const void *key, size_t len, bool *is_new)
{
	uint64_t hash = XXH3_64bits_withSeed(key, len, m->seed);
	struct place *at = find(m, hash, key, len);
	void *value;

	*is_new = !at->number;
	if (at->number)
		return m->values + (at->number - 1) * m->stride;
	if ((m->count + 1) * 4 > m->nplaces * 3) {
		grow_table(m);
		at = find(m, hash, key, len);
	}
	if (m->count == m->room)
		grow_arrays(m);
	m->entries[m->count] = (struct entry){hash, m->keys.len, len};
	mr_buf_add(&m->keys, key, len);
	value = m->values + m->count * m->stride;
	memset(value, 0, m->stride);
	m->count++;
	*at = (struct place){(uint32_t)(hash >> 32), (uint32_t)m->count};
	return value;
}

void *
mr_map_at(const struct mr_map *m, size_t i, const void **key, size_t *len)
{
	*key = m->keys.at + m->entries[i].key;
	*len = m->entries[i].len;
	return m->values + i * m->stride;
}

void
mr_map_clear(struct mr_map *m)
{
	memset(m->places, 0, m->nplaces * sizeof *m->places);
	m->count = 0;
	m->keys.len = 0;
}
