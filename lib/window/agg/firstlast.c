/*
 * first, last - the value of the earliest or latest event, of any type.
 *
 * By event time, to the nanosecond; of equal times the one that arrived first
 * (first) or last (last).
 */
#include <stdbool.h>

#include "window/agg/agg.h"
#include "window/agg/keep.h"

struct edge {
	struct mr_time time;
	struct mr_keep keep; /* the value as it is spelled; empty: nothing yet */
};

static int
cmp_time(const struct mr_time *a, const struct mr_time *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	return (a->ns > b->ns) - (a->ns < b->ns);
}

static void
replace(struct edge *e, const struct mr_time *time, const char *at, size_t len, size_t *held)
{
	e->time = *time;
	mr_keep_set(&e->keep, at, len, held);
}

static void
add_first(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct edge *e = state;

	if (!e->keep.len || cmp_time(in->time, &e->time) < 0)
		replace(e, in->time, in->val->at, in->val->len, held);
}

static void
add_last(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct edge *e = state;

	if (!e->keep.len || cmp_time(in->time, &e->time) >= 0)
		replace(e, in->time, in->val->at, in->val->len, held);
}

static void
merge_first(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct edge *e = into;
	const struct edge *o = from;

	(void)arg;
	if (o->keep.len && (!e->keep.len || cmp_time(&o->time, &e->time) < 0))
		replace(e, &o->time, mr_keep_at(&o->keep), o->keep.len, held);
}

static void
merge_last(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct edge *e = into;
	const struct edge *o = from;

	(void)arg;
	if (o->keep.len && (!e->keep.len || cmp_time(&o->time, &e->time) >= 0))
		replace(e, &o->time, mr_keep_at(&o->keep), o->keep.len, held);
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct edge *e = state;

	(void)of;
	(void)err;
	if (e->keep.len)
		mr_buf_add(out, mr_keep_at(&e->keep), e->keep.len);
	else
		mr_buf_adds(out, "null");
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct edge *e = state;

	mr_keep_release(&e->keep, held);
}

const struct mr_agg_type mr_agg_first = {
    .name = "first",
    .size = sizeof(struct edge),
    .add = add_first,
    .merge = merge_first,
    .write = write,
    .release = release,
};

const struct mr_agg_type mr_agg_last = {
    .name = "last",
    .size = sizeof(struct edge),
    .add = add_last,
    .merge = merge_last,
    .write = write,
    .release = release,
};
