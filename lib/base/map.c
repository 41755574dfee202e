/*
 * map - open addressing over entries that stay where they were put.
 *
 * A place of the table holds 32 bits of the hash beside the number of the
 * entry, so that a probe that meets another key seldom leaves the table; at
 * most 3 of 4 places are taken.  Growing the table moves places only, and
 * growing the arrays may move keys and values: hence "valid until the next put".
 * A removed entry leaves a free number, and its key's bytes as garbage until
 * most of the arena is that.
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
	size_t key, len; /* in the arena; free: the next free number from 1, and FREE */
};

#define FREE SIZE_MAX

struct place {
	uint32_t tag;    /* the high half of the hash */
	uint32_t number; /* of the entry, from 1; 0: free */
};

struct mr_map {
	struct place *places;
	size_t nplaces; /* a power of two */
	struct entry *entries;
	char *values;                     /* stride bytes an entry */
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
	for (size_t n = 0; n < m->used; n++) {
		uint64_t hash = m->entries[n].hash;
		size_t i = (size_t)hash & mask;

		if (m->entries[n].len == FREE)
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

/* A number for a new entry. */
static size_t
take_number(struct mr_map *m)
{
	size_t number = m->free;

	if (number) {
		m->free = m->entries[number - 1].key;
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
	size_t number;
	void *value;

	*is_new = !at->number;
	if (at->number)
		return m->values + (at->number - 1) * m->stride;
	if ((m->count + 1) * 4 > m->nplaces * 3) {
		grow_table(m);
		at = find(m, hash, key, len);
	}
	number = take_number(m);
	m->entries[number] = (struct entry){hash, m->keys.len, len};
	mr_buf_add(&m->keys, key, len);
	value = m->values + number * m->stride;
	memset(value, 0, m->stride);
	m->count++;
	*at = (struct place){(uint32_t)(hash >> 32), (uint32_t)(number + 1)};
	return value;
}

void *
mr_map_at(const struct mr_map *m, size_t i, const void **key, size_t *len)
{
	if (m->entries[i].len == FREE)
		return NULL;
	*key = m->keys.at + m->entries[i].key;
	*len = m->entries[i].len;
	return m->values + i * m->stride;
}

size_t
mr_map_number(const struct mr_map *m, const void *value)
{
	return (size_t)((const char *)value - m->values) / m->stride;
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
		size_t home = (size_t)m->entries[m->places[i].number - 1].hash & mask;

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
		struct entry *e = &m->entries[i];
		size_t at = keys.len;

		if (e->len == FREE)
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
	struct entry *e = &m->entries[number];
	size_t mask = m->nplaces - 1, i = (size_t)e->hash & mask;

	while (m->places[i].number != number + 1)
		i = (i + 1) & mask;
	free_place(m, i);
	m->garbage += e->len;
	e->len = FREE;
	e->key = m->free;
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
