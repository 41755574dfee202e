/*
 * The window operator against an obvious one: all events in a list, windows by
 * a scan of the list, sums in hundredths.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"
#include "base/mem.h"
#include "json/key.h"
#include "window/window.h"
#include "window_stage.h"

#define MAX_EVENTS 300
#define SIZE_MS 1000
#define NO_EVENT INT64_MIN

struct event {
	int64_t ms;
	int key;		/* 0: missing */
	int64_t cents;
	bool late;		/* by the reference */
	uint64_t order;		/* of arrival, in a shuffle */
};

static struct mr_stage stage; /* of the window at hand */

static void
setup(struct mr_window *w, int64_t size_ms, int64_t offset_ms, int64_t lag_ms, const char *by,
    const char *agg)
{
	struct mr_err err = MR_ERR_INIT;

	mr_window_init(w, fresh_stage(&stage));
	w->axis.shape = MR_AXIS_TUMBLE;
	w->axis.size.ms = size_ms;
	w->axis.offset_ms = offset_ms;
	w->time.lag_ms = lag_ms;
	w->time.stamper.unit = MR_UNIT_MS;
	if ((by && mr_spec_add_by(&w->read.spec, by, &err)) ||
	    (agg && mr_spec_add_agg(&w->read.spec, agg, &err)) || mr_window_setup(w, &err)) {
		unit_fail(__FILE__, __LINE__, err.text);
		exit(1);
	}
}

static int
feed(struct mr_window *w, const char *text, struct mr_out *out, struct mr_err *err)
{
	struct mr_line line = {.at = text, .len = strlen(text), .end = 1, .file = "test", .no = 1};
	struct mr_val vals[16];

	CHECK(mr_scan_count(w->read.scan) <= 16);
	line.vals = vals;
	return mr_scan_line(w->read.scan, text, line.len, MR_SCAN_OBJECT, vals, err) < 0 ?
	    -1 :
	    mr_window_event(w, &line, out, err);
}

static const char *
taken(struct mr_out *out)
{
	static char text[65536];

	snprintf(text, sizeof text, "%s", mr_buf_str(&out->buf));
	out->buf.len = 0;
	return text;
}

static int64_t
floor_to(int64_t ms, int64_t size, int64_t offset)
{
	int64_t start = offset + (ms - offset) / size * size;

	while (start > ms)
		start -= size;
	while (start + size <= ms)
		start += size;
	return start;
}

static void
write_cents(struct mr_buf *b, int64_t cents)
{
	int64_t abs = cents < 0 ? -cents : cents;

	mr_buf_printf(b, "%s%" PRId64, cents < 0 ? "-" : "", abs / 100);
	if (abs % 100)
		mr_buf_printf(b, abs % 10 ? ".%02" PRId64 : ".%" PRId64,
		    abs % 10 ? abs % 100 : abs % 100 / 10);
	mr_buf_addc(b, '\0');
	b->len--;
}

/* One result of the reference: the events of one window and key, if there are any. */
static void
expect_group(struct mr_buf *b, const struct event *e, size_t n, int64_t start, int64_t size, int key)
{
	int64_t count = 0, sum = 0, min = INT64_MAX, max = INT64_MIN;

	for (size_t i = 0; i < n; i++) {
		if (e[i].late || e[i].key != key || e[i].ms < start || e[i].ms >= start + size)
			continue;
		count++;
		sum += e[i].cents;
		min = e[i].cents < min ? e[i].cents : min;
		max = e[i].cents > max ? e[i].cents : max;
	}
	if (!count)
		return;
	mr_buf_adds(b, "{\"window_start\":\"");
	mr_stamp_write(b, start);
	mr_buf_adds(b, "\",\"window_end\":\"");
	mr_stamp_write(b, start + size);
	if (key)
		mr_buf_printf(b, "\",\"k\":\"k%d\"", key);
	else
		mr_buf_adds(b, "\",\"k\":null");
	mr_buf_printf(b, ",\"n\":%" PRId64 ",\"s\":", count);
	write_cents(b, sum);
	mr_buf_adds(b, ",\"min\":");
	write_cents(b, min);
	mr_buf_adds(b, ",\"max\":");
	write_cents(b, max);
	mr_buf_adds(b, "}\n");
}

/* "k1".. before null: '"' sorts before 'n'. */
static void
expect(struct mr_buf *b, const struct event *e, size_t n, int64_t size, int64_t offset)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (size_t i = 0; i < n; i++) {
		low = e[i].ms < low ? e[i].ms : low;
		high = e[i].ms > high ? e[i].ms : high;
	}
	for (int64_t s = floor_to(low, size, offset); s <= high; s += size)
		for (int key = 1; key <= 5; key++)
			expect_group(b, e, n, s, size, key % 5);
}

static size_t
mark_late(struct event *e, size_t n, int64_t size, int64_t offset, int64_t lag)
{
	int64_t newest = NO_EVENT;
	size_t late = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t end = floor_to(e[i].ms, size, offset) + size;

		e[i].late = newest != NO_EVENT && newest - lag >= end - 1;
		late += e[i].late;
		if (e[i].ms > newest)
			newest = e[i].ms;
	}
	return late;
}

static void
event_text(const struct event *e, char text[160])
{
	struct mr_buf b = MR_BUF_INIT;

	write_cents(&b, e->cents);
	if (e->key)
		snprintf(text, 160, "{\"k\":\"k%d\",\"ts\":%" PRId64 ",\"v\":%s}", e->key, e->ms,
		    mr_buf_str(&b));
	else
		snprintf(text, 160, "{\"v\":%s, \"ts\":%" PRId64 "}", mr_buf_str(&b), e->ms);
	mr_buf_release(&b);
}

static void
run_events(struct mr_window *w, const struct event *e, size_t n, struct mr_out *out)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t before = MR_TIME_MIN;

	for (size_t i = 0; i < n; i++) {
		char text[160];

		event_text(&e[i], text);
		CHECK(feed(w, text, out, &err) == 0);
		CHECK(w->now_ms >= before);
		before = w->now_ms;
	}
	CHECK(mr_window_end(w, out, &err) == 0);
}

#define AGGS "n=count, s=sum(.v), min=min(.v), max=max(.v)"

static void
any_order_equals_the_reference(void)
{
	for (int round = 0; round < 300 && !unit_bad; round++) {
		struct event e[MAX_EVENTS];
		size_t n = 1 + unit_draw(MAX_EVENTS), late;
		int64_t lag = (int64_t)unit_draw(3000), offset = (int64_t)unit_draw(SIZE_MS);
		int64_t base = unit_draw(2) ? 1767225600000 : -5000;
		struct mr_buf want = MR_BUF_INIT;
		struct mr_out out;
		struct mr_window w;

		for (size_t i = 0; i < n; i++)
			e[i] = (struct event){base + (int64_t)(i * 20 + unit_draw(4000)), (int)unit_draw(5),
			    (int64_t)unit_draw(20000) - 10000, false, 0};
		late = mark_late(e, n, SIZE_MS, offset, lag);
		expect(&want, e, n, SIZE_MS, offset);
		mr_out_init(&out, -1, "test");
		setup(&w, SIZE_MS, offset, lag, ".k", AGGS);
		run_events(&w, e, n, &out);
		CHECK_INT(w.late.count, late);
		CHECK_INT(w.events, n);
		CHECK_STR(mr_buf_str(&out.buf), mr_buf_str(&want));
		mr_window_release(&w);
		mr_out_release(&out);
		mr_buf_release(&want);
	}
}

static int
by_order(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static int
by_ms(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->ms > y->ms) - (x->ms < y->ms);
}

/* Disorder within the lag: nothing is late, and the bytes are those of the sorted input. */
static void
shuffles_within_the_lag_give_the_same_bytes(void)
{
	const int64_t lag = 1500;

	for (int round = 0; round < 200 && !unit_bad; round++) {
		struct event e[MAX_EVENTS];
		size_t n = MAX_EVENTS;
		struct mr_out sorted, shuffled;
		struct mr_window w;

		for (size_t i = 0; i < n; i++) {
			e[i] = (struct event){.ms = (int64_t)(i * 20 + unit_draw(1000)), .key = (int)unit_draw(5),
			    .cents = (int64_t)unit_draw(20000) - 10000};
			e[i].order = (uint64_t)e[i].ms + unit_draw((uint64_t)lag + 1);
		}
		mr_out_init(&sorted, -1, "test");
		mr_out_init(&shuffled, -1, "test");
		qsort(e, n, sizeof *e, by_ms);
		setup(&w, SIZE_MS, 0, lag, ".k", AGGS);
		run_events(&w, e, n, &sorted);
		mr_window_release(&w);
		qsort(e, n, sizeof *e, by_order);
		setup(&w, SIZE_MS, 0, lag, ".k", AGGS);
		run_events(&w, e, n, &shuffled);
		CHECK_INT(w.late.count, 0);
		CHECK(w.rows > 0);
		mr_window_release(&w);
		CHECK_STR(mr_buf_str(&shuffled.buf), mr_buf_str(&sorted.buf));
		mr_out_release(&sorted);
		mr_out_release(&shuffled);
	}
}

static void
late_is_judged_by_the_events_before(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 100, NULL, NULL);
	CHECK(feed(&w, "{\"ts\":500}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1098}", &out, &err) == 0);
	CHECK_INT(w.now_ms, 998);
	CHECK_STR(taken(&out), "");
	CHECK(feed(&w, "{\"ts\":999}", &out, &err) == 0);	/* not late: 998 < 999 */
	CHECK_INT(w.late.count, 0);
	CHECK(feed(&w, "{\"ts\":1099}", &out, &err) == 0);	/* the watermark reaches 999 */
	CHECK_STR(taken(&out), "{\"window_start\":\"1970-01-01T00:00:00.000Z\","
	    "\"window_end\":\"1970-01-01T00:00:01.000Z\",\"count\":2}\n");
	CHECK(feed(&w, "{\"ts\":999}", &out, &err) == 0);
	CHECK_INT(w.late.count, 1);
	CHECK_INT(w.late.worst_ms, 100);
	CHECK(feed(&w, "{\"ts\":1000}", &out, &err) == 0);
	CHECK_INT(w.late.count, 1);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	CHECK_STR(taken(&out), "{\"window_start\":\"1970-01-01T00:00:01.000Z\","
	    "\"window_end\":\"1970-01-01T00:00:02.000Z\",\"count\":3}\n");
	mr_window_release(&w);
	mr_out_release(&out);
}

static void
given_watermarks_decide(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, NULL, NULL);
	stage_is_given(&stage);
	CHECK(feed(&w, "{\"ts\":5000}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":10}", &out, &err) == 0);
	CHECK_STR(taken(&out), "");
	CHECK(mr_window_watermark(&w, 998, &out, &err) == 0);
	CHECK_STR(taken(&out), "");
	CHECK_INT(mr_window_results_watermark(&w), 0);
	CHECK(mr_window_watermark(&w, 999, &out, &err) == 0);
	CHECK_STR(taken(&out), "{\"window_start\":\"1970-01-01T00:00:00.000Z\","
	    "\"window_end\":\"1970-01-01T00:00:01.000Z\",\"count\":1}\n");
	CHECK_INT(mr_window_results_watermark(&w), 1000);
	CHECK(mr_window_watermark(&w, 500, &out, &err) == 0);	/* never backwards */
	CHECK_INT(w.now_ms, 999);
	CHECK(feed(&w, "{\"ts\":999}", &out, &err) == 0);
	CHECK_INT(w.late.count, 1);
	mr_window_release(&w);
	mr_out_release(&out);
}

/* Silence lets the clock go on: max + silence - lag, and no further back. */
static void
silence_fires(void)
{
	int64_t clock = mr_clock_ms();
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 200, NULL, NULL);
	w.time.idle_ms = 5000;
	stage.nfiles = 0; /* live: the tests read no file */
	CHECK(feed(&w, "{\"ts\":500}", &out, &err) == 0);
	CHECK(mr_window_tick(&w, clock + 2000, &out, &err) == 0);	/* heard until here */
	CHECK(mr_window_tick(&w, clock + 6999, &out, &err) == 0);
	CHECK_STR(taken(&out), "");
	CHECK(mr_window_tick(&w, clock + 7000, &out, &err) == 0);
	CHECK_INT(w.now_ms, 500 + 5000 - 200);
	CHECK_INT(w.rows, 1);
	CHECK(feed(&w, "{\"ts\":600}", &out, &err) == 0);
	CHECK_INT(w.late.count, 1);
	mr_window_release(&w);

	setup(&w, 1000, 0, 200, NULL, NULL);		/* not live: no clock */
	w.time.idle_ms = 5000;
	CHECK(feed(&w, "{\"ts\":500}", &out, &err) == 0);
	CHECK(mr_window_tick(&w, clock + 90000, &out, &err) == 0);
	CHECK_INT(w.rows, 0);
	mr_window_release(&w);
	mr_out_release(&out);
}

static void
bad_records_leave_no_trace(void)
{
	static const struct { const char *line, *words; } bad[] = {
		{"{\"k\":1}", ".ts: missing, where a time is expected"},
		{"{\"k\":1,\"ts\":null}", ".ts: null, where a time is expected"},
		{"{\"k\":1,\"ts\":1,\"a\":1,\"b\":\"x\"}", ".b: sum needs a number, not a string"},
		{"{\"k\":1,\"ts\":1,\"a\":true}", ".a: avg needs a number, not a boolean"},
		{"{\"k\":1e1000000000000000000,\"ts\":1}", ".k: the number's exponent is out of range"},
		{"{\"k\":7,\"ts\":1,\"a\":5,\"c\":[]}",
		    ".c: min needs a number or a string, not an array"},
		{"[1]", NULL},
		{"{\"ts\":1", NULL},
	};
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, ".k", "avg(.a),sum(.b),min(.c)");
	CHECK(feed(&w, "{\"k\":7,\"ts\":0,\"c\":3}", &out, &err) == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(feed(&w, bad[i].line, &out, &err) < 0);
		CHECK_INT(err.status, MR_EX_DATA);
		if (bad[i].words)
			CHECK_STR(err.text, bad[i].words);
	}
	CHECK_INT(w.events, 1);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	CHECK_STR(taken(&out), "{\"window_start\":\"1970-01-01T00:00:00.000Z\","
	    "\"window_end\":\"1970-01-01T00:00:01.000Z\",\"k\":7,\"avg_a\":null,\"sum_b\":null,\"min_c\":3}\n");
	mr_window_release(&w);
	mr_out_release(&out);
}

static void
the_future_is_refused(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, NULL, NULL);
	w.time.ahead_ms = 3600000;
	CHECK(feed(&w, "{\"ts\":1000000}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":\"9999-01-01T00:00:00Z\"}", &out, &err) < 0);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK(strstr(err.text, ".ts is ") && strstr(err.text, "more than --max-ahead 1h"));
	CHECK(feed(&w, "{\"ts\":1000001}", &out, &err) == 0);
	mr_window_release(&w);
	mr_out_release(&out);
}

static void
the_state_has_a_cap(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;
	char text[64];
	int i;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, ".k", "count,last(.k)");
	w.max_state = 1 << 20;
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof text, "{\"ts\":1,\"k\":\"%040d\"}", i);
		if (feed(&w, text, &out, &err) < 0)
			break;
	}
	CHECK(i > 1000 && i < 20000);
	CHECK_INT(err.status, MR_EX_WORLD);
	CHECK(strstr(err.text, "--max-state 1048576 bytes"));
	mr_window_release(&w);
	mr_out_release(&out);
}

/* What opened is closed: memory does not grow with the stream. */
static void
memory_is_given_back(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;
	size_t windows, groups;
	uint64_t events;
	char text[160];

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, ".k", "count,last(.k),sum(.v)");
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "{\"ts\":%d,\"v\":1e90,\"k\":\"%d-a-key-that-is-kept-on-the-heap\"}",
		    i * 10, i % 7);
		CHECK(feed(&w, text, &out, &err) == 0);
		out.buf.len = 0;
	}
	CHECK(w.bytes < 20000);
	mr_window_open(&w, &windows, &groups, &events);
	CHECK_INT(windows, 1);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	CHECK_INT(w.bytes, 0);
	mr_window_open(&w, &windows, &groups, &events);
	CHECK_INT(windows + groups + events, 0);
	mr_window_release(&w);
	mr_out_release(&out);
}

/* Thousands of windows open at once, opened in random order. */
static void
windows_open_in_any_order(void)
{
	enum { WINDOWS = 3000 };
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;
	int order[WINDOWS], next = 0;
	char *line, *at;

	for (int i = 0; i < WINDOWS; i++)
		order[i] = i;
	for (int i = WINDOWS; i > 1; i--) {
		int j = (int)unit_draw((uint64_t)i), swap = order[j];

		order[j] = order[i - 1];
		order[i - 1] = swap;
	}
	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 1000L * WINDOWS, NULL, "v=sum(.v)");
	for (int i = 0; i < WINDOWS; i++) {
		char text[64];

		snprintf(text, sizeof text, "{\"ts\":%d,\"v\":%d}", order[i] * 1000, order[i]);
		CHECK(feed(&w, text, &out, &err) == 0);
	}
	CHECK_INT(w.late.count, 0);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	mr_buf_str(&out.buf);
	for (at = out.buf.at; (line = strsep(&at, "\n")) && *line; next++)
		CHECK_INT(atoi(strstr(line, "\"v\":") + 4), next);
	CHECK_INT(next, WINDOWS);
	mr_window_release(&w);
	mr_out_release(&out);
}

static const char *
spelled(const char *json, enum mr_type type)
{
	static char text[256];
	struct mr_val val = {json, strlen(json), type, strchr(json, '\\') != NULL};
	struct mr_buf key = MR_BUF_INIT, room = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;

	if (mr_key_add(&key, &val, &room, &err))
		snprintf(text, sizeof text, "refused");
	else
		snprintf(text, sizeof text, "%s", mr_buf_str(&key));
	mr_buf_release(&key);
	mr_buf_release(&room);
	return text;
}

static void
keys_have_one_spelling(void)
{
	static const struct { const char *in, *out; } numbers[] = {
		{"0", "0"}, {"-0", "0"}, {"0.0", "0"}, {"-0e9", "0"}, {"1", "1"}, {"1.0", "1"},
		{"1e0", "1"}, {"10e-1", "1"}, {"0.1e1", "1"}, {"-1.50", "-1.5"}, {"1e3", "1000"},
		{"1.25E+2", "125"}, {"0.5", "0.5"}, {"5e-1", "0.5"}, {"0.000001", "0.000001"},
		{"1e-6", "0.000001"}, {"0.0000001", "1e-7"}, {"1.5e-7", "1.5e-7"}, {"15e-8", "1.5e-7"},
		{"100000000000000000000", "100000000000000000000"}, {"1e20", "100000000000000000000"},
		{"1e21", "1e+21"}, {"1000000000000000000000", "1e+21"}, {"-1.50e400", "-1.5e+400"},
		{"12345678901234567890.5", "12345678901234567890.5"}, {"9007199254740993", "9007199254740993"},
		{"1230e-2", "12.3"}, {"0.00120", "0.0012"}, {"1e999999999999999999", "refused"},
		{"1234567890123456789", "1234567890123456789"}, {"-7", "-7"},
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		CHECK_STR(spelled(numbers[i].in, MR_NUMBER), numbers[i].out);
	CHECK_STR(spelled("\"st\\u0061\"", MR_STRING), "\"sta\"");
	CHECK_STR(spelled("\"sta\"", MR_STRING), "\"sta\"");
	CHECK_STR(spelled("\"\\/\\u000a\\ud83d\\ude00\"", MR_STRING), "\"/\\n\xf0\x9f\x98\x80\"");
	CHECK_STR(spelled("null", MR_NULL), "null");
	CHECK_STR(spelled("true", MR_TRUE), "true");
	CHECK_STR(spelled("{ \"a b\" : [1 ,\t\"\\\" x\"] }", MR_OBJECT), "{\"a b\":[1,\"\\\" x\"]}");
	CHECK_STR(spelled("[ ]", MR_ARRAY), "[]");
}

static void
keys_group_and_sort(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, ".a, second = .b.c", NULL);
	CHECK(feed(&w, "{\"ts\":1,\"a\":\"ab\",\"b\":{\"c\":1}}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1,\"a\":\"a\",\"b\":{\"c\":1.0}}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1,\"a\":\"\\u0061\",\"b\":{\"c\":1e0}}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1,\"a\":null,\"b\":5}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1}", &out, &err) == 0);
	CHECK(feed(&w, "{\"ts\":1,\"a\":\"a\",\"b\":{\"c\":-1}}", &out, &err) == 0);
	CHECK(mr_window_end(&w, &out, &err) == 0);
#define BOUNDS "{\"window_start\":\"1970-01-01T00:00:00.000Z\",\"window_end\":\"1970-01-01T00:00:01.000Z\","
	CHECK_STR(taken(&out),
	    BOUNDS "\"a\":\"a\",\"second\":-1,\"count\":1}\n"
	    BOUNDS "\"a\":\"a\",\"second\":1,\"count\":2}\n"
	    BOUNDS "\"a\":\"ab\",\"second\":1,\"count\":1}\n"
	    BOUNDS "\"a\":null,\"second\":null,\"count\":2}\n");
	mr_window_release(&w);
	mr_out_release(&out);
}

static void
lists_are_parsed(void)
{
	static const struct { const char *by, *agg, *words; } bad[] = {
		{"zone", NULL, "--by: 'zone' is no path: a path begins with '.'"},
		{".a,,.b", NULL, "--by: a path is missing"},
		{".a[0]", NULL, "--by: '.a[0]' has no name: write NAME=.a[0]"},
		{"x y=.a", NULL, "--by: 'x y' is no name: use letters, digits, _ - $"},
		{".a,.b.a", NULL, "two columns of a result are named 'a': write NAME=... in --by or --agg"},
		{".window_end", NULL,
		    "two columns of a result are named 'window_end': write NAME=... in --by or --agg"},
		{".count", NULL, "two columns of a result are named 'count': write NAME=... in --by or --agg"},
		{NULL, "n=count,n=sum(.x)",
		    "two columns of a result are named 'n': write NAME=... in --by or --agg"},
		{NULL, "", "--agg: an aggregate is missing"},
		{NULL, "sum", "--agg: sum needs a path: sum(.field)"},
		{NULL, "sum(.x", "--agg: 'sum(.x': ')' is missing"},
		{NULL, "sum(.x)y", "--agg: 'sum(.x)y': nothing may follow ')'; a name stands in front: NAME=..."},
		{NULL, "sum()", "--agg: 'sum()': a path is missing: sum(.field)"},
		{NULL, "sum(x)", "--agg: 'x' is no path: a path begins with '.'"},
		{NULL, "p95(.x)", "--agg: no aggregate 'p95'; there are all any avg collect count distinct first "
		    "last max median min quantile rate stddev stddev_pop sum top var_pop variance"},
		{NULL, "max(.a[0])", "--agg: 'max(.a[0])' has no name: write NAME=max(.a[0])"},
		{NULL, "=count", "--agg: '' is no name: use letters, digits, _ - $"},
	};
	struct mr_err err = MR_ERR_INIT;
	struct mr_out out;
	struct mr_window w;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int rc = 0;

		mr_window_init(&w, fresh_stage(&stage));
		w.axis = (struct mr_axis){.shape = MR_AXIS_TUMBLE, .size.ms = 1};
		if (bad[i].by)
			rc = mr_spec_add_by(&w.read.spec, bad[i].by, &err);
		if (!rc && bad[i].agg)
			rc = mr_spec_add_agg(&w.read.spec, bad[i].agg, &err);
		if (!rc)
			rc = mr_window_setup(&w, &err);
		CHECK(rc < 0);
		CHECK_INT(err.status, MR_EX_USAGE);
		CHECK_STR(err.text, bad[i].words);
		mr_window_release(&w);
	}
	mr_out_init(&out, -1, "test");
	setup(&w, 1000, 0, 0, " .a , b=.[\"x,y\"],.\"c=d\"", "count ( .a ),n = count, max=max(.[\"(\"])");
	CHECK(feed(&w, "{\"ts\":0,\"a\":1,\"x,y\":2,\"c=d\":3,\"(\":4}", &out, &err) == 0);
	CHECK(mr_window_end(&w, &out, &err) == 0);
	CHECK_STR(taken(&out), BOUNDS
	    "\"a\":1,\"b\":2,\"c=d\":3,\"count_a\":1,\"n\":1,\"max\":4}\n");
	mr_window_release(&w);
	mr_out_release(&out);
}

int
main(void)
{
	unit_seed(20261121);
	RUN(any_order_equals_the_reference);
	RUN(shuffles_within_the_lag_give_the_same_bytes);
	RUN(late_is_judged_by_the_events_before);
	RUN(given_watermarks_decide);
	RUN(silence_fires);
	RUN(bad_records_leave_no_trace);
	RUN(the_future_is_refused);
	RUN(the_state_has_a_cap);
	RUN(memory_is_given_back);
	RUN(windows_open_in_any_order);
	RUN(keys_have_one_spelling);
	RUN(keys_group_and_sort);
	RUN(lists_are_parsed);
	return unit_done();
}
