/*
 * Events in order of time: sorting, runs, files and the watermark, against
 * qsort() of all events and a list that is searched.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "unit.h"
#include "base/mem.h"
#include "order/hold.h"

#define MAX_EVENTS 6000

struct event {
	struct mr_time time;
	uint64_t seq;
	size_t len;
	char fill;
};

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->time.ms != y->time.ms)
		return x->time.ms < y->time.ms ? -1 : 1;
	if (x->time.ns != y->time.ns)
		return x->time.ns < y->time.ns ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Times of many kinds: in order, nearly, with ties, with parts of a millisecond, far away. */
static void
draw_events(struct event *e, size_t n)
{
	uint64_t kind = unit_draw(7), spread = 1 + unit_draw(3) * unit_draw(20000);
	int64_t base = unit_draw(2) ? 1767225600000 : -5000;

	for (size_t i = 0; i < n; i++) {
		e[i] = (struct event){{base + (int64_t)i, 0}, i, unit_draw(60), (char)('a' + i % 26)};
		if (kind > 0)
			e[i].time.ms += (int64_t)unit_draw(spread);
		if (kind == 2)
			e[i].time.ms = base + (int64_t)unit_draw(5);
		if (kind == 3)
			e[i].time.ns = (int32_t)unit_draw(1000000);
		if (kind == 4 && unit_draw(50) == 0)
			e[i].time.ms = unit_draw(2) ? INT64_MAX / 4 : INT64_MIN / 4;
		if (kind == 5)
			e[i].time.ns = (int32_t)unit_draw(3) * 1000;
		if (kind == 6)
			e[i].time = (struct mr_time){base, (int32_t)unit_draw(1000000)};
		if (unit_draw(500) == 0)
			e[i].len = unit_draw(30000);
	}
}

static void
keys_are_sorted(void)
{
	struct mr_buf room = MR_BUF_INIT;

	for (int round = 0; round < 400 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS];
		static struct mr_order_key k[MAX_EVENTS];
		size_t n = 1 + unit_draw(round % 2 ? 60 : MAX_EVENTS);

		draw_events(e, n);
		for (size_t i = 0; i < n; i++)
			k[i] = (struct mr_order_key){e[i].time.ms, i, NULL, e[i].time.ns, 0};
		mr_order_sort(k, n, &room);
		qsort(e, n, sizeof *e, by_time);
		for (size_t i = 0; i < n; i++)
			CHECK(k[i].seq == e[i].seq && k[i].ms == e[i].time.ms && k[i].ns == e[i].time.ns);
	}
	mr_buf_release(&room);
}

/* The event that comes first, taken out of a list; -1: none is at or before ms. */
static int
smallest(struct event *e, size_t n, int64_t ms)
{
	int best = -1;

	for (size_t i = 0; i < n; i++)
		if (e[i].time.ms <= ms && (best < 0 || by_time(&e[i], &e[best]) < 0))
			best = (int)i;
	return best;
}

static void
check_key(const struct mr_order_key *k, const struct event *e)
{
	CHECK_INT(k->seq, e->seq);
	CHECK_INT(k->len, e->len);
	for (size_t i = 0; i < k->len && !unit_bad; i++)
		CHECK(k->at[i] == e->fill);
}

static void
put(struct mr_order *o, const struct event *e)
{
	memset(mr_order_put(o, &e->time, e->len), e->fill, e->len);
}

/* Puts, takes and spills in any order, in as little memory as there can be. */
static void
takes_are_the_smallest(void)
{
	uint64_t spilled = 0;

	for (int round = 0; round < 150 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS], held[MAX_EVENTS];
		struct mr_err err = MR_ERR_INIT;
		struct mr_order o;
		size_t n = 1 + unit_draw(2000), h = 0;

		draw_events(e, n);
		mr_order_init(&o);
		o.memory = MR_ORDER_LEAST << unit_draw(4);
		mr_order_setup(&o);
		for (size_t i = 0; i < n && !unit_bad; i++) {
			put(&o, &e[i]);
			held[h++] = e[i];
			CHECK_INT(o.held, h);
			if (mr_order_full(&o) || unit_draw(200) == 0)
				CHECK(mr_order_spill(&o, &err) == 0);
			if (unit_draw(20) != 0)
				continue;
			mr_order_settle(&o);
			for (size_t m = unit_draw(60); m > 0 && h > 0 && !unit_bad; m--) {
				int best = smallest(held, h, INT64_MAX);

				check_key(mr_order_first(&o), &held[best]);
				CHECK(mr_order_take(&o, &err) == 0);
				held[best] = held[--h];
			}
		}
		spilled += o.spilled;
		qsort(held, h, sizeof *held, by_time);
		mr_order_settle(&o);
		for (size_t i = 0; i < h && unit_draw(2000) && !unit_bad; i++) {
			check_key(mr_order_first(&o), &held[i]);
			CHECK(mr_order_take(&o, &err) == 0);
		}
		mr_order_release(&o);
	}
	CHECK(spilled > 10000);
}

/* Far more than the memory: files are merged, and never more are open than there may be. */
static void
files_are_merged(void)
{
	enum { EVENTS = 200000 };
	struct mr_err err = MR_ERR_INIT;
	struct mr_order_key last = {INT64_MIN, 0, NULL, 0, 0};
	struct mr_order o;
	size_t most = 0;
	uint64_t taken = 0;

	mr_order_init(&o);
	o.memory = MR_ORDER_LEAST;
	mr_order_setup(&o);
	for (int i = 0; i < EVENTS && !unit_bad; i++) {
		struct event e = {{(int64_t)unit_draw(100000), 0}, (uint64_t)i, 50, 'x'};

		put(&o, &e);
		if (mr_order_full(&o))
			CHECK(mr_order_spill(&o, &err) == 0);
		most = o.files > most ? o.files : most;
		CHECK(mr_order_bytes(&o) < 4 * MR_ORDER_LEAST);
	}
	CHECK(most > 16 && most <= MR_ORDER_FILES);
	CHECK(o.spilled > EVENTS / 2);
	for (mr_order_settle(&o); mr_order_first(&o); taken++) {
		CHECK(mr_order_before(&last, mr_order_first(&o)));
		last = *mr_order_first(&o);
		CHECK(mr_order_take(&o, &err) == 0);
	}
	CHECK_INT(taken, EVENTS);
	CHECK_INT(o.held, 0);
	CHECK_INT(o.arena.bytes / o.arena.chunk_bytes <= 1, 1);
	mr_order_release(&o);
}

/* Memory is given back as events are taken, whatever stays behind. */
static void
memory_is_given_back(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_order o;

	mr_order_init(&o);
	mr_order_setup(&o);
	for (int i = 0; i < 300000 && !unit_bad; i++) {
		struct event e = {{i + (int64_t)unit_draw(1000), 0}, (uint64_t)i, 200, 'x'};

		put(&o, &e);
		if (i % 3000 != 0)
			continue;
		for (mr_order_settle(&o); mr_order_first(&o) && mr_order_first(&o)->ms < i - 1000;)
			CHECK(mr_order_take(&o, &err) == 0);
		CHECK(mr_order_bytes(&o) < (size_t)6 << 20);
		CHECK(o.runs.n < 12);
	}
	CHECK_INT(o.spilled, 0);
	mr_order_release(&o);
}

static void
disks_fail(void)
{
	struct rlimit was, small = {4096, 4096};
	struct mr_err err = MR_ERR_INIT;
	struct mr_order o;
	struct event e = {{1, 0}, 0, 20000, 'x'};

	mr_order_init(&o);
	o.dir = "/nonexistent/dir";
	mr_order_setup(&o);
	put(&o, &e);
	CHECK(mr_order_spill(&o, &err) < 0);
	CHECK_INT(err.status, MR_EX_WORLD);
	CHECK_STR(err.text, "cannot make a temporary file in '/nonexistent/dir': No such file or directory");
	mr_order_release(&o);

	getrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_IGN);
	small.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	mr_order_init(&o);
	mr_order_setup(&o);
	put(&o, &e);
	CHECK(mr_order_spill(&o, &err) < 0);
	setrlimit(RLIMIT_FSIZE, &was);
	CHECK_INT(err.status, MR_EX_WORLD);
	CHECK_STR(err.text, "cannot write a temporary file in '/tmp': File too large");
	mr_order_release(&o);

	mr_order_init(&o); /* somebody made it shorter */
	o.memory = MR_ORDER_LEAST;
	mr_order_setup(&o);
	put(&o, &e);
	put(&o, &e);
	CHECK(mr_order_spill(&o, &err) == 0);
	CHECK(ftruncate(o.file[0].fd, 21000) == 0);
	mr_order_settle(&o);
	CHECK(mr_order_first(&o) && mr_order_take(&o, &err) < 0);
	CHECK_INT(err.status, MR_EX_WORLD);
	CHECK(strstr(err.text, "has become shorter"));
	mr_order_release(&o);
}

/* -- the watermark -- */


static int
note(void *self, const struct mr_order_key *key, struct mr_out *out, struct mr_err *err)
{
	struct mr_buf *b = self;

	(void)out;
	(void)err;
	mr_buf_printf(b, "%" PRIu64 " ", key->seq);
	return 0;
}

struct held {
	struct mr_stage stage;
	struct mr_hold hold;
	struct mr_out out;
	struct mr_buf given;
};

static void
held_init(struct held *t, int64_t lag_ms, size_t memory)
{
	struct mr_err err = MR_ERR_INIT;

	memset(t, 0, sizeof *t);
	t->stage.scan = mr_scan_new();
	t->stage.control = MR_CONTROL_HOLD;
	mr_out_init(&t->out, -1, "test");
	mr_hold_init(&t->hold, &t->stage);
	t->hold.give = note;
	t->hold.self = &t->given;
	t->hold.time.lag_ms = lag_ms;
	t->hold.order.memory = memory;
	CHECK(mr_hold_setup(&t->hold, &err) == 0);
	mr_event_time_begin(&t->hold.time);
}

static void
held_release(struct held *t)
{
	mr_hold_release(&t->hold);
	mr_scan_free(t->stage.scan);
	mr_out_release(&t->out);
	mr_buf_release(&t->given);
}

static void
feed(struct held *t, const struct event *e)
{
	struct mr_line line = {.at = "{}", .len = 2, .end = 1};
	struct mr_err err = MR_ERR_INIT;

	if (mr_hold_is_late(&t->hold, &e->time)) {
		CHECK(mr_hold_late(&t->hold, &line, &e->time, &err) == 0);
		return;
	}
	memset(mr_hold_put(&t->hold, &e->time, e->len), e->fill, e->len);
	CHECK(mr_hold_held(&t->hold, &e->time, &t->out, &err) == 0);
}

/* What the operator must give, and when at the latest: a list, searched after each event. */
static void
the_watermark_releases(void)
{
	for (int round = 0; round < 200 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS], list[MAX_EVENTS];
		size_t n = 1 + unit_draw(800), h = 0, late = 0;
		int64_t lag = (int64_t)unit_draw(3000), newest = INT64_MIN;
		struct mr_buf want = MR_BUF_INIT;
		struct mr_err err = MR_ERR_INIT;
		struct held t;
		uint64_t seq = 0;

		draw_events(e, n);
		held_init(&t, lag, MR_ORDER_LEAST);
		for (size_t i = 0; i < n && !unit_bad; i++) {
			int best;

			feed(&t, &e[i]);
			if (newest != INT64_MIN && e[i].time.ms < newest - lag) {
				late++;
				continue;
			}
			newest = e[i].time.ms > newest ? e[i].time.ms : newest;
			list[h] = e[i];
			list[h++].seq = seq++;
			while ((best = smallest(list, h, newest - lag)) >= 0 &&
			    (list[best].time.ms < newest - lag || list[best].time.ns == 0)) {
				mr_buf_printf(&want, "%" PRIu64 " ", list[best].seq);
				list[best] = list[--h];
			}
			if (unit_draw(30) == 0) { /* the input pauses: nothing due is held back */
				CHECK(mr_hold_idle(&t.hold, &t.out, &err) == 0);
				CHECK_STR(mr_buf_str(&t.given), mr_buf_str(&want));
				CHECK_INT(t.hold.order.held, h);
			}
		}
		CHECK(mr_hold_end(&t.hold, &t.out, &err) == 0);
		qsort(list, h, sizeof *list, by_time);
		for (size_t i = 0; i < h; i++)
			mr_buf_printf(&want, "%" PRIu64 " ", list[i].seq);
		CHECK_STR(mr_buf_str(&t.given), mr_buf_str(&want));
		CHECK_INT(t.hold.late.count, late);
		CHECK_INT(t.hold.events, n);
		held_release(&t);
		mr_buf_release(&want);
	}
}

static void
swap(struct event *a, struct event *b)
{
	struct event was = *a;

	*a = *b;
	*b = was;
}

/* Disorder within the lag, times all different: one order comes out, nothing is late. */
static void
shuffles_within_the_lag_come_out_alike(void)
{
	for (int round = 0; round < 1000 && !unit_bad; round++) {
		static struct event e[400];
		size_t n = 1 + unit_draw(400);
		struct mr_err err = MR_ERR_INIT;
		struct held t;
		int64_t span = 0;
		uint64_t at = 0;

		for (size_t i = 0; i < n; i++)
			e[i] = (struct event){{1000 + (int64_t)i * 3, (int32_t)unit_draw(2) * 500}, i, 4, 'x'};
		for (size_t i = n; i > 1; i--)
			swap(&e[i - 1], &e[i - 1 - unit_draw(i < 40 ? i : 40)]);
		for (size_t i = 0, newest = 0; i < n; i++) {
			newest = e[i].seq > newest ? e[i].seq : newest;
			span = (int64_t)(newest - e[i].seq) * 3 > span ? (int64_t)(newest - e[i].seq) * 3 : span;
		}
		held_init(&t, span, MR_ORDER_LEAST); /* exactly as far as it goes */
		for (size_t i = 0; i < n; i++) {
			uint64_t first = t.hold.order.seq;

			feed(&t, &e[i]);
			CHECK_INT(t.hold.order.seq, first + 1);
			if (unit_draw(10) == 0)
				CHECK(mr_hold_idle(&t.hold, &t.out, &err) == 0);
		}
		CHECK(mr_hold_end(&t.hold, &t.out, &err) == 0);
		CHECK_INT(t.hold.late.count, 0);
		for (char *word = strtok(t.given.at, " "); word && at < n; word = strtok(NULL, " "))
			CHECK_INT(e[strtoull(word, NULL, 10)].seq, at++);
		CHECK_INT(at, n);
		held_release(&t);
	}
}

static int
write_seq(void *self, const struct mr_order_key *key, struct mr_out *out, struct mr_err *err)
{
	(void)self;
	mr_buf_printf(&out->buf, "{\"seq\":%" PRIu64 ",\"ms\":%" PRId64 "}\n", key->seq, key->ms);
	return mr_out_built(out, 1, err);
}

/* Events, and where watermarks come in also those: what is written, watermark lines and all. */
static void
run_stream(struct held *t, const struct mr_hello *hello, const struct event *e, const int64_t *wm,
    size_t n, uint64_t pauses)
{
	struct mr_err err = MR_ERR_INIT;

	t->hold.give = write_seq;
	mr_hello_copy(&t->stage.hello, hello);
	t->stage.id = "test";
	mr_stage_hello(&t->stage, &t->out);
	mr_event_time_release(&t->hold.time); /* begun without a hello */
	CHECK(mr_event_time_setup(&t->hold.time, &err) == 0);
	t->hold.time.begun = false;
	mr_event_time_begin(&t->hold.time);
	for (size_t i = 0; i < n; i++) {
		feed(t, &e[i]);
		if (hello->wm && wm[i] != INT64_MIN) {
			t->stage.wm_idle = wm[i] % 2;
			CHECK(mr_hold_watermark(&t->hold, wm[i], &t->out, &err) == 0);
		}
		if (pauses && unit_draw(pauses) == 0)
			CHECK(mr_hold_idle(&t->hold, &t->out, &err) == 0);
	}
	CHECK(mr_hold_end(&t->hold, &t->out, &err) == 0);
	mr_hello_release(&t->stage.hello);
	mr_hello_release(&t->stage.sent);
}

/* Watermarks grow, and no event before one comes behind it. */
static void
check_watermarks(struct mr_buf *b, uint64_t *marks)
{
	int64_t now = INT64_MIN;
	const char *at;

	for (at = mr_buf_str(b); *at; at = strchr(at, '\n') + 1) {
		const char *wm = strstr(at, "\"t\":\"wm\",\"ts\":"), *end = strchr(at, '\n');

		if (!strncmp(at, "{\"seq\":", 7)) {
			CHECK(strtoll(strstr(at, "\"ms\":") + 5, NULL, 10) >= now);
		} else if (wm && wm < end) {
			CHECK(strtoll(wm + 14, NULL, 10) >= now);
			now = strtoll(wm + 14, NULL, 10);
			++*marks;
		}
	}
}

/* When events are given on changes nothing of what is written: a pause behind each, some, none. */
static void
pauses_change_nothing(void)
{
	uint64_t marks = 0;

	for (int round = 0; round < 200 && !unit_bad; round++) {
		static struct event e[MAX_EVENTS];
		static int64_t wm[MAX_EVENTS];
		size_t n = 1 + unit_draw(1200);
		int64_t lag = (int64_t)unit_draw(2000), most = INT64_MIN;
		struct mr_buf first = MR_BUF_INIT;
		struct mr_hello hello;

		draw_events(e, n);
		mr_hello_init(&hello);
		hello.wm = unit_draw(2);
		for (size_t i = 0; i < n; i++) {
			most = e[i].time.ms > most ? e[i].time.ms : most;
			wm[i] = unit_draw(5) == 0 ? most - lag : INT64_MIN;
		}
		for (uint64_t pauses = 0; pauses < 3; pauses++) {
			struct held t;

			held_init(&t, lag, MR_ORDER_LEAST);
			t.stage.control = hello.wm ? MR_CONTROL_HOLD : MR_CONTROL_MAKE;
			run_stream(&t, &hello, e, wm, n, pauses ? pauses * pauses : 0);
			if (!pauses)
				mr_buf_add(&first, t.out.buf.at, t.out.buf.len);
			CHECK_STR(mr_buf_str(&t.out.buf), mr_buf_str(&first));
			held_release(&t);
		}
		check_watermarks(&first, &marks);
		mr_buf_release(&first);
		mr_hello_release(&hello);
	}
	CHECK(marks > 1000);
}

int
main(void)
{
	unit_seed(20261121);
	RUN(keys_are_sorted);
	RUN(takes_are_the_smallest);
	RUN(files_are_merged);
	RUN(memory_is_given_back);
	RUN(disks_fail);
	RUN(the_watermark_releases);
	RUN(shuffles_within_the_lag_come_out_alike);
	RUN(pauses_change_nothing);
	return unit_done();
}
