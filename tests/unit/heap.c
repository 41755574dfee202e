/*
 * The heap of timers beside a plain list of them.
 */
#include <stdbool.h>

#include "base/heap.h"
#include "unit.h"

enum { TIMERS = 2000 };

static int
before(const struct mr_timer *a, const struct mr_timer *b)
{
	return a->at < b->at || (a->at == b->at && a->what < b->what);
}

static bool
is_even(const void *self, uint64_t what)
{
	(void)self;
	return what % 2 == 0;
}

/* The earliest goes; of equal times the smaller number. */
static struct mr_timer
take_first(struct mr_timer *list, size_t *n)
{
	size_t first = 0;
	struct mr_timer t;

	for (size_t i = 1; i < *n; i++)
		if (before(&list[i], &list[first]))
			first = i;
	t = list[first];
	list[first] = list[--*n];
	return t;
}

static int64_t
draw_time(void)
{
	static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX};

	return unit_draw(20) ? (int64_t)unit_draw(50) - 25 : ends[unit_draw(6)];
}

static void
beside_a_list(void)
{
	static struct mr_timer list[TIMERS];
	size_t popped = 0;

	for (int round = 0; round < 300 && !unit_bad; round++) {
		struct mr_heap h = MR_HEAP_INIT;
		size_t n = 0, most = 1 + unit_draw(round % 10 ? 60 : TIMERS);

		for (int i = 0; i < 3000 && !unit_bad; i++) {
			/* a while up, a while down */
			if (n < most && (!n || unit_draw(100) < ((i / 500) % 2 ? 30u : 70u))) {
				struct mr_timer t = {draw_time(), unit_draw(9)};

				list[n++] = t;
				mr_heap_push(&h, t.at, t.what);
			} else {
				struct mr_timer want = take_first(list, &n), got;

				CHECK_INT(h.timer[0].at, want.at);
				got = mr_heap_pop(&h);
				CHECK_INT(got.at, want.at);
				CHECK_INT(got.what, want.what);
				popped++;
			}
			if (!unit_draw(200)) {
				size_t kept = 0;

				for (size_t j = 0; j < n; j++)
					if (list[j].what % 2 == 0)
						list[kept++] = list[j];
				n = kept;
				mr_heap_filter(&h, is_even, NULL);
			}
			CHECK_INT(h.n, n);
		}
		while (n && !unit_bad) {
			struct mr_timer want = take_first(list, &n), got = mr_heap_pop(&h);

			CHECK(got.at == want.at && got.what == want.what);
		}
		mr_heap_release(&h);
		CHECK_INT(h.n + h.cap, 0);
	}
	printf("# %zu popped\n", popped);
}

static void
one_and_none(void)
{
	struct mr_heap h = MR_HEAP_INIT;

	mr_heap_release(&h);
	mr_heap_push(&h, -7, 3);
	CHECK_INT(h.timer[0].at, -7);
	CHECK_INT(mr_heap_pop(&h).what, 3);
	CHECK_INT(h.n, 0);
	mr_heap_push(&h, 5, UINT64_MAX);
	CHECK(mr_heap_pop(&h).what == UINT64_MAX);
	mr_heap_release(&h);
}

int
main(void)
{
	unit_seed(5);
	RUN(one_and_none);
	RUN(beside_a_list);
	return unit_done();
}
