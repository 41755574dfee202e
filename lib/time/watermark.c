/*
 * watermark - how far event time has come over several inputs.
 *
 * The minimum is kept in a tree of pairs: an input that is idle or ended has
 * its leaf at MR_TIME_MAX, one without an event at MR_TIME_MIN, and so the
 * root needs no cases.  A scan of all inputs would do for eight partitions,
 * but partitions that are read in event-time order move the minimum with
 * each event, and there are topics with a thousand.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "time/stamp.h"
#include "time/watermark.h"

/* Saturates: times of broken records must not wrap. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? MR_TIME_MIN : MR_TIME_MAX - 1;
	return sum;
}

/* One more leaf pair changes the minimum of those above it only as far as they differ. */
static void
set_leaf(struct mr_wm *wm, size_t input, int64_t ms)
{
	int64_t *tree = wm->tree;
	size_t i = wm->cap + input;

	tree[i] = ms;
	while (i > 1) {
		int64_t a = tree[i], b = tree[i ^ 1], min = a < b ? a : b;

		i /= 2;
		if (tree[i] == min)
			break;
		tree[i] = min;
	}
}

static void
make_tree(struct mr_wm *wm)
{
	wm->tree = mr_xrealloc(wm->tree, 2 * wm->cap * sizeof *wm->tree);
	for (size_t i = 0; i < 2 * wm->cap; i++)
		wm->tree[i] = MR_TIME_MAX;
	for (size_t i = 0; i < wm->inputs; i++)
		if (!wm->in[i].idle && !wm->in[i].ended)
			set_leaf(wm, i, wm->in[i].max_ms);
}

static bool
advance(struct mr_wm *wm, int64_t ms)
{
	if (ms <= wm->now_ms)
		return false;
	wm->now_ms = ms;
	return true;
}

/* With all inputs idle only the clock moves it: mr_wm_tick(). */
static bool
settle(struct mr_wm *wm)
{
	if (wm->left == 0)
		return wm->inputs > 0 && advance(wm, MR_TIME_MAX);
	if (wm->active == 0 || wm->tree[1] == MR_TIME_MIN)
		return false;
	return advance(wm, plus(wm->tree[1], -wm->lag_ms));
}

static void
hear(struct mr_wm *wm, struct mr_wm_input *in, int64_t clock_ms)
{
	if (clock_ms > in->heard_ms)
		in->heard_ms = clock_ms;
	if (clock_ms > wm->heard_ms)
		wm->heard_ms = clock_ms;
	if (in->idle) {
		in->idle = false;
		wm->active++;
	}
}

size_t
mr_wm_add(struct mr_wm *wm, int64_t clock_ms)
{
	size_t input = wm->inputs;

	if (input == wm->cap) {
		wm->cap = wm->cap ? 2 * wm->cap : 1;
		wm->in = mr_xrealloc(wm->in, wm->cap * sizeof *wm->in);
		make_tree(wm);
	}
	wm->in[input] = (struct mr_wm_input){MR_TIME_MIN, clock_ms, false, false};
	wm->inputs++;
	wm->active++;
	wm->left++;
	if (clock_ms > wm->heard_ms)
		wm->heard_ms = clock_ms;
	set_leaf(wm, input, MR_TIME_MIN);
	return input;
}

void
mr_wm_init(struct mr_wm *wm, size_t inputs, int64_t lag_ms, int64_t idle_ms, bool live,
    int64_t clock_ms)
{
	*wm = (struct mr_wm){.lag_ms = lag_ms,
	    .idle_ms = idle_ms,
	    .live = live,
	    .now_ms = MR_TIME_MIN,
	    .max_ms = MR_TIME_MIN,
	    .heard_ms = clock_ms};
	while (wm->inputs < inputs)
		mr_wm_add(wm, clock_ms);
}

void
mr_wm_release(struct mr_wm *wm)
{
	free(wm->in);
	free(wm->tree);
	*wm = (struct mr_wm){.now_ms = MR_TIME_MIN};
}

bool
mr_wm_event(struct mr_wm *wm, size_t input, int64_t event_ms, int64_t clock_ms)
{
	struct mr_wm_input *in = &wm->in[input];
	bool was_idle = in->idle;

	if (in->ended)
		return false;
	hear(wm, in, clock_ms);
	if (event_ms <= in->max_ms && !was_idle)
		return false;
	if (event_ms == MR_TIME_MAX) /* the mark of an input that does not count */
		event_ms--;
	if (event_ms > in->max_ms)
		in->max_ms = event_ms;
	if (event_ms > wm->max_ms)
		wm->max_ms = event_ms;
	set_leaf(wm, input, in->max_ms);
	return settle(wm);
}

bool
mr_wm_end(struct mr_wm *wm, size_t input)
{
	struct mr_wm_input *in = &wm->in[input];

	if (in->ended)
		return false;
	in->ended = true;
	wm->left--;
	if (!in->idle)
		wm->active--;
	set_leaf(wm, input, MR_TIME_MAX);
	return settle(wm);
}

bool
mr_wm_tick(struct mr_wm *wm, int64_t clock_ms)
{
	if (!wm->live || wm->idle_ms <= 0 || wm->left == 0)
		return false;
	for (size_t i = 0; i < wm->inputs; i++) {
		struct mr_wm_input *in = &wm->in[i];

		if (in->idle || in->ended || clock_ms - in->heard_ms < wm->idle_ms)
			continue;
		in->idle = true;
		wm->active--;
		set_leaf(wm, i, MR_TIME_MAX);
	}
	if (wm->active > 0)
		return settle(wm);
	if (wm->max_ms == MR_TIME_MIN)
		return false;
	return advance(wm, plus(plus(wm->max_ms, clock_ms - wm->heard_ms), -wm->lag_ms));
}

void
mr_wm_busy(struct mr_wm *wm, size_t input, int64_t clock_ms)
{
	struct mr_wm_input *in = &wm->in[input];
	bool was_idle = in->idle;

	if (in->ended)
		return;
	hear(wm, in, clock_ms);
	if (was_idle)
		set_leaf(wm, input, in->max_ms);
}

bool
mr_wm_idle(const struct mr_wm *wm)
{
	return wm->active == 0;
}
