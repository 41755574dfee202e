/*
 * collect - the values themselves, of any type, by event time; of equal times
 * in the order of their arrival.
 *
 * Values are put down as they come, and sorted when there are twice as many as
 * the limit, of which the half that cannot be in the result is dropped, or
 * when they are written.  So late ones cost no more than others, and past the
 * limit, in a stream in order, a value costs one comparison.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/agg/agg.h"

#define LIMIT 1000
#define LIMIT_MAX 1000000
#define FIRST_ROOM 4
#define NS_BITS 20
#define LEN_BITS 44

struct item {
	int64_t ms;
	uint64_t ns : NS_BITS, len : LEN_BITS;
	size_t at; /* in text: also says which arrived first */
};

struct list {
	struct item *items;
	size_t n, cap;
	size_t sorted; /* that many are in order, and no other is before them */
	struct mr_buf text;
};

struct collect {
	struct list *list; /* NULL: nothing yet */
};

static int
argument(struct mr_agg_arg *arg, const char *text, struct mr_err *err)
{
	arg->n = LIMIT;
	return text ? mr_agg_whole(text, LIMIT_MAX, &arg->n, err) : 0;
}

static int
cmp_items(const void *va, const void *vb)
{
	const struct item *a = va, *b = vb;

	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static size_t
bytes(const struct list *l)
{
	return l ? sizeof *l + l->cap * sizeof *l->items + l->text.cap : 0;
}

/* Keep the first `limit`, in order. */
static void
cut(struct list *l, size_t limit)
{
	struct mr_buf text = MR_BUF_INIT;

	qsort(l->items, l->n, sizeof *l->items, cmp_items);
	if (l->n > limit)
		l->n = limit;
	for (size_t i = 0; i < l->n; i++) {
		struct item *item = &l->items[i];
		size_t at = text.len;

		mr_buf_add(&text, l->text.at + item->at, item->len);
		item->at = at;
	}
	mr_buf_release(&l->text);
	l->text = text;
	l->sorted = l->n;
}

/* item->at is not looked at. */
static void
put(struct list *l, const struct item *item, const char *at, size_t limit)
{
	struct item *last;

	if (l->sorted >= limit) {
		last = &l->items[limit - 1];
		if (item->ms > last->ms || (item->ms == last->ms && item->ns >= last->ns))
			return;
	}
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : FIRST_ROOM;
		l->items = mr_xrealloc(l->items, l->cap * sizeof *l->items);
	}
	last = &l->items[l->n];
	*last = *item;
	last->at = l->text.len;
	mr_buf_add(&l->text, at, item->len);
	l->n++;
	if (l->n >= 2 * limit + FIRST_ROOM)
		cut(l, limit);
}

static struct list *
list_of(struct collect *c)
{
	if (!c->list)
		c->list = mr_xcalloc(1, sizeof *c->list);
	return c->list;
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct collect *c = state;
	size_t before = bytes(c->list);
	struct item item = {.ms = in->time->ms};

	item.ns = (uint64_t)in->time->ns & (((uint64_t)1 << NS_BITS) - 1);
	item.len = in->val->len & (((uint64_t)1 << LEN_BITS) - 1);

	put(list_of(c), &item, in->val->at, (size_t)in->arg->n);
	*held += bytes(c->list) - before;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct collect *c = into;
	const struct list *o = ((const struct collect *)from)->list;
	size_t before = bytes(c->list);

	for (size_t i = 0; o && i < o->n; i++)
		put(list_of(c), &o->items[i], o->text.at + o->items[i].at, (size_t)arg->n);
	*held += bytes(c->list) - before;
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct list *l = ((const struct collect *)state)->list;
	struct item *items;

	(void)err;
	if (!l) {
		mr_buf_adds(out, "null");
		return 0;
	}
	items = mr_xmalloc(l->n * sizeof *items);
	memcpy(items, l->items, l->n * sizeof *items);
	if (l->sorted < l->n)
		qsort(items, l->n, sizeof *items, cmp_items);
	for (size_t i = 0; i < l->n && i < (size_t)of->arg->n; i++) {
		mr_buf_addc(out, i ? ',' : '[');
		mr_buf_add(out, l->text.at + items[i].at, items[i].len);
	}
	mr_buf_addc(out, ']');
	free(items);
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct collect *c = state;

	*held -= bytes(c->list);
	if (c->list) {
		free(c->list->items);
		mr_buf_release(&c->list->text);
		free(c->list);
	}
	c->list = NULL;
}

const struct mr_agg_type mr_agg_collect = {
    .name = "collect",
    .size = sizeof(struct collect),
    .argument = argument,
    .add = add,
    .merge = merge,
    .write = write,
    .release = release,
};
