/*
 * How late events come: the histogram, the exact advice, and the watermark
 * that is declared, each against arrays that are looked through.
 */
#include <time.h>

#include "time/advice.h"
#include "unit.h"
#include "event/declare.h"

#define MANY 200000

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sizes from a few ms to centuries. */
static int64_t
random_delay(void)
{
	int64_t d = (int64_t)(unit_draw(UINT64_MAX) >> (24 + unit_draw(40)));

	return unit_draw(4) ? d : -1 - d;
}

static void
lag_is_a_histogram(void)
{
	static const unsigned parts[] = {0, 1, 100, 5000, 9000, 9900, 9990, 9999, 10000};
	static struct mr_lag lag;
	static int64_t all[MANY];

	for (int round = 0; round < 20 && !unit_bad; round++) {
		size_t n = 1 + unit_draw(round < 15 ? 50 : MANY), late = 0;

		memset(&lag, 0, sizeof lag);
		for (size_t i = 0; i < n; i++) {
			bool is_late = unit_draw(2);
			int64_t d = random_delay();

			mr_lag_add(&lag, d, is_late);
			late += is_late;
			all[i] = d < 0 ? 0 : d;
		}
		qsort(all, n, sizeof *all, by_size);
		CHECK_INT(lag.events, n);
		CHECK_INT(lag.late, late);
		CHECK_INT(lag.max_ms, all[n - 1]);
		for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
			size_t rank = (n * parts[p] + 9999) / 10000;
			int64_t exact = all[rank ? rank - 1 : 0];
			int64_t got = mr_lag_quantile(&lag, parts[p]);

			CHECK(got >= exact);
			CHECK(got <= exact + exact / 64);
			if (exact < 128)
				CHECK_INT(got, exact);
		}
	}
}

static void
lag_in_words(void)
{
	static struct mr_lag lag;
	struct mr_buf b = MR_BUF_INIT;

	mr_lag_write(&lag, &b);
	CHECK_STR(mr_buf_str(&b), "p50 0s p90 0s p99 0s p99.9 0s max 0s, late 0 of 0");
	b.len = 0;
	for (int i = 0; i < 1000; i++)
		mr_lag_add(&lag, i < 600 ? -5 : i < 950 ? 20 : i < 999 ? 1500 : 90000, i > 900);
	mr_lag_write(&lag, &b);
	CHECK_STR(mr_buf_str(&b),
	    "p50 0s p90 20ms p99 1.503s p99.9 1.503s max 1m30s, late 99 of 1000 (9.9 %)");
	mr_lag_add(&lag, INT64_MAX, true);
	CHECK_INT(mr_lag_quantile(&lag, 10000), INT64_MAX);
	mr_buf_release(&b);
}

static void
advice_is_exact(void)
{
	static int64_t all[MANY];

	for (int round = 0; round < 12 && !unit_bad; round++) {
		struct mr_advice a = {0};
		size_t n = 1 + unit_draw(round < 8 ? 60 : MANY), behind = 0;
		uint64_t distinct = 1 + unit_draw(round % 2 ? 50 : UINT64_MAX / 2);

		for (size_t i = 0; i < n; i++) {
			int64_t d = random_delay();

			if (d >= 0)
				d = (int64_t)((uint64_t)d % distinct);
			mr_advice_add(&a, d);
			if (d >= 0)
				all[behind++] = d;
			if (unit_draw(MANY / 4) == 0) /* asked in between */
				mr_advice_late(&a, 5);
		}
		qsort(all, behind, sizeof *all, by_size);
		CHECK_INT(a.events, n);
		CHECK_INT(a.behind, behind);
		for (int i = 0; i < 50; i++) {
			int64_t lag = i < 2 || !behind ? i : all[unit_draw(behind)] + (int)unit_draw(3) - 1;
			size_t late = 0, most = unit_draw(i % 2 ? n + 1 : 5);

			for (size_t k = 0; k < behind; k++)
				late += all[k] >= lag;
			CHECK_INT(mr_advice_late(&a, lag), late);
			CHECK_INT(mr_advice_lag(&a, most),
			    most >= behind ? 0 : all[behind - 1 - most] + 1);
		}
		mr_advice_release(&a);
	}
}

/* The lag it says suffices, and one that is smaller does not. */
static void
advice_is_tight(void)
{
	for (int round = 0; round < 2000 && !unit_bad; round++) {
		struct mr_advice a = {0};
		size_t n = 1 + unit_draw(40), most = unit_draw(n);
		int64_t lag;

		for (size_t i = 0; i < n; i++)
			mr_advice_add(&a, (int64_t)unit_draw(20) - 5);
		lag = mr_advice_lag(&a, most);
		CHECK(mr_advice_late(&a, lag) <= most);
		CHECK(lag == 0 || mr_advice_late(&a, lag - 1) > most);
		CHECK(mr_advice_round(lag) >= lag);
		mr_advice_release(&a);
	}
}

static void
lags_are_rounded_up(void)
{
	static const int64_t cases[][2] = {{0, 0}, {1, 1}, {3, 5}, {6, 10}, {501, 1000},
	    {5001, 10000}, {10001, 15000}, {61000, 120000}, {3600001, 7200000},
	    {43200001, 86400000}, {86400001, 2 * 86400000}, {10 * INT64_C(86400000), 10 * INT64_C(86400000)}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_INT(mr_advice_round(cases[i][0]), cases[i][1]);
}

static void
advice_in_words(void)
{
	struct mr_advice a = {0};
	struct mr_buf b = MR_BUF_INIT;

	for (int i = 0; i < 20000; i++)
		mr_advice_add(&a, i < 150 ? 2500 + i : i == 200 ? 7199999 : -1);
	mr_advice_write(&a, 15000, 1, &b);
	CHECK_STR(mr_buf_str(&b),
	    "events    20000\n"
	    "behind    151 (0.755 %), by 1h59m59.999s at most\n"
	    "\n"
	    "in time   --lag           late\n"
	    "99 %      0s              151\n"
	    "99.9 %    2.631s          20\n"
	    "99.99 %   2.649s          2\n"
	    "all       2h              0\n"
	    "\n"
	    "with --lag 15s late: 1 (0.005 %)\n"
	    "suggestion: --lag 5s, with which 1 (0.005 %) is late; --lag 2h waits for all\n");
	mr_advice_release(&a);
	b.len = 0;
	mr_advice_add(&a, -1);
	mr_advice_write(&a, 0, 0, &b);
	CHECK(strstr(mr_buf_str(&b), "\nbehind    0 (0 %)\n"));
	CHECK(strstr(b.at, "\nsuggestion: --lag 0s, with which no event is late\n"));
	mr_advice_release(&a);
	mr_buf_release(&b);
}

/* -- what is declared -- */

#define PARTS 5

struct model {
	int64_t newest[PARTS]; /* event time */
	int64_t at[PARTS];     /* what the watermark of a partition is */
	bool there[PARTS];
	int64_t wm;
	uint64_t late;
};

static bool
settle(struct model *m, int64_t need)
{
	int64_t min = MR_TIME_MAX, count = 0;

	for (int i = 0; i < PARTS; i++)
		if (m->there[i]) {
			count++;
			min = m->at[i] < min ? m->at[i] : min;
		}
	if (count < need || !count || min <= m->wm)
		return false;
	m->wm = min;
	return true;
}

static void
random_declared(void)
{
	int64_t lag = unit_draw(2) ? (int64_t)unit_draw(50) : -1;
	int64_t need = (int64_t)unit_draw(PARTS + 1);
	struct model m = {.wm = MR_TIME_MIN};
	struct mr_err err = MR_ERR_INIT;
	struct mr_scan *scan = mr_scan_new();
	struct mr_declare d;
	bool parts = unit_draw(3), at = lag < 0 || unit_draw(2);
	char text[256];
	struct mr_val vals[8];

	mr_declare_init(&d, scan);
	d.at = at ? ".at" : NULL;
	d.partition = parts ? ".p|.[0]" : NULL;
	d.partitions = parts ? need : 0;
	d.stamper.unit = MR_UNIT_MS;
	d.lag_ms = lag;
	if (mr_declare_setup(&d, false, 0, &err) < 0)
		unit_fail(__FILE__, __LINE__, err.text);
	for (int i = 0; i < PARTS; i++)
		m.newest[i] = m.at[i] = MR_TIME_MIN;
	for (int i = 0; i < 200 && !unit_bad; i++) {
		int p = parts ? (int)unit_draw(PARTS) : 0, kind = (int)unit_draw(6);
		int64_t ms = 1000 + i + (int64_t)unit_draw(100), at_ms = 900 + i + (int64_t)unit_draw(150);
		struct mr_line line = {.at = text, .file = "f", .no = 1, .vals = vals};
		struct mr_declared said;
		bool moved, has_time = !(at && kind == 2), says = at && kind < 3;

		line.len = (size_t)snprintf(text, sizeof text, "{\"p\":[%d%s]", p, unit_draw(2) ? ".0" : "");
		if (has_time)
			line.len += (size_t)sprintf(text + line.len, ",\"ts\":%lld", (long long)ms);
		if (says && kind == 0)
			line.len += (size_t)sprintf(text + line.len, ",\"at\":true");
		else if (says)
			line.len += (size_t)sprintf(text + line.len, ",\"at\":%lld", (long long)at_ms);
		else if (kind == 3)
			line.len += (size_t)sprintf(text + line.len, ",\"at\":%s", unit_draw(2) ? "null" : "false");
		line.len += (size_t)sprintf(text + line.len, "}");
		if (kind == 0)
			at_ms = ms;
		CHECK(mr_scan_line(scan, text, line.len, MR_SCAN_OBJECT, vals, &err) == 0);
		if (mr_declare_event(&d, &line, 0, &said, &err) < 0)
			unit_fail(__FILE__, __LINE__, err.text);

		if (has_time) {
			CHECK_INT(said.ms, ms);
			m.late += m.wm >= ms;
			if (m.newest[p] == MR_TIME_MIN)
				CHECK(said.delay_ms < 0);
			else
				CHECK_INT(said.delay_ms, m.newest[p] - ms);
			m.newest[p] = ms > m.newest[p] ? ms : m.newest[p];
			if (lag >= 0 && ms - lag > m.at[p])
				m.at[p] = ms - lag;
		} else {
			CHECK(said.ms == MR_TIME_MIN && said.delay_ms < 0);
		}
		m.there[p] = true;
		moved = false;
		if (says && at_ms > m.at[p])
			m.at[p] = at_ms;
		moved = settle(&m, d.partitions);
		CHECK_INT(said.said, says);
		CHECK_INT(said.moved, moved);
		CHECK_INT(d.wm.now_ms, m.wm);
		CHECK_INT(d.lag.late, m.late);
	}
	mr_declare_release(&d);
	mr_scan_free(scan);
}

static void
declared_as_the_model(void)
{
	for (int i = 0; i < 3000 && !unit_bad; i++)
		random_declared();
}

static int
declare(struct mr_declare *d, const char *text, int64_t clock_ms, struct mr_declared *said, struct mr_err *err)
{
	struct mr_val vals[8];
	struct mr_line line = {.at = text, .len = strlen(text), .file = "f", .no = 1, .vals = vals};

	CHECK(mr_scan_line(d->scan, text, line.len, MR_SCAN_OBJECT, vals, err) == 0);
	return mr_declare_event(d, &line, clock_ms, said, err);
}

/* A partition that is silent is let go, and holds the watermark again from its next event on. */
static void
idle_partitions_wake_up(void)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_declared said;
	struct mr_declare d;

	mr_declare_init(&d, scan);
	d.partition = ".p";
	d.partitions = 2;
	d.lag_ms = 10;
	d.idle_ms = 1000;
	d.stamper.unit = MR_UNIT_MS;
	CHECK(mr_declare_setup(&d, true, 0, &err) == 0);
	CHECK(declare(&d, "{\"p\":\"a\",\"ts\":5000}", 100, &said, &err) == 0 && !said.moved);
	CHECK(declare(&d, "{\"p\":\"b\",\"ts\":2000}", 200, &said, &err) == 0 && said.moved);
	CHECK_INT(d.wm.now_ms, 1990);
	CHECK(declare(&d, "{\"p\":\"a\",\"ts\":6000}", 900, &said, &err) == 0 && !said.moved);
	CHECK(!mr_wm_tick(&d.wm, 1199));
	CHECK(mr_wm_tick(&d.wm, 1200)); /* b is idle: a alone */
	CHECK_INT(d.wm.now_ms, 5990);
	CHECK(declare(&d, "{\"p\":\"b\",\"ts\":2500}", 1300, &said, &err) == 0 && !said.moved);
	CHECK_INT(d.lag.late, 1);
	CHECK(declare(&d, "{\"p\":\"a\",\"ts\":9000}", 1400, &said, &err) == 0 && !said.moved);
	CHECK(declare(&d, "{\"p\":\"b\",\"ts\":7000}", 1500, &said, &err) == 0 && said.moved);
	CHECK_INT(d.wm.now_ms, 6990);
	CHECK(mr_wm_tick(&d.wm, 3000)); /* all silent: the newest, and the silence */
	CHECK_INT(d.wm.now_ms, 9000 + 1500 - 10);
	mr_declare_release(&d);
	mr_scan_free(scan);
}

static void
keys_are_no_partitions(void)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_declared said;
	struct mr_declare d;
	char text[64];
	int i;

	mr_declare_init(&d, scan);
	d.partition = ".p";
	CHECK(mr_declare_setup(&d, false, 0, &err) == 0);
	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "{\"p\":%d,\"ts\":%d}", i, 100000 - i);
		if (declare(&d, text, 0, &said, &err) < 0)
			break;
	}
	CHECK_INT(i, MR_PARTITIONS_MAX);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK_STR(err.text, ".p has more than 10000 values: it is no partition");
	CHECK(declare(&d, "{\"p\":7,\"ts\":200000}", 0, &said, &err) == 0);
	CHECK_INT(d.wm.now_ms, (100000 - 0) * INT64_C(1000) - 15000); /* the first was the newest so far */
	mr_declare_release(&d);
	mr_scan_free(scan);
}

static void
bad_records_leave_no_trace(void)
{
	static const struct {
		const char *line, *words;
	} bad[] = {{"{\"p\":1}", ".ts: missing, where a time is expected"},
	    {"{\"p\":1,\"ts\":5,\"at\":\"x\"}", ".at: "}, {"{\"p\":1,\"at\":true}", ".ts: missing"},
	    {"{\"p\":1,\"ts\":\"no\",\"at\":5}", ".ts: "}, {"{\"p\":1,\"ts\":5,\"at\":[]}", ".at: "}};
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_declared said;
	struct mr_declare d;

	mr_declare_init(&d, scan);
	d.partition = ".p";
	d.at = ".at";
	CHECK(mr_declare_setup(&d, false, 0, &err) == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(declare(&d, bad[i].line, 0, &said, &err) < 0);
		CHECK_INT(err.status, MR_EX_DATA);
		if (strncmp(err.text, bad[i].words, strlen(bad[i].words)) != 0)
			CHECK_STR(err.text, bad[i].words);
	}
	CHECK_INT(mr_map_count(d.inputs), 0);
	CHECK_INT(d.lag.events, 0);
	CHECK(d.wm.now_ms == MR_TIME_MIN);
	mr_declare_release(&d);
	mr_scan_free(scan);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(lag_is_a_histogram);
	RUN(lag_in_words);
	RUN(advice_is_exact);
	RUN(advice_is_tight);
	RUN(lags_are_rounded_up);
	RUN(advice_in_words);
	RUN(declared_as_the_model);
	RUN(idle_partitions_wake_up);
	RUN(keys_are_no_partitions);
	RUN(bad_records_leave_no_trace);
	return unit_done();
}
