/*
 * object - objects: members in the order they came, found by comparing
 * while they are few, through a table of hashes when they are many.
 *
 * A deleted member leaves a hole, so that order and table stand; holes go when
 * they are more than what is there.  The hash is seeded with what the kernel
 * gave the process: keys made to collide are no use.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <xxhash.h>

#include "base/mem.h"
#include "jq/value/walk.h"

static struct mr_value
of_cell(struct mr_object_cell *o)
{
	return (struct mr_value){.type = MR_OBJECT,
	    .form = MR_CELL,
	    .u.cell = (struct mr_cell *)(void *)o};
}

static size_t
cell_size(size_t room)
{
	if (room >= UINT32_MAX) /* numbers of members end there: no memory for more */
		return SIZE_MAX / 2;
	return sizeof(struct mr_object_cell) + room * sizeof(struct mr_member);
}

struct mr_value
mr_value_object(size_t room)
{
	struct mr_object_cell *o = mr_xmalloc(cell_size(room));

	o->head = (struct mr_cell){.holders = 1, .type = MR_OBJECT};
	o->count = o->used = 0;
	o->u.room = room;
	o->places = NULL;
	o->nplaces = 0;
	return of_cell(o);
}

static uint32_t
hash(const struct mr_object_cell *o, const char *key, size_t len)
{
	return (uint32_t)XXH3_64bits_withSeed(key, len, o->seed);
}

static void
put_place(struct mr_object_cell *o, uint32_t h, size_t number)
{
	size_t i = h & (o->nplaces - 1);

	while (o->places[i].number)
		i = (i + 1) & (o->nplaces - 1);
	o->places[i] = (struct mr_place){h, (uint32_t)number};
}

/* A table for as many members as there is room for. */
static void
index_all(struct mr_object_cell *o)
{
	const void *random = (const void *)getauxval(AT_RANDOM); /* NULL: the address must do */
	const char *key;
	size_t len, n = 32;

	if (!o->places) {
		o->seed = (uint64_t)(uintptr_t)o;
		if (random)
			memcpy(&o->seed, random, sizeof o->seed);
	}
	while (n < o->u.room * 2)
		n *= 2;
	free(o->places);
	o->places = mr_xcalloc(n, sizeof *o->places);
	o->nplaces = n;
	for (size_t i = 0; i < o->used; i++) {
		if (o->at[i].key.type == MR_MISSING)
			continue;
		key = mr_value_raw(&o->at[i].key, &len);
		put_place(o, hash(o, key, len), i + 1);
	}
}

static inline bool
is_key(const struct mr_member *m, const char *key, size_t len)
{
	const char *at;
	size_t have;

	if (m->key.type == MR_MISSING)
		return false;
	at = mr_value_raw(&m->key, &have);
	return have == len && (len == 0 || (*at == *key && memcmp(at, key, len) == 0));
}

static struct mr_member *
find_place(const struct mr_object_cell *o, uint32_t h, const char *key, size_t len)
{
	size_t mask = o->nplaces - 1;

	for (size_t i = h & mask; o->places[i].number; i = (i + 1) & mask) {
		const struct mr_member *m = &o->at[o->places[i].number - 1];

		if (o->places[i].hash == h && is_key(m, key, len))
			return (struct mr_member *)m;
	}
	return NULL;
}

struct mr_member *
mr_object_find(const struct mr_object_cell *o, const char *key, size_t len)
{
	if (o->places)
		return find_place(o, hash(o, key, len), key, len);
	for (size_t i = 0; i < o->used; i++)
		if (is_key(&o->at[i], key, len))
			return (struct mr_member *)&o->at[i];
	return NULL;
}

/* Close the holes. */
static void
compact(struct mr_object_cell *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->used; i++)
		if (o->at[i].key.type != MR_MISSING)
			o->at[n++] = o->at[i];
	o->used = n;
	if (o->places)
		index_all(o);
}

static struct mr_object_cell *
with_room(struct mr_object_cell *o)
{
	if (o->used < o->u.room)
		return o;
	if (o->used > o->count + o->count / 2 + 4) {
		compact(o);
		return o;
	}
	o->u.room = o->u.room ? o->u.room * 2 : 4;
	o = mr_xrealloc(o, cell_size(o->u.room));
	if (o->places)
		index_all(o);
	return o;
}

/* A member for a key that is not there; the key consumed, its bytes are at hand. */
static struct mr_object_cell *
add(struct mr_object_cell *o, struct mr_value key, struct mr_value val)
{
	const char *at;
	size_t len;

	o = with_room(o);
	o->at[o->used++] = (struct mr_member){key, val};
	o->count++;
	if (o->places) {
		at = mr_value_raw(&key, &len);
		put_place(o, hash(o, at, len), o->used);
	} else if (o->used > MR_OBJECT_SMALL) {
		index_all(o);
	}
	return o;
}

struct mr_value
mr_object_cell_of(struct mr_value v)
{
	const char *at, *end;
	struct mr_value object, key, val;
	struct mr_object_cell *o;
	struct mr_member *m;
	struct mr_walk walk;
	uint64_t seen = 0, bit; /* a bit for each key, by its hash: most have their own */
	size_t len;

	if (v.form == MR_CELL)
		return v;
	end = v.u.text + v.len;
	object = mr_value_object(MR_OBJECT_SMALL);
	o = mr_object_cell(&object);
	mr_walk_init(&walk, &v);
	while (mr_walk_next(&walk, &key, &val)) {
		key = mr_value_decoded(key);
		at = mr_value_raw(&key, &len);
		bit = (uint64_t)1 << (mr_key_hash(at, len, key.form == MR_TEXT ? end : at + len) >>
			  58);
		if ((seen & bit) && (m = mr_object_find(o, at, len))) {
			mr_value_free(key);
			m->val = val;
		} else {
			seen |= bit;
			o = add(o, key, val);
		}
	}
	return of_cell(o);
}

struct mr_object_cell *
mr_object_own(struct mr_value *object)
{
	struct mr_object_cell *o, *copy;
	struct mr_value of;

	if (object->form != MR_CELL)
		*object = mr_object_cell_of(*object);
	o = mr_object_cell(object);
	if (o->head.holders == 1) {
		o->head.owned = false;
		return o;
	}
	of = mr_value_object(o->count + 4);
	copy = mr_object_cell(&of);
	for (size_t i = 0; i < o->used; i++)
		if (o->at[i].key.type != MR_MISSING)
			copy->at[copy->used++] = (struct mr_member){mr_value_copy(&o->at[i].key),
			    mr_value_copy(&o->at[i].val)};
	copy->count = copy->used;
	if (copy->used > MR_OBJECT_SMALL)
		index_all(copy);
	mr_value_free(*object);
	*object = of;
	return copy;
}

struct mr_value *
mr_object_slot(struct mr_value *object, struct mr_value key)
{
	struct mr_object_cell *o = mr_object_own(object);
	struct mr_member *m;
	const char *at;
	size_t len;

	key = mr_value_decoded(key);
	at = mr_value_raw(&key, &len);
	if ((m = mr_object_find(o, at, len))) {
		mr_value_free(key);
		return &m->val;
	}
	o = add(o, key, MR_VALUE_NULL);
	*object = of_cell(o);
	return &o->at[o->used - 1].val;
}

struct mr_value
mr_value_set_member(struct mr_value object, struct mr_value key, struct mr_value val)
{
	struct mr_value *slot = mr_object_slot(&object, key);

	mr_value_free(*slot);
	*slot = val;
	return object;
}

struct mr_value
mr_value_member(const struct mr_value *object, const char *key, size_t len)
{
	struct mr_member *m;

	if (object->form == MR_CELL) {
		m = mr_object_find(mr_object_cell(object), key, len);
		return m ? mr_value_copy(&m->val) : MR_VALUE_NONE;
	}
	return mr_walk_find(object, key, len);
}

struct mr_value
mr_value_drop_member(struct mr_value object, const char *key, size_t len)
{
	struct mr_object_cell *o;
	struct mr_member *m;

	object = mr_object_cell_of(object);
	if (!mr_object_find(mr_object_cell(&object), key, len))
		return object;
	o = mr_object_own(&object);
	m = mr_object_find(o, key, len);
	mr_value_free(m->val);
	mr_value_free(m->key);
	*m = (struct mr_member){MR_VALUE_NONE, MR_VALUE_NULL};
	o->count--;
	if (o->used > 2 * o->count + MR_OBJECT_SMALL)
		compact(o);
	return object;
}

static int
by_key(const void *a, const void *b)
{
	const struct mr_member *const *x = a, *const *y = b;
	const char *p, *q;
	size_t plen, qlen;

	p = mr_value_raw(&(*x)->key, &plen);
	q = mr_value_raw(&(*y)->key, &qlen);
	return mr_bytes_cmp(p, plen, q, qlen);
}

const struct mr_member **
mr_object_sorted(const struct mr_object_cell *o)
{
	const struct mr_member **sorted = mr_xmalloc(o->count * sizeof *sorted);
	size_t n = 0;

	for (size_t i = 0; i < o->used; i++)
		if (o->at[i].key.type != MR_MISSING)
			sorted[n++] = &o->at[i];
	if (n > 1)
		qsort(sorted, n, sizeof *sorted, by_key);
	return sorted;
}

void
mr_value_iter_init(struct mr_value_iter *it, struct mr_value *of)
{
	struct mr_val text;

	it->i = 0;
	if (of->type == MR_OBJECT)
		*of = mr_object_cell_of(*of);
	it->of = of;
	if (of->type == MR_ARRAY && of->form == MR_TEXT) {
		text = mr_value_text(of);
		mr_members_init(&it->text, &text);
	}
}

static int
next_member(struct mr_value_iter *it, struct mr_value *key, struct mr_value *val)
{
	const struct mr_object_cell *o = mr_object_cell(it->of);

	while (it->i < o->used && o->at[it->i].key.type == MR_MISSING)
		it->i++;
	if (it->i >= o->used)
		return 0;
	if (key)
		*key = mr_value_copy(&o->at[it->i].key);
	*val = mr_value_copy(&o->at[it->i++].val);
	return 1;
}

int
mr_value_iter_next(struct mr_value_iter *it, struct mr_value *key, struct mr_value *val)
{
	const struct mr_value *of = it->of;
	struct mr_val k, v;

	if (of->type == MR_OBJECT)
		return next_member(it, key, val);
	if (key)
		*key = MR_VALUE_NONE;
	if (of->type != MR_ARRAY)
		return 0;
	if (of->form == MR_TEXT) {
		if (!mr_members_next(&it->text, &k, &v))
			return 0;
		*val = mr_value_scanned(&v);
		return 1;
	}
	if (it->i >= mr_array_cell(of)->count)
		return 0;
	*val = mr_value_copy(&mr_array_cell(of)->at[it->i++]);
	return 1;
}
