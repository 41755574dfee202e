/*
 * Repeats, found by the operator, against all events in a list: sorted and
 * gone through with every key's span, or searched for one that is near.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"
#include "dedup/dedup.h"

#define MAX_EVENTS 1500
#define NS_IN_MS 1000000

struct event {
	int64_t ns;	/* time, since 1970 */
	int key;
	size_t n;	/* its number, which is its arrival if nobody shuffles */
	int span;	/* by the reference: of the event that opened it */
};

struct tool {
	struct mr_stage stage;
	struct mr_dedup dedup;
	struct mr_out out;
};

static void
tool_init(struct tool *t, enum mr_keep keep, int64_t within_ms, int64_t lag_ms)
{
	struct mr_err err = MR_ERR_INIT;

	memset(t, 0, sizeof *t);
	t->stage.scan = mr_scan_new();
	t->stage.control = MR_CONTROL_HOLD;
	mr_out_init(&t->out, -1, "test");
	mr_dedup_init(&t->dedup, &t->stage);
	t->dedup.keep = keep;
	t->dedup.within_ms = within_ms;
	t->dedup.hold.time.lag_ms = lag_ms;
	t->dedup.hold.time.stamper.unit = MR_UNIT_NS;
	t->dedup.hold.order.memory = MR_ORDER_LEAST;
	CHECK(mr_keys_add(&t->dedup.keys, &t->stage, ".k, .j", &err) == 0);
	CHECK(mr_dedup_setup(&t->dedup, &err) == 0);
}

static void
tool_release(struct tool *t)
{
	mr_dedup_release(&t->dedup);
	mr_scan_free(t->stage.scan);
	mr_out_release(&t->out);
}

static int
feed(struct tool *t, const struct event *e, struct mr_err *err)
{
	struct mr_line line = {.end = 1, .file = "test", .no = 1};
	struct mr_val vals[4];
	char text[128];

	/* two spellings of a key */
	snprintf(text, sizeof text, "{\"n\":%zu,\"ts\":%" PRId64 ",\"k\":%s,\"j\":%d}\n", e->n, e->ns,
	    e->n % 2 ? "\"a\"" : "\"\\u0061\"", e->key);
	line.at = text;
	line.len = strlen(text) - 1;
	line.vals = vals;
	if (mr_scan_line(t->stage.scan, text, line.len, MR_SCAN_OBJECT, vals, err))
		return -1;
	return mr_dedup_event(&t->dedup, &line, &t->out, err);
}

/* The numbers of the events that were written, in their order. */
static size_t
written(struct tool *t, size_t *n)
{
	const char *at = mr_buf_str(&t->out.buf);
	size_t count = 0;

	for (; (at = strstr(at, "{\"n\":")) != NULL; at++)
		n[count++] = (size_t)strtoull(at + 5, NULL, 10);
	return count;
}

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

static void
draw_events(struct event *e, size_t n, int64_t within_ms)
{
	const int64_t bases[] = {1767225600000, -20000, -2 * within_ms};
	int64_t base = bases[unit_draw(3)];
	int64_t step = 1 + (int64_t)unit_draw((uint64_t)within_ms);
	bool fine = unit_draw(2);

	for (size_t i = 0; i < n; i++) {
		int64_t ms = base + (int64_t)(i / 8) * step + (int64_t)unit_draw((uint64_t)within_ms * 2);

		if (unit_draw(4) == 0)	/* bounds: multiples of the length */
			ms -= ms % within_ms;
		e[i] = (struct event){ms * NS_IN_MS + (fine ? (int64_t)unit_draw(3) * 500000 : 0),
		    (int)unit_draw(1 + i % 12), i, -1};
		if (fine && unit_draw(2) == 0)
			e[i].ns++;
	}
}

/* The largest step back, which the lag has to cover. */
static int64_t
disorder(const struct event *e, size_t n)
{
	int64_t newest = INT64_MIN, most = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t ms = e[i].ns / NS_IN_MS - (e[i].ns % NS_IN_MS < 0);

		newest = ms > newest ? ms : newest;
		most = newest - ms > most ? newest - ms : most;
	}
	return most;
}

/* What is to be written: e is sorted by it; of each span the first or the last, by their begin. */
static size_t
expect(struct event *e, size_t n, int64_t within_ms, bool last, size_t *want)
{
	size_t count = 0;

	qsort(e, n, sizeof *e, by_time);
	for (size_t i = 0; i < n; i++) {
		for (size_t o = 0; o < i; o++)
			if (e[o].span == (int)o && e[o].key == e[i].key &&
			    e[i].ns - e[o].ns < within_ms * NS_IN_MS)
				e[i].span = (int)o;
		if (e[i].span < 0)
			e[i].span = (int)i;
	}
	for (size_t o = 0; o < n; o++) {
		if (e[o].span != (int)o)
			continue;
		want[count] = e[o].n;
		for (size_t i = o; i < n && last; i++)
			if (e[i].span == (int)o)
				want[count] = e[i].n;
		count++;
	}
	return count;
}

static void
compare(struct tool *t, const size_t *want, size_t count)
{
	static size_t got[MAX_EVENTS + 1];
	size_t n = written(t, got);

	CHECK_INT(n, count);
	for (size_t i = 0; i < count && i < n && !unit_bad; i++)
		CHECK_INT(got[i], want[i]);
}

static void
spans_are_those_of_a_list(void)
{
	for (int round = 0; round < 300 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS];
		static size_t want[MAX_EVENTS];
		enum mr_keep keep = unit_draw(2) ? MR_KEEP_FIRST : MR_KEEP_LAST;
		size_t n = 1 + unit_draw(round % 10 ? 200 : MAX_EVENTS), count;
		int64_t within = 1 + (int64_t)unit_draw(unit_draw(2) ? 5 : 500);
		struct mr_err err = MR_ERR_INIT;
		struct tool t;

		draw_events(e, n, within);
		tool_init(&t, keep, within, disorder(e, n) + (int64_t)unit_draw(2) * 1000);
		for (size_t i = 0; i < n; i++) {
			CHECK(feed(&t, &e[i], &err) == 0);
			if (unit_draw(20) == 0)
				CHECK(mr_dedup_idle(&t.dedup, &t.out, &err) == 0);
		}
		CHECK(mr_dedup_end(&t.dedup, &t.out, &err) == 0);
		count = expect(e, n, within, keep == MR_KEEP_LAST, want);
		compare(&t, want, count);
		CHECK_INT(t.dedup.hold.late.count, 0);
		CHECK_INT(t.dedup.repeats, n - count);
		tool_release(&t);
	}
}

/* Times all different, disorder within the lag: the same bytes, whatever the order. */
static void
shuffles_within_the_lag_give_the_same_bytes(void)
{
	for (int round = 0; round < 1000 && !unit_bad; round++) {
		static struct event e[200];
		size_t n = 1 + unit_draw(200);
		enum mr_keep keep = round % 2 ? MR_KEEP_FIRST : MR_KEEP_LAST;
		struct mr_buf first = MR_BUF_INIT;

		for (size_t i = 0; i < n; i++)
			e[i] = (struct event){(int64_t)(i * 7 + unit_draw(7)) * NS_IN_MS, (int)unit_draw(6), i, -1};
		for (int again = 0; again < 2; again++) {
			struct mr_err err = MR_ERR_INIT;
			struct tool t;

			tool_init(&t, keep, 60, disorder(e, n));
			for (size_t i = 0; i < n; i++)
				CHECK(feed(&t, &e[i], &err) == 0);
			CHECK(mr_dedup_end(&t.dedup, &t.out, &err) == 0);
			CHECK_INT(t.dedup.hold.late.count, 0);
			if (!again)
				mr_buf_add(&first, t.out.buf.at, t.out.buf.len);
			CHECK_STR(mr_buf_str(&t.out.buf), mr_buf_str(&first));
			tool_release(&t);
			for (size_t i = n; i > 1; i--) {
				size_t j = i - 1 - unit_draw(i < 30 ? i : 30);
				struct event was = e[j];

				e[j] = e[i - 1];
				e[i - 1] = was;
			}
		}
		mr_buf_release(&first);
	}
}

/*
 * Late ones: each event is written, a repeat or late; a late event is no repeat
 * of a span that has not ended by the watermark, and one that is no repeat of
 * anything is late.
 */
static void
late_events_are_judged(void)
{
	uint64_t late_ones = 0, late_repeats = 0;

	for (int round = 0; round < 300 && !unit_bad; round++) {
		static struct event e[300];
		static size_t got[301];
		size_t n = 1 + unit_draw(300), count;
		int64_t within = 1 + (int64_t)unit_draw(300), lag = (int64_t)unit_draw(200), newest = INT64_MIN;
		struct mr_err err = MR_ERR_INIT;
		struct tool t;

		draw_events(e, n, within);
		tool_init(&t, MR_KEEP_FIRST, within, lag);
		for (size_t i = 0; i < n && !unit_bad; i++) {
			uint64_t late = t.dedup.hold.late.count;
			int64_t ms = e[i].ns / NS_IN_MS - (e[i].ns % NS_IN_MS < 0);
			bool covered = false, open = false;

			CHECK(feed(&t, &e[i], &err) == 0);
			late = t.dedup.hold.late.count - late;
			if (newest == INT64_MIN || ms >= newest - lag) {
				CHECK_INT(late, 0);
				newest = ms > newest ? ms : newest;
				continue;
			}
			count = written(&t, got);
			for (size_t w = 0; w < count; w++) {
				const struct event *o = &e[got[w]];

				if (o->key != e[i].key || e[i].ns < o->ns || e[i].ns - o->ns >= within * NS_IN_MS)
					continue;
				covered = true;
				open |= (newest - lag) * NS_IN_MS < o->ns + within * NS_IN_MS;
			}
			CHECK(covered || late);
			CHECK(!open || !late);
			late_ones += late;
			late_repeats += !late;
		}
		CHECK(mr_dedup_end(&t.dedup, &t.out, &err) == 0);
		count = written(&t, got);
		CHECK_INT(count + t.dedup.repeats + t.dedup.hold.late.count, n);
		CHECK_INT(t.dedup.hold.events, n);
		tool_release(&t);
	}
	CHECK(late_ones > 1000 && late_repeats > 1000);
}

/* In a span that is open a late event may be the last. */
static void
the_last_may_be_late(void)
{
	static const struct { int64_t ms; int key; } in[] = {{100, 1}, {104, 1}, {130, 2}, {106, 1}, {106, 1},
	    {102, 1}, {250, 2}, {150, 1}};
	struct mr_err err = MR_ERR_INIT;
	struct tool t;
	size_t got[9];

	tool_init(&t, MR_KEEP_LAST, 100, 5);
	for (size_t i = 0; i < 8; i++) {
		struct event e = {in[i].ms * NS_IN_MS, in[i].key, i, -1};

		CHECK(feed(&t, &e, &err) == 0);
	}
	CHECK(mr_dedup_end(&t.dedup, &t.out, &err) == 0);
	CHECK_INT(written(&t, got), 3);
	CHECK_INT(got[0], 4);	/* the later 106, which came behind the watermark of 125 */
	CHECK_INT(got[1], 2);
	CHECK_INT(got[2], 6);
	CHECK_INT(t.dedup.repeats, 5);	/* 150, too: its span had been written */
	CHECK_INT(t.dedup.hold.late.count, 0);
	tool_release(&t);
}

static void
any_is_the_first_to_arrive(void)
{
	uint64_t late = 0;

	for (int round = 0; round < 300 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS];
		static size_t want[MAX_EVENTS];
		size_t n = 1 + unit_draw(600), count = 0, repeats = 0;
		int64_t within = 1 + (int64_t)unit_draw(unit_draw(2) ? 5 : 500);
		int64_t lag = (int64_t)unit_draw(300), newest = INT64_MIN;
		struct mr_err err = MR_ERR_INIT;
		struct tool t;

		draw_events(e, n, within);
		tool_init(&t, MR_KEEP_ANY, within, lag);
		for (size_t i = 0; i < n; i++) {
			int64_t ms = e[i].ns / NS_IN_MS - (e[i].ns % NS_IN_MS < 0);
			bool near = false;

			CHECK(feed(&t, &e[i], &err) == 0);
			if (newest != INT64_MIN && ms < newest - lag - within)
				continue;
			newest = ms > newest ? ms : newest;
			for (size_t w = 0; w < count && !near; w++)
				near = e[want[w]].key == e[i].key &&
				    llabs(e[want[w]].ns - e[i].ns) < within * NS_IN_MS;
			if (!near)
				want[count++] = i;
			repeats += near;
		}
		compare(&t, want, count);
		CHECK_INT(t.dedup.repeats, repeats);
		CHECK_INT(t.dedup.hold.late.count, n - count - repeats);
		late += t.dedup.hold.late.count;
		tool_release(&t);
	}
	CHECK(late > 1000);
}

/* Keys that never come again are forgotten, and a peak is given back. */
static void
keys_are_forgotten(void)
{
	for (int keep = MR_KEEP_FIRST; keep <= MR_KEEP_ANY; keep++) {
		struct mr_err err = MR_ERR_INIT;
		struct tool t;
		size_t most = 0;

		tool_init(&t, (enum mr_keep)keep, 1000, 10);
		for (int i = 0; i < 100000; i++) {
			struct event e = {(int64_t)i * NS_IN_MS, i, (size_t)i, -1};

			CHECK(feed(&t, &e, &err) == 0);
			t.out.buf.len = 0;
			most = mr_dedup_keys(&t.dedup) > most ? mr_dedup_keys(&t.dedup) : most;
		}
		CHECK(most >= 1000 && most < 5000);
		CHECK(mr_dedup_bytes(&t.dedup) < 1 << 20);
		tool_release(&t);
	}
}

static void
the_state_has_a_cap(void)
{
	for (int keep = MR_KEEP_FIRST; keep <= MR_KEEP_ANY; keep++) {
		struct mr_err err = MR_ERR_INIT;
		struct tool t;
		int i, rc = 0;

		tool_init(&t, (enum mr_keep)keep, 1000000, 0);
		t.dedup.max_state = 1 << 20;
		for (i = 0; i < 100000 && rc == 0; i++) {
			struct event e = {(int64_t)i * NS_IN_MS, i, (size_t)i, -1};

			rc = feed(&t, &e, &err);
		}
		CHECK(rc < 0 && i > 1000 && i < 60000);
		CHECK_INT(err.status, MR_EX_WORLD);
		CHECK(strstr(err.text, "the state is over --max-state 1048576 bytes: "));
		tool_release(&t);
	}
}

int
main(void)
{
	unit_seed(20261121);
	RUN(spans_are_those_of_a_list);
	RUN(shuffles_within_the_lag_give_the_same_bytes);
	RUN(late_events_are_judged);
	RUN(the_last_may_be_late);
	RUN(any_is_the_first_to_arrive);
	RUN(keys_are_forgotten);
	RUN(the_state_has_a_cap);
	return unit_done();
}
