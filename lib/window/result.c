/*
 * result - results as lines.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/num.h"
#include "time/stamp.h"
#include "json/key.h"
#include "window/kind.h"

static void
write_bound(struct mr_buf *out, const char *name, int64_t ms)
{
	mr_buf_adds(out, name);
	mr_stamp_write(out, ms);
	mr_buf_addc(out, '"');
}

/* The results of a window come in a row: its bounds are spelled once. */
static void
write_bounds(struct mr_window *w, int64_t start, int64_t end, struct mr_buf *out)
{
	if (!w->bounds.len || start != w->bounds_start || end != w->bounds_end) {
		w->bounds.len = 0;
		write_bound(&w->bounds, "{\"window_start\":\"", start);
		write_bound(&w->bounds, ",\"window_end\":\"", end);
		w->bounds_start = start;
		w->bounds_end = end;
	}
	mr_buf_add(out, w->bounds.at, w->bounds.len);
}

static void
write_key(const struct mr_spec *spec, const char *at, size_t len, struct mr_buf *out)
{
	const char *end = at + len;

	for (size_t i = 0; i < spec->nby; i++) {
		const char *stop = memchr(at, MR_KEY_SEPARATOR, (size_t)(end - at));

		if (!stop)
			stop = end;
		mr_buf_adds(out, spec->by[i].label);
		mr_buf_add(out, at, (size_t)(stop - at));
		at = stop + 1;
	}
}

static int
write_aggregates(const struct mr_spec *spec, const struct mr_result *r, struct mr_buf *out,
    struct mr_err *err)
{
	for (size_t i = 0; i < spec->nagg; i++) {
		const struct mr_spec_agg *agg = &spec->agg[i];
		const struct mr_agg_out of = {&agg->arg, r->start, r->end};

		mr_buf_adds(out, agg->label);
		if (agg->type->write((const char *)r->pane + agg->at, &of, out, err))
			return mr_err_prefix(err, "%s: %s", agg->name, agg->type->name);
	}
	return 0;
}

int
mr_result_write(struct mr_window *w, const struct mr_result *r, struct mr_out *out,
    struct mr_err *err)
{
	const struct mr_spec *spec = &w->read.spec;
	struct mr_buf *b = &out->buf;
	size_t before = b->len;

	write_bounds(w, r->start, r->end, b);
	if (spec->nby)
		write_key(spec, r->key, r->len, b);
	if (r->pane && write_aggregates(spec, r, b, err)) {
		b->len = before; /* what is there is still written, and half a line is none */
		return -1;
	}
	if (w->revised) {
		mr_buf_adds(b, ",\"revision\":");
		mr_num_write_int64(b, (int64_t)r->revision);
		mr_buf_adds(b, r->final ? ",\"final\":true" : ",\"final\":false");
	}
	mr_buf_adds(b, r->pane ? "}\n" : ",\"retracted\":true}\n");
	w->rows++;
	return mr_out_built(out, 1, err);
}

void
mr_results_add(struct mr_results *list, const struct mr_result *r)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? 2 * list->cap : 64;
		list->at = mr_xrealloc(list->at, list->cap * sizeof *list->at);
	}
	list->at[list->n++] = *r;
}

static int
by_bounds(const void *va, const void *vb)
{
	const struct mr_result *a = va, *b = vb;

	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return mr_key_cmp(a->key, a->len, b->key, b->len);
}

void
mr_results_sort(struct mr_results *list)
{
	if (list->n)
		qsort(list->at, list->n, sizeof *list->at, by_bounds);
}
