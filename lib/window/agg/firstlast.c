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
replace(struct edge *e, const struct mr_agg_in *in, size_t *held)
{
	e->time = *in->time;
	mr_keep_set(&e->keep, in->val->at, in->val->len, held);
}

static void
add_first(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct edge *e = state;

	if (!e->keep.len || cmp_time(in->time, &e->time) < 0)
		replace(e, in, held);
}

static void
add_last(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct edge *e = state;

	if (!e->keep.len || cmp_time(in->time, &e->time) >= 0)
		replace(e, in, held);
}

static void
write(const void *state, struct mr_buf *out)
{
	const struct edge *e = state;

	if (e->keep.len)
		mr_buf_add(out, mr_keep_at(&e->keep), e->keep.len);
	else
		mr_buf_adds(out, "null");
}

static void
release(void *state)
{
	struct edge *e = state;

	mr_keep_release(&e->keep);
}

const struct mr_agg_type mr_agg_first = {
    .name = "first",
    .size = sizeof(struct edge),
    .add = add_first,
    .write = write,
    .release = release,
};

const struct mr_agg_type mr_agg_last = {
    .name = "last",
    .size = sizeof(struct edge),
    .add = add_last,
    .write = write,
    .release = release,
};
