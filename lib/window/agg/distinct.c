/*
 * distinct - how many different values.
 *
 * Values are the same when they are the same group (window/key.h), which is
 * judged by 128 bits of XXH3 under a fixed seed: among a thousand values, two
 * that differ are taken for one with a chance of 10^-32, unless someone makes
 * such values on purpose.  Up to 1000 hashes a group are kept; past that the
 * same hashes are in a HyperLogLog.  Which it is depends on how many there are
 * alone.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "json/num.h"
#include "window/agg/agg.h"
#include "window/agg/hll.h"
#include "json/key.h"

#define KEPT_MAX 1000
#define PLACES_FIRST 4

/* A hash of zeros is a free place, and counts as the one beside it. */
struct hash {
	uint64_t word[2];
};

struct distinct {
	uint32_t n;      /* hashes kept; more than KEPT_MAX: hll */
	uint32_t places; /* a power of two */
	union {
		struct hash *kept; /* open addressing, at most 3 of 4 places taken */
		struct mr_hll *hll;
	};
};

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	XXH128_hash_t hash;

	in->key.len = 0;
	if (mr_key_add(&in->key, in->val, &in->room, err))
		return -1;
	hash = XXH3_128bits(in->key.at, in->key.len);
	in->hash[0] = hash.low64 | (!hash.low64 && !hash.high64);
	in->hash[1] = hash.high64;
	return 0;
}

static size_t
bytes(const struct distinct *d)
{
	return d->n > KEPT_MAX ? sizeof *d->hll : d->places * sizeof *d->kept;
}

static struct hash *
place_of(struct hash *kept, uint32_t places, const uint64_t word[2])
{
	size_t i = word[0] & (places - 1);

	while ((kept[i].word[0] | kept[i].word[1]) &&
	    (kept[i].word[0] != word[0] || kept[i].word[1] != word[1]))
		i = (i + 1) & (places - 1);
	return &kept[i];
}

static void
grow(struct distinct *d)
{
	uint32_t places = d->places ? 2 * d->places : PLACES_FIRST;
	struct hash *kept = mr_xcalloc(places, sizeof *kept);

	for (size_t i = 0; i < d->places; i++)
		if (d->kept[i].word[0] | d->kept[i].word[1])
			*place_of(kept, places, d->kept[i].word) = d->kept[i];
	free(d->kept);
	d->kept = kept;
	d->places = places;
}

static void
estimate(struct distinct *d)
{
	struct mr_hll *hll = mr_xcalloc(1, sizeof *hll);

	for (size_t i = 0; i < d->places; i++)
		if (d->kept[i].word[0] | d->kept[i].word[1])
			mr_hll_add(hll, d->kept[i].word[1]);
	free(d->kept);
	d->hll = hll;
	d->places = 0;
	d->n = KEPT_MAX + 1;
}

static void
add_hash(struct distinct *d, const uint64_t word[2])
{
	struct hash *place;

	if (d->n <= KEPT_MAX) {
		if (4 * (d->n + 1) > 3 * d->places)
			grow(d);
		place = place_of(d->kept, d->places, word);
		if (place->word[0] | place->word[1])
			return;
		if (d->n < KEPT_MAX) {
			memcpy(place->word, word, sizeof place->word);
			d->n++;
			return;
		}
		estimate(d);
	}
	mr_hll_add(d->hll, word[1]);
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	size_t before = bytes(state);

	add_hash(state, in->hash);
	*held += bytes(state) - before;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct distinct *d = into;
	const struct distinct *o = from;
	size_t before = bytes(d);

	(void)arg;
	if (o->n <= KEPT_MAX) {
		for (size_t i = 0; i < o->places; i++)
			if (o->kept[i].word[0] | o->kept[i].word[1])
				add_hash(d, o->kept[i].word);
	} else {
		if (d->n <= KEPT_MAX)
			estimate(d);
		mr_hll_merge(d->hll, o->hll);
	}
	*held += bytes(d) - before;
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct distinct *d = state;
	uint64_t n = d->n;

	(void)of;
	(void)err;
	if (n > KEPT_MAX) {
		n = mr_hll_count(d->hll);
		n = n > KEPT_MAX ? n : KEPT_MAX + 1; /* so many there are */
	}
	mr_num_write_int64(out, (int64_t)n);
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct distinct *d = state;

	*held -= bytes(d);
	if (d->n > KEPT_MAX)
		free(d->hll);
	else
		free(d->kept);
	*d = (struct distinct){0};
}

const struct mr_agg_type mr_agg_distinct = {
    .name = "distinct",
    .size = sizeof(struct distinct),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write,
    .release = release,
};
