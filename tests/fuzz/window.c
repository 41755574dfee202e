/*
 * The window operator under random events, watermarks and ticks.
 *
 * The first bytes choose the window, the rest are operations of one byte, with
 * operands behind some.  What must hold: the counts of all results, late and
 * bad events add up to what went in; the watermark and the bounds of results
 * never go back; each result is one JSON object; nothing is held at the end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "window/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at, *end;
};

static unsigned
byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

#define HOLD(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "broken: %s\n", #cond); \
			abort(); \
		} \
	} while (0)

static const char *const scalars[] = {
	"0", "1", "-1.50", "1e3", "1e30", "-1e30", "0.1", "1e-7", "1e400", "99999999999999999999",
	"170141183460469231731687303715884105727", "\"a\"", "\"\\u0061\"", "\"b\"", "null", "true", "[1, 2]",
	"{ \"x\": 1}", "\"a string that is too long for the place in the state\"", "-0", "1e99999",
	"1.0000000000000000000000000000000000000000000000000000001", "false",
	"\"2026-11-21T10:00:00Z\"", "\"2026-11-21T12:00:00.0+02:00\"",
};

static const char *
scalar(struct input *in)
{
	return scalars[byte(in) % (sizeof scalars / sizeof *scalars)];
}

static void
append(struct mr_buf *b, struct input *in, int64_t *clock)
{
	unsigned shape = byte(in);

	b->len = 0;
	*clock += (int64_t)byte(in) - 64;
	mr_buf_printf(b, "{\"ts\":%lld", (long long)*clock);
	if (shape & 1)
		mr_buf_printf(b, ",\"k\":%s", scalar(in));
	if (shape & 2)
		mr_buf_printf(b, ",\"j\":%s", scalar(in));
	if (shape & 4)
		mr_buf_printf(b, ", \"v\" : %s", scalar(in));
	if (shape & 8)
		mr_buf_printf(b, ",\"w\":%s", scalar(in));
	mr_buf_adds(b, (shape & 0xf0) == 0xf0 ? "]" : "}");
}

/* Count what came out, and see that it is in order. */
static uint64_t
take_results(struct mr_out *out, char last[64])
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_val vals[2];
	int n = mr_scan_path(scan, ".n", &err), end = mr_scan_path(scan, ".window_end", &err);
	char *line = out->buf.at, *stop = line;
	uint64_t count = 0;

	if (out->buf.len)
		stop += out->buf.len;
	while (line < stop) {
		char *lf = memchr(line, '\n', (size_t)(stop - line)), bound[64];

		HOLD(lf);
		HOLD(mr_scan_line(scan, line, (size_t)(lf - line), MR_SCAN_OBJECT, vals, &err) == 0);
		HOLD(vals[n].type == MR_NUMBER && vals[end].type == MR_STRING);
		snprintf(bound, sizeof bound, "%.*s", (int)vals[end].len, vals[end].at);
		HOLD(strcmp(last, bound) <= 0);		/* one century: bytes are in order */
		memcpy(last, bound, sizeof bound);
		count += strtoull(vals[n].at, NULL, 10);
		line = lf + 1;
	}
	out->buf.len = 0;
	mr_scan_free(scan);
	return count;
}

static void
configure(struct mr_window *w, struct input *in)
{
	static const char *const bys[] = {".k", ".k,.j", "k2=.k,.v.x", "t=.k|type,b=.j>1", NULL};
	static const char *const aggs[] = {
		"n=count", "n=count,sum(.v)", "n=count,avg(.v),count(.w)", "n=count,min(.v),max(.w)",
		"n=count,first(.v),last(.w)", "n=count,sum(.v),avg(.v),min(.v),max(.v),first(.v),last(.v)",
		"n=count,variance(.v),stddev_pop(.w)", "n=count,median(.v),quantile(.w; 0.9)",
		"n=count,c=count where .v == .w,s=sum(.v + .w) where .k != null,m=max([.v,.w] | .[0])",
		"n=count,distinct(.v),top(.w; 2),rate(per 1s)", "n=count,collect(.v; 3),any(.w),all(.v)",
	};
	struct mr_err err = MR_ERR_INIT;
	const char *by = bys[byte(in) % 5];

	w->axis.shape = MR_AXIS_TUMBLE;
	w->axis.size.ms = 1 + byte(in) * 10;
	w->axis.offset_ms = byte(in);
	w->time.lag_ms = byte(in) * 8;
	w->time.idle_ms = byte(in); /* of no use where watermarks come in */
	w->time.stamper.unit = MR_UNIT_MS;
	HOLD(!by || mr_spec_add_by(&w->read.spec, by, &err) == 0);
	HOLD(mr_spec_add_agg(&w->read.spec, aggs[byte(in) % (sizeof aggs / sizeof *aggs)], &err) == 0);
	HOLD(mr_window_setup(w, &err) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, data + size};
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf text = MR_BUF_INIT;
	uint64_t events = 0, bad = 0, counted = 0;
	int64_t time = 1767225600000, clock = mr_clock_ms(), before = MR_TIME_MIN;
	char last[64] = "";
	struct mr_stage stage = {0};
	struct mr_window w;
	struct mr_val vals[16];
	struct mr_out out;
	bool own;

	mr_window_init(&w, &stage);
	mr_out_init(&out, -1, "fuzz");
	configure(&w, &in);
	own = byte(&in) & 1;
	if (!own) {
		stage.hello.there = stage.hello.wm = true;
		w.time.idle_ms = 0;
	}
	while (in.at < in.end) {
		unsigned op = byte(&in);
		int64_t given;

		if (op < 240) {
			struct mr_line line = {.end = 1, .file = "fuzz", .no = ++events};

			append(&text, &in, &time);
			mr_buf_grow(&text, MR_SCAN_PAD); /* which a program may read */
			line.at = mr_buf_str(&text);
			line.len = text.len;
			line.vals = vals;
			if (mr_scan_line(w.read.scan, line.at, line.len, MR_SCAN_OBJECT, vals, &err) < 0 ||
			    mr_window_event(&w, &line, &out, &err) < 0) {
				HOLD(err.status == MR_EX_DATA);
				bad++;
			}
		} else if (op < 248) {
			given = time - (int64_t)byte(&in) * 4;
			if (!own)
				HOLD(mr_window_watermark(&w, given, &out, &err) == 0);
		} else {
			clock += byte(&in);
			HOLD(mr_window_tick(&w, clock, &out, &err) == 0);
		}
		HOLD(w.now_ms >= before);
		before = w.now_ms;
		counted += take_results(&out, last);
	}
	HOLD(mr_window_end(&w, &out, &err) == 0);
	counted += take_results(&out, last);
	HOLD(counted + w.late.count + bad == events);
	HOLD(w.events + bad == events);
	HOLD(w.bytes == 0);
	mr_window_release(&w);
	mr_out_release(&out);
	mr_buf_release(&text);
	return 0;
}
