/*
 * advice - which lag keeps how many events in time.
 *
 * Delays are collected and now and then sorted into the list of those there
 * are, each with its count: n log n in all, as the collection grows with the
 * list.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "time/advice.h"
#include "time/duration.h"

#define FRESH_MIN 65536

void
mr_advice_release(struct mr_advice *a)
{
	free(a->delay);
	free(a->fresh);
	*a = (struct mr_advice){0};
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sort the fresh ones into the list. */
static void
settle(struct mr_advice *a)
{
	struct mr_advice_delay *all;
	size_t n = 0, i = 0, f = 0;

	if (!a->nfresh)
		return;
	qsort(a->fresh, a->nfresh, sizeof *a->fresh, by_size);
	all = mr_xmalloc((a->ndelay + a->nfresh) * sizeof *all);
	while (i < a->ndelay || f < a->nfresh) {
		bool old = f == a->nfresh || (i < a->ndelay && a->delay[i].ms <= a->fresh[f]);
		struct mr_advice_delay next = old ? a->delay[i++] :
						    (struct mr_advice_delay){a->fresh[f++], 1};

		if (n && all[n - 1].ms == next.ms)
			all[n - 1].n += next.n;
		else
			all[n++] = next;
	}
	free(a->delay);
	a->delay = mr_xrealloc(all, n * sizeof *all);
	a->ndelay = n;
	a->nfresh = 0;
}

void
mr_advice_add(struct mr_advice *a, int64_t delay_ms)
{
	a->events++;
	if (delay_ms < 0)
		return;
	a->behind++;
	if (a->nfresh == a->room) {
		settle(a);
		if (a->room < FRESH_MIN || a->room < a->ndelay) {
			a->room = a->ndelay > FRESH_MIN ? a->ndelay : FRESH_MIN;
			a->fresh = mr_xrealloc(a->fresh, a->room * sizeof *a->fresh);
		}
	}
	a->fresh[a->nfresh++] = delay_ms;
}

uint64_t
mr_advice_late(struct mr_advice *a, int64_t lag_ms)
{
	uint64_t late = 0;

	settle(a);
	for (size_t i = a->ndelay; i > 0 && a->delay[i - 1].ms >= lag_ms; i--)
		late += a->delay[i - 1].n;
	return late;
}

int64_t
mr_advice_lag(struct mr_advice *a, uint64_t late)
{
	uint64_t more = 0;

	settle(a);
	for (size_t i = a->ndelay; i > 0; i--)
		if ((more += a->delay[i - 1].n) > late)
			return a->delay[i - 1].ms + 1;
	return 0;
}

int64_t
mr_advice_round(int64_t lag_ms)
{
	static const int64_t steps[] = {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
	    10000, 15000, 20000, 30000, 60000, 120000, 300000, 600000, 900000, 1200000, 1800000,
	    3600000, 7200000, 10800000, 21600000, 43200000};
	const int64_t day = 86400000;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i] >= lag_ms)
			return steps[i];
	return (lag_ms + day - 1) / day * day;
}

static double
percent(uint64_t part, uint64_t of)
{
	return of ? 100. * (double)part / (double)of : 0;
}

static void
write_row(struct mr_advice *a, const char *name, uint64_t most, struct mr_buf *out)
{
	int64_t lag_ms = mr_advice_lag(a, most);
	char text[64];

	mr_buf_printf(out, "%-8s  %-14s  %" PRIu64 "\n", name, mr_duration_text(lag_ms, text),
	    mr_advice_late(a, lag_ms));
}

/* The lag for all of them, unless one in a thousand makes it several times as long. */
static void
write_suggestion(struct mr_advice *a, struct mr_buf *out)
{
	int64_t most = mr_advice_round(mr_advice_lag(a, a->events / 1000));
	int64_t all = mr_advice_round(mr_advice_lag(a, 0));
	uint64_t late = mr_advice_late(a, most);
	char text[64];

	if (late == 0 || all <= 4 * most) {
		mr_buf_printf(out, "suggestion: --lag %s, with which no event is late\n",
		    mr_duration_text(all, text));
		return;
	}
	mr_buf_printf(out, "suggestion: --lag %s, with which %" PRIu64 " (%.3g %%) %s late; ",
	    mr_duration_text(most, text), late, percent(late, a->events), late == 1 ? "is" : "are");
	mr_buf_printf(out, "--lag %s waits for all\n", mr_duration_text(all, text));
}

void
mr_advice_write(struct mr_advice *a, int64_t lag_ms, uint64_t late, struct mr_buf *out)
{
	int64_t lag_of_all = mr_advice_lag(a, 0);
	char text[64];

	mr_buf_printf(out, "events    %" PRIu64 "\n", a->events);
	if (!a->events)
		return;
	mr_buf_printf(out, "behind    %" PRIu64 " (%.3g %%)", a->behind,
	    percent(a->behind, a->events));
	if (a->behind)
		mr_buf_printf(out, ", by %s at most", mr_duration_text(lag_of_all - 1, text));
	mr_buf_printf(out, "\n\n%-8s  %-14s  %s\n", "in time", "--lag", "late");
	write_row(a, "99 %", a->events / 100, out);
	write_row(a, "99.9 %", a->events / 1000, out);
	write_row(a, "99.99 %", a->events / 10000, out);
	write_row(a, "all", 0, out);
	mr_buf_printf(out, "\nwith --lag %s late: %" PRIu64 " (%.3g %%)\n",
	    mr_duration_text(lag_ms, text), late, percent(late, a->events));
	write_suggestion(a, out);
}
