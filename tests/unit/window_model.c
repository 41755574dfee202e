/*
 * The window operator beside an obvious one (window_model.h), byte by byte
 * after every event and every watermark.  ROUNDS: how many of each kind.
 */
#include "window_model.h"

static struct model model;

static int
rounds(void)
{
	const char *given = getenv("ROUNDS");

	return given ? atoi(given) : 1500;
}

/*
 * What came out is what the model says; and no result begins below what the
 * results' watermark was before.  (A late event may have moved a session's
 * beginning: there it holds for the end.)
 */
static bool
same(struct mr_window *w, struct mr_out *out, int rows, int64_t promise)
{
	CHECK_STR(mr_buf_str(&out->buf), mr_buf_str(&model.out));
	CHECK_INT(w->late.count, model.late);
	for (; rows < model.rows; rows++)
		CHECK((model.c.kind == SESSION ? model.row[rows].end : model.row[rows].start) >=
		    promise);
	out->buf.len = model.out.len = 0;
	return !unit_bad;
}

/* Its own watermark, or a given one now and then. */
static void
maybe_watermark(struct mr_window *w, struct mr_out *out)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t ms;

	if (model.c.own || draw(0, 3))
		return;
	ms = model.newest - draw(0, 1) * draw(0, 60) + (draw(0, 9) ? 0 : draw(0, 30));
	model_watermark(&model, ms);
	CHECK(mr_window_watermark(w, ms, out, &err) == 0);
}

static bool
run(struct mr_window *w, const struct event *e, int n, struct mr_out *out)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t promise = MR_TIME_MIN;
	int rows;

	for (int i = 0; i < n; i++) {
		rows = model.rows;
		model_event(&model, &e[i]);
		CHECK(feed_event(w, &e[i], i, out, &err) == 0);
		if (!same(w, out, rows, promise))
			return false;
		promise = mr_window_results_watermark(w);
		rows = model.rows;
		maybe_watermark(w, out);
		if (!same(w, out, rows, promise))
			return false;
		promise = mr_window_results_watermark(w);
	}
	rows = model.rows;
	model_end(&model);
	CHECK(mr_window_end(w, out, &err) == 0);
	return same(w, out, rows, promise);
}

static void
kind_equals_the_model(enum kind kind)
{
	size_t windows, groups, most = 0;
	uint64_t events;
	long written = 0, late = 0, seen = 0;

	for (int round = 0; round < rounds(); round++) {
		struct config c = draw_config(kind);
		struct event e[MODEL_EVENTS];
		int n = (int)draw(1, 90);
		struct mr_out out;
		struct mr_window w;
		bool good;

		draw_events(e, (size_t)n);
		mr_out_init(&out, -1, "test");
		model_start(&model, &c);
		start_window(&w, &c, MODEL_AGGS);
		good = run(&w, e, n, &out);
		if (good) {
			mr_window_open(&w, &windows, &groups, &events);
			CHECK_INT(windows + groups + events, 0);
			CHECK_INT(w.events, n);
		}
		written += (long)w.rows;
		late += (long)w.late.count;
		seen += n;
		most = w.bytes > most ? w.bytes : most;
		mr_window_release(&w);
		mr_out_release(&out);
		if (unit_bad) {
			printf("# round %d, event %d: ", round, model.n);
			print_config(&c);
			for (int i = 0; i < model.n; i++)
				printf("#   %d: wm %" PRId64 " ts %" PRId64 " key %d v %" PRId64 "\n", i,
				    model.ev[i].wm, e[i].ms, e[i].key, e[i].v);
			return;
		}
	}
	CHECK(most < 100000);
	printf("# %s: %d rounds, %ld events, %ld late, %ld rows\n", kind_name[kind], rounds(), seen,
	    late, written);
}

/* Windows by count that are full long before their timeout leave nothing behind. */
static void
timeouts_that_are_not_needed_take_no_memory(void)
{
	struct config c = {.kind = COUNT, .count = 2, .timeout = 3600000, .own = true};
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	start_window(&w, &c, "count");
	for (int i = 0; i < 100000; i++) {
		/* each event is earlier than the one before: a timer each */
		struct event e = {.ms = 1000000 - i, .key = i % 7};

		CHECK(feed_event(&w, &e, i, &out, &err) == 0);
		out.buf.len = 0;
	}
	CHECK(w.bytes < 20000);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	mr_window_release(&w);
	mr_out_release(&out);
}

static void tumble_equals_the_model(void) { kind_equals_the_model(TUMBLE); }
static void hop_equals_the_model(void) { kind_equals_the_model(HOP); }
static void cumulate_equals_the_model(void) { kind_equals_the_model(CUMULATE); }
static void session_equals_the_model(void) { kind_equals_the_model(SESSION); }
static void count_equals_the_model(void) { kind_equals_the_model(COUNT); }
static void global_equals_the_model(void) { kind_equals_the_model(GLOBAL); }

int
main(void)
{
	unit_seed(20261121);
	RUN(tumble_equals_the_model);
	RUN(hop_equals_the_model);
	RUN(cumulate_equals_the_model);
	RUN(session_equals_the_model);
	RUN(count_equals_the_model);
	RUN(global_equals_the_model);
	RUN(timeouts_that_are_not_needed_take_no_memory);
	mr_buf_release(&model.out);
	return unit_done();
}
