/*
 * The queue of panes beside a list of numbers: the aggregate over all that is
 * in it, at every moment, and the bytes that it holds.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "unit.h"
#include "base/mem.h"
#include "window/pane.h"
#include "window/read.h"
#include "window/ring.h"

/* Sums past 128 bits and spellings too long for the state hold memory. */
static const char aggregates[] =
    "n=count,s=sum(.v),i=min(.v),f=first(.w),l=last(.w),c=collect(.v; 500),m=median(.v)";

static void
pane_of(struct mr_read *r, int number, void *pane, size_t *held)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_val vals[8];
	char text[256];
	struct mr_line line = {.at = text, .end = 1, .file = "test", .no = 1, .vals = vals};

	line.len = (size_t)snprintf(text, sizeof text,
	    "{\"ts\":%d,\"v\":%d%s,\"w\":\"%d, and too long for any place in a state of fixed size\"}",
	    number, number, number % 3 ? "" : "e60", number);
	CHECK(mr_scan_count(r->scan) <= 8);
	CHECK(mr_scan_line(r->scan, text, line.len, MR_SCAN_OBJECT, vals, &err) == 0);
	CHECK(mr_read_event(r, &line, &err) == 0);
	memset(pane, 0, r->spec.state_size);
	mr_pane_add(&r->spec, pane, held);
}

static void
spell(struct mr_read *r, const void *pane, struct mr_buf *out)
{
	struct mr_err err = MR_ERR_INIT;

	out->len = 0;
	for (size_t i = 0; i < r->spec.nagg; i++) {
		const struct mr_spec_agg *agg = &r->spec.agg[i];
		const struct mr_agg_out of = {&agg->arg, 0, 1};

		mr_buf_adds(out, agg->label);
		CHECK(agg->type->write((const char *)pane + agg->at, &of, out, &err) == 0);
	}
}

/* The same of the numbers from..to-1, put together one by one. */
static void
expect(struct mr_read *r, const int *list, int from, int to, struct mr_buf *out)
{
	void *pane = mr_xcalloc(1, r->spec.state_size), *one = mr_xcalloc(1, r->spec.state_size);
	size_t held = 0;

	for (int i = from; i < to; i++) {
		pane_of(r, list[i], one, &held);
		mr_pane_merge(&r->spec, pane, one, &held);
		mr_pane_release(&r->spec, one, &held);
	}
	spell(r, pane, out);
	mr_pane_release(&r->spec, pane, &held);
	CHECK_INT(held, 0);
	free(pane);
	free(one);
}

static void
check_total(struct mr_read *r, const struct mr_ring *ring, const int *list, int from, int to)
{
	struct mr_buf got = MR_BUF_INIT, want = MR_BUF_INIT;
	struct mr_extent extent = mr_ring_extent(ring);
	void *pane = mr_xcalloc(1, r->spec.state_size);
	size_t held = 0;
	int low = INT32_MAX, high = INT32_MIN;

	CHECK_INT(mr_ring_count(ring), to - from);
	mr_ring_total(ring, pane, &held);
	spell(r, pane, &got);
	mr_pane_release(&r->spec, pane, &held);
	CHECK_INT(held, 0);
	expect(r, list, from, to, &want);
	CHECK_STR(mr_buf_str(&got), mr_buf_str(&want));
	for (int i = from; i < to; i++) {
		low = list[i] < low ? list[i] : low;
		high = list[i] > high ? list[i] : high;
	}
	CHECK(to > from ? extent.min_ms == low && extent.max_ms == high :
			  extent.min_ms > extent.max_ms);
	mr_buf_release(&got);
	mr_buf_release(&want);
	free(pane);
}

static void
totals_are_those_of_what_is_in_it(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_read r;

	mr_read_init(&r);
	CHECK(mr_spec_add_agg(&r.spec, aggregates, &err) == 0 && mr_read_setup(&r, &err) == 0);
	for (int round = 0; round < 150 && !unit_bad; round++) {
		int list[200], from = 0, to = 0, cap = 1 + (int)unit_draw(20);
		struct mr_ring *ring = mr_ring_new(&r.spec, (size_t)cap);
		size_t held = 0;
		void *pane = mr_xcalloc(1, r.spec.state_size);

		while (to < 200 && !unit_bad) {
			bool push = to - from < cap && (to == from || unit_draw(5) < 3);

			if (push) {
				list[to] = (int)unit_draw(1000) - 500;
				pane_of(&r, list[to], pane, &held);
				mr_ring_push(ring, pane, (struct mr_extent){list[to], list[to]}, &held);
				to++;
			} else {
				mr_ring_pop(ring, &held);
				from++;
			}
			check_total(&r, ring, list, from, to);
		}
		CHECK(mr_ring_bytes(&r.spec, (size_t)cap) >= (size_t)cap * r.spec.state_size);
		if (round % 2)		/* some are freed full, some empty */
			for (; from < to; from++)
				mr_ring_pop(ring, &held);
		mr_ring_free(ring, &held);
		CHECK_INT(held, 0);
		free(pane);
	}
	mr_ring_free(NULL, NULL);
	mr_read_release(&r);
}

int
main(void)
{
	unit_seed(7);
	RUN(totals_are_those_of_what_is_in_it);
	return unit_done();
}
