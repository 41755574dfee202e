/*
 * min, max - of numbers, exactly, of times, and of other strings by their
 * decoded bytes.
 *
 * Values of different types have an order, too: numbers, then times, then
 * other strings.  Refusing a second type would make the record at fault the
 * one that happened to come second.
 *
 * A value keeps its spelling.  Of two spellings of one value (1.50, 1.5) the
 * shorter is kept, then the one first in byte order: the result must not
 * depend on which came first.
 */
#include <string.h>

#include "json/key.h"
#include "json/num.h"
#include "json/str.h"
#include "window/agg/agg.h"
#include "window/agg/keep.h"

enum { NOTHING, NUMBER, TIME, TEXT }; /* in their order */

struct extreme {
	struct mr_keep keep; /* a number's spelling, a string's decoded bytes */
	size_t rank;
};

/* Something to compare; instant is set if it is a TIME. */
struct side {
	const char *at;
	size_t len;
	int rank;
	struct mr_time instant;
};

/* A date and a time of day; no offset is UTC.  Dates alone sort as text does. */
static bool
is_time(const char *at, size_t len, struct mr_time *time)
{
	struct mr_err err;

	return len > 10 && at[4] == '-' && at[7] == '-' &&
	    (at[10] == 'T' || at[10] == 't' || at[10] == ' ') &&
	    mr_stamp_text(at, len, time, &err) == 0;
}

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	(void)err;
	if (in->val->type == MR_STRING) {
		in->text = mr_str_bytes(in->val, &in->room, &in->text_len);
		in->rank = is_time(in->text, in->text_len, &in->instant) ? TIME : TEXT;
	} else {
		in->text = in->val->at;
		in->text_len = in->val->len;
		in->rank = NUMBER;
	}
	return 0;
}

static int
cmp_times(const struct mr_time *a, const struct mr_time *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	return (a->ns > b->ns) - (a->ns < b->ns);
}

/* By value. */
static int
cmp_sides(const struct side *a, const struct side *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	switch (a->rank) {
	case NUMBER: return mr_num_cmp(a->at, a->len, b->at, b->len);
	case TIME: return cmp_times(&a->instant, &b->instant);
	default: return mr_key_cmp(a->at, a->len, b->at, b->len);
	}
}

static struct side
kept(const struct extreme *x)
{
	struct side s = {mr_keep_at(&x->keep), x->keep.len, (int)x->rank, {0, 0}};

	if (s.rank == TIME)
		is_time(s.at, s.len, &s.instant);
	return s;
}

/* Put the value in place of the one kept if it is smaller (sign 1) or larger (-1). */
static void
challenge(struct extreme *x, const struct side *s, int sign, size_t *held)
{
	int cmp = -1;

	if (x->rank != NOTHING) {
		struct side old = kept(x);

		cmp = sign * cmp_sides(s, &old);
		if (cmp == 0)
			cmp = (s->len > old.len) - (s->len < old.len);
		if (cmp == 0)
			cmp = mr_key_cmp(s->at, s->len, old.at, old.len);
	}
	if (cmp < 0) {
		mr_keep_set(&x->keep, s->at, s->len, held);
		x->rank = (size_t)s->rank;
	}
}

static void
add(struct extreme *x, const struct mr_agg_in *in, int sign, size_t *held)
{
	struct side s = {in->text, in->text_len, in->rank, in->instant};

	challenge(x, &s, sign, held);
}

static void
add_min(void *state, const struct mr_agg_in *in, size_t *held)
{
	add(state, in, 1, held);
}

static void
add_max(void *state, const struct mr_agg_in *in, size_t *held)
{
	add(state, in, -1, held);
}

static void
merge(struct extreme *into, const struct extreme *from, int sign, size_t *held)
{
	struct side s = kept(from);

	if (s.rank != NOTHING)
		challenge(into, &s, sign, held);
}

static void
merge_min(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	(void)arg;
	merge(into, from, 1, held);
}

static void
merge_max(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	(void)arg;
	merge(into, from, -1, held);
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct extreme *x = state;

	(void)of;
	(void)err;
	switch (x->rank) {
	case NOTHING: mr_buf_adds(out, "null"); break;
	case NUMBER: mr_buf_add(out, mr_keep_at(&x->keep), x->keep.len); break;
	default: mr_str_write(out, mr_keep_at(&x->keep), x->keep.len); break;
	}
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct extreme *x = state;

	mr_keep_release(&x->keep, held);
	x->rank = NOTHING;
}

const struct mr_agg_type mr_agg_min = {
    .name = "min",
    .wants = "a number or a string",
    .takes = 1 << MR_NUMBER | 1 << MR_STRING,
    .size = sizeof(struct extreme),
    .read = read,
    .add = add_min,
    .merge = merge_min,
    .write = write,
    .release = release,
};

const struct mr_agg_type mr_agg_max = {
    .name = "max",
    .wants = "a number or a string",
    .takes = 1 << MR_NUMBER | 1 << MR_STRING,
    .size = sizeof(struct extreme),
    .read = read,
    .add = add_max,
    .merge = merge_max,
    .write = write,
    .release = release,
};
