/*
 * watermark: case by case, and against a model that recomputes everything
 * from what it was told.
 */
#include <stdlib.h>
#include <time.h>

#include "time/stamp.h"
#include "time/watermark.h"
#include "unit.h"

static void
follows_one_input(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 1, 15, 0, false, 0);
	CHECK_INT(wm.now_ms, MR_TIME_MIN);
	CHECK(mr_wm_event(&wm, 0, 100, 0));
	CHECK_INT(wm.now_ms, 85);
	CHECK(!mr_wm_event(&wm, 0, 90, 0));
	CHECK_INT(wm.now_ms, 85);
	CHECK(!mr_wm_event(&wm, 0, 100, 0));
	CHECK(mr_wm_event(&wm, 0, 101, 0));
	CHECK_INT(wm.now_ms, 86);
	CHECK(mr_wm_end(&wm, 0));
	CHECK_INT(wm.now_ms, MR_TIME_MAX);
	CHECK(!mr_wm_end(&wm, 0));
	CHECK(!mr_wm_event(&wm, 0, 200, 0));
	mr_wm_release(&wm);
}

static void
waits_for_the_slowest(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 3, 10, 0, true, 0);
	CHECK(!mr_wm_event(&wm, 0, 1000, 0));
	CHECK(!mr_wm_event(&wm, 1, 500, 0));
	CHECK(mr_wm_event(&wm, 2, 700, 0));
	CHECK_INT(wm.now_ms, 490);
	CHECK(!mr_wm_event(&wm, 2, 900, 0));
	CHECK(mr_wm_event(&wm, 1, 800, 0));
	CHECK_INT(wm.now_ms, 790);
	CHECK(mr_wm_end(&wm, 1));
	CHECK_INT(wm.now_ms, 890);
	CHECK(!mr_wm_tick(&wm, 1000000));	/* idle_ms 0: never idle */
	CHECK(!mr_wm_end(&wm, 0));
	CHECK(mr_wm_end(&wm, 2));
	CHECK_INT(wm.now_ms, MR_TIME_MAX);
	mr_wm_release(&wm);
}

static void
lets_idle_inputs_go(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 2, 10, 60, true, 0);
	CHECK(!mr_wm_event(&wm, 0, 1000, 50));
	CHECK(!mr_wm_tick(&wm, 59));
	CHECK(mr_wm_tick(&wm, 60));		/* input 1 never spoke */
	CHECK(wm.in[1].idle);
	CHECK_INT(wm.now_ms, 990);
	CHECK(!mr_wm_event(&wm, 1, 500, 70));	/* back, behind: late, and holds */
	CHECK(!wm.in[1].idle);
	CHECK(!mr_wm_event(&wm, 0, 2000, 80));
	CHECK(mr_wm_event(&wm, 1, 1500, 90));
	CHECK_INT(wm.now_ms, 1490);
	mr_wm_release(&wm);
}

static void
goes_by_the_clock_when_all_are_idle(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 2, 10, 60, true, 0);
	CHECK(!mr_wm_tick(&wm, 100));		/* silent, but no time to start from */
	CHECK(mr_wm_idle(&wm));
	CHECK(mr_wm_event(&wm, 0, 1000, 200));
	CHECK(!mr_wm_idle(&wm));
	CHECK_INT(wm.now_ms, 990);
	CHECK(!mr_wm_tick(&wm, 259));
	CHECK(mr_wm_tick(&wm, 260));
	CHECK_INT(wm.now_ms, 1050);
	CHECK(mr_wm_tick(&wm, 300));
	CHECK_INT(wm.now_ms, 1090);
	CHECK(!mr_wm_event(&wm, 0, 1080, 310));
	CHECK_INT(wm.now_ms, 1090);
	CHECK(mr_wm_event(&wm, 0, 1110, 320));
	CHECK_INT(wm.now_ms, 1100);
	mr_wm_release(&wm);
}

static void
keeps_off_the_clock_unless_live(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 2, 10, 60, false, 0);
	CHECK(!mr_wm_event(&wm, 0, 1000, 10));
	CHECK(!mr_wm_tick(&wm, 1000));
	CHECK(!mr_wm_idle(&wm));
	CHECK_INT(wm.now_ms, MR_TIME_MIN);
	CHECK(mr_wm_end(&wm, 1));
	CHECK_INT(wm.now_ms, 990);
	CHECK(!mr_wm_tick(&wm, 100000));
	mr_wm_release(&wm);
}

static void
busy_is_not_silent(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 2, 10, 60, true, 0);
	mr_wm_event(&wm, 0, 1000, 0);
	mr_wm_event(&wm, 1, 500, 0);
	mr_wm_busy(&wm, 1, 50);
	CHECK(!mr_wm_tick(&wm, 100));		/* 0 is idle, 1 holds */
	CHECK(wm.in[0].idle && !wm.in[1].idle);
	CHECK_INT(wm.now_ms, 490);
	mr_wm_tick(&wm, 110);
	CHECK(wm.in[1].idle);
	mr_wm_busy(&wm, 1, 120);
	CHECK(!wm.in[1].idle);
	CHECK_INT(wm.in[1].heard_ms, 120);
	mr_wm_end(&wm, 1);
	mr_wm_busy(&wm, 1, 130);
	CHECK_INT(wm.in[1].heard_ms, 120);
	CHECK(mr_wm_idle(&wm));
	mr_wm_release(&wm);
}

static void
takes_new_inputs(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 0, 10, 0, true, 0);
	CHECK_INT(wm.now_ms, MR_TIME_MIN);
	CHECK_INT(mr_wm_add(&wm, 0), 0);
	CHECK(mr_wm_event(&wm, 0, 100, 0));
	for (size_t i = 1; i < 100; i++)
		CHECK_INT(mr_wm_add(&wm, 0), i);
	CHECK(!mr_wm_event(&wm, 0, 200, 0));
	CHECK_INT(wm.now_ms, 90);
	for (size_t i = 1; i < 100; i++)
		CHECK(mr_wm_event(&wm, i, 150, 0) == (i == 99));
	CHECK_INT(wm.now_ms, 140);
	mr_wm_release(&wm);
}

static void
survives_the_ends_of_time(void)
{
	struct mr_wm wm;

	mr_wm_init(&wm, 1, 10, 60, true, 0);
	CHECK(!mr_wm_event(&wm, 0, INT64_MIN + 5, 0));
	CHECK_INT(wm.now_ms, MR_TIME_MIN);
	CHECK(mr_wm_event(&wm, 0, INT64_MAX, 0));
	CHECK_INT(wm.now_ms, INT64_MAX - 11);
	CHECK(!mr_wm_tick(&wm, 1000));		/* idle, but the end is for those that ended */
	CHECK_INT(wm.now_ms, INT64_MAX - 11);
	CHECK(mr_wm_end(&wm, 0));
	CHECK_INT(wm.now_ms, MR_TIME_MAX);
	mr_wm_release(&wm);
}

/* All that was said, and the watermark computed anew from it each time. */
struct model {
	struct { int64_t max, heard; bool ended; } in[40];
	size_t inputs;
	int64_t lag, idle, tick, max, heard, now;
	bool live;
};

static bool
model_idle(const struct model *m, size_t i)
{
	return m->live && m->idle > 0 && m->tick - m->in[i].heard >= m->idle;
}

static void
model_settle(struct model *m, bool ticked)
{
	int64_t min = MR_TIME_MAX, to = MR_TIME_MIN;
	size_t left = 0, active = 0;

	for (size_t i = 0; i < m->inputs; i++) {
		if (m->in[i].ended)
			continue;
		left++;
		if (model_idle(m, i))
			continue;
		active++;
		if (m->in[i].max < min)
			min = m->in[i].max;
	}
	if (left == 0)
		to = MR_TIME_MAX;
	else if (active > 0 && min != MR_TIME_MIN)
		to = min - m->lag;
	else if (active == 0 && ticked && m->max != MR_TIME_MIN)
		to = m->max + m->tick - m->heard - m->lag;
	if (to > m->now)
		m->now = to;
}

static unsigned
pick(unsigned *seed, unsigned n)
{
	return (unsigned)rand_r(seed) % n;
}

static bool
same(const struct mr_wm *wm, const struct model *m, bool moved, int64_t before)
{
	bool all = true;

	for (size_t i = 0; i < m->inputs; i++) {
		if (m->in[i].ended != wm->in[i].ended || m->in[i].max != wm->in[i].max_ms)
			return false;
		if (m->in[i].ended)
			continue;
		if (model_idle(m, i) != wm->in[i].idle)
			return false;
		all = all && wm->in[i].idle;
	}
	return wm->now_ms == m->now && wm->now_ms >= before && moved == (wm->now_ms != before) &&
	    all == mr_wm_idle(wm);
}

static bool
one_step(struct mr_wm *wm, struct model *m, int64_t clock, unsigned *seed)
{
	size_t i = pick(seed, (unsigned)m->inputs);
	unsigned dice = pick(seed, 1000);
	int64_t before = wm->now_ms, ts;
	bool moved = false, ticked = false;

	if (dice < 5 && m->inputs < 40) {
		i = mr_wm_add(wm, clock);
		m->inputs++;
		m->in[i].max = MR_TIME_MIN;
		m->in[i].heard = m->heard = clock;
		m->in[i].ended = false;
	} else if (dice < 10) {
		moved = mr_wm_end(wm, i);
		m->in[i].ended = true;
	} else if (dice < 200) {
		moved = mr_wm_tick(wm, clock);
		m->tick = clock;
		ticked = true;
	} else if (dice < 250) {
		mr_wm_busy(wm, i, clock);
		if (!m->in[i].ended)
			m->in[i].heard = m->heard = clock;
	} else {
		i = pick(seed, (unsigned)i + 1);	/* some are heard of seldom */
		ts = clock * 3 - pick(seed, 300);
		moved = mr_wm_event(wm, i, ts, clock);
		if (!m->in[i].ended) {
			m->in[i].heard = m->heard = clock;
			m->in[i].max = ts > m->in[i].max ? ts : m->in[i].max;
			m->max = ts > m->max ? ts : m->max;
		}
	}
	model_settle(m, ticked);
	return same(wm, m, moved, before);
}

static void
agrees_with_the_model(void)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)time(NULL);

	printf("# SEED=%u\n", seed);
	for (int round = 0; round < 300; round++) {
		int64_t clock = pick(&seed, 1000), idle = pick(&seed, 3) * 40;
		struct model m = {.inputs = 1 + pick(&seed, 20), .lag = pick(&seed, 50), .idle = idle,
		    .tick = INT64_MIN / 2, .max = MR_TIME_MIN, .heard = clock, .now = MR_TIME_MIN,
		    .live = pick(&seed, 3) > 0};
		struct mr_wm wm;
		int step;

		for (size_t i = 0; i < m.inputs; i++) {
			m.in[i].max = MR_TIME_MIN;
			m.in[i].heard = clock;
		}
		mr_wm_init(&wm, m.inputs, m.lag, m.idle, m.live, clock);
		for (step = 0; step < 1500; step++) {
			clock += pick(&seed, 4) ? pick(&seed, 3) : pick(&seed, 12);
			if (!one_step(&wm, &m, clock, &seed))
				break;
		}
		CHECK_INT(step, 1500);
		mr_wm_release(&wm);
	}
}

int
main(void)
{
	RUN(follows_one_input);
	RUN(waits_for_the_slowest);
	RUN(lets_idle_inputs_go);
	RUN(goes_by_the_clock_when_all_are_idle);
	RUN(keeps_off_the_clock_unless_live);
	RUN(busy_is_not_silent);
	RUN(takes_new_inputs);
	RUN(survives_the_ends_of_time);
	RUN(agrees_with_the_model);
	return unit_done();
}
