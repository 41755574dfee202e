/*
 * top - the values that come most often, with how often.
 *
 * All different values of a group are counted, so that the answer is exact; a
 * sketch of the frequent ones would depend on the order of arrival.  Past 10000
 * of them there is none: the group forgets its counts and fails when it is
 * written, whatever came first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "json/num.h"
#include "window/agg/agg.h"
#include "json/key.h"

#define COUNTED_MAX 10000

struct top {
	struct mr_map *map; /* spelling -> uint64_t, how often */
	uint64_t over;      /* COUNTED_MAX was not enough */
};

/* One value, to be written. */
struct entry {
	const char *at;
	size_t len;
	uint64_t count;
};

static int
argument(struct mr_agg_arg *arg, const char *text, struct mr_err *err)
{
	if (!text)
		return mr_err_set(err, MR_EX_USAGE, "a number is missing: top(.field; 3)");
	return mr_agg_whole(text, COUNTED_MAX, &arg->n, err);
}

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	in->key.len = 0;
	return mr_key_add(&in->key, in->val, &in->room, err);
}

static size_t
bytes(const struct top *t)
{
	return t->map ? mr_map_bytes(t->map) : 0;
}

static void
forget(struct top *t)
{
	mr_map_free(t->map);
	t->map = NULL;
	t->over = 1;
}

static void
count(struct top *t, const char *at, size_t len, uint64_t times)
{
	uint64_t *value;
	bool is_new;

	if (t->over)
		return;
	if (!t->map)
		t->map = mr_map_new(sizeof *value);
	value = mr_map_put(t->map, at, len, &is_new);
	*value += times;
	if (mr_map_count(t->map) > COUNTED_MAX)
		forget(t);
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	size_t before = bytes(state);

	count(state, in->key.at, in->key.len, 1);
	*held += bytes(state) - before;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct top *t = into;
	const struct top *o = from;
	size_t before = bytes(t);

	(void)arg;
	if (o->over)
		forget(t);
	for (size_t i = 0; o->map && i < mr_map_count(o->map); i++) {
		const void *key;
		size_t len;
		const uint64_t *times = mr_map_at(o->map, i, &key, &len);

		count(t, key, len, *times);
	}
	*held += bytes(t) - before;
}

/* The more frequent first, then by bytes. */
static int
cmp_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int cmp;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	cmp = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);
	return cmp ? cmp : (a->len > b->len) - (a->len < b->len);
}

static void
write_entries(const struct entry *e, size_t n, struct mr_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		mr_buf_adds(out, i ? ",{\"value\":" : "[{\"value\":");
		mr_buf_add(out, e[i].at, e[i].len);
		mr_buf_adds(out, ",\"count\":");
		mr_num_write_int64(out, (int64_t)e[i].count);
		mr_buf_addc(out, '}');
	}
	mr_buf_addc(out, ']');
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct top *t = state;
	struct entry *e;
	size_t n;

	if (t->over)
		return mr_err_set(err, MR_EX_WORLD,
		    "a group has more than %d different values; shorter windows or more keys in --by make them fewer",
		    COUNTED_MAX);
	if (!t->map) {
		mr_buf_adds(out, "null");
		return 0;
	}
	n = mr_map_count(t->map);
	e = mr_xmalloc(n * sizeof *e);
	for (size_t i = 0; i < n; i++) {
		const void *key;
		const uint64_t *times = mr_map_at(t->map, i, &key, &e[i].len);

		e[i].at = key;
		e[i].count = *times;
	}
	qsort(e, n, sizeof *e, cmp_entries);
	write_entries(e, (int64_t)n < of->arg->n ? n : (size_t)of->arg->n, out);
	free(e);
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct top *t = state;

	*held -= bytes(t);
	mr_map_free(t->map);
	*t = (struct top){0};
}

const struct mr_agg_type mr_agg_top = {
    .name = "top",
    .size = sizeof(struct top),
    .argument = argument,
    .read = read,
    .add = add,
    .merge = merge,
    .write = write,
    .release = release,
};
