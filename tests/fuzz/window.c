/*
 * The window operator under random events, watermarks and ticks.
 *
 * The first bytes choose the window, the rest are operations of one byte, with
 * operands behind some.  What must hold:
 *
 * - each result is one JSON object, and those of one advance are in order;
 * - revisions of a window and key are 0, 1, ..., none behind the final one, and
 *   what is retracted had been written, and holds no more;
 * - where each event is in one window, what holds at the end, late and bad
 *   events add up to what went in;
 * - the watermark never goes back, nor do, where a result is written once, the
 *   ends of windows;
 * - nothing is open or, but for places that are kept, held at the end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
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

enum kind { TUMBLE, HOP, CUMULATE, SESSION, COUNT, GLOBAL, KINDS };

/* What was written of a window and key: its bounds and the bytes of its row up to the count. */
struct written {
	uint64_t n;
	int64_t revision;
	bool there, retracted, final;
};

struct watch {
	const struct mr_window *w;
	enum kind kind;
	struct mr_map *rows;
	struct mr_scan *scan;
	struct mr_buf before; /* the row before, of the same advance: its place in the order */
	char last[64];        /* the last end of a window */
};

enum { START, END, N, REVISION, FINAL, RETRACTED, FIELDS };

static void
watch_init(struct watch *t, const struct mr_window *w, enum kind kind)
{
	static const char *const paths[] = {".window_start", ".window_end", ".n", ".revision",
		".final", ".retracted"};
	struct mr_err err = MR_ERR_INIT;

	*t = (struct watch){.w = w, .kind = kind, .rows = mr_map_new(sizeof(struct written)),
	    .scan = mr_scan_new()};
	for (int i = 0; i < FIELDS; i++)
		HOLD(mr_scan_path(t->scan, paths[i], &err) == i);
}

static void
watch_release(struct watch *t)
{
	mr_map_free(t->rows);
	mr_scan_free(t->scan);
	mr_buf_release(&t->before);
}

static bool
revised(const struct mr_window *w)
{
	return w->emit != MR_EMIT_FINAL || w->late_ms;
}

/* The by-values of a row, from behind window_end up to what comes next. */
static void
add_by(const struct mr_val *vals, struct mr_buf *to)
{
	const char *from = vals[END].at + vals[END].len,
		   *end = vals[N].type == MR_NUMBER ? vals[N].at : vals[REVISION].at;

	HOLD(end > from);
	mr_buf_add(to, from, (size_t)(end - from) - (vals[N].type == MR_NUMBER ? 4 : 11));
}

/* What names a result; what is written again of a global one has other bounds. */
static void
name_row(const struct watch *t, const struct mr_val *vals, struct mr_buf *name)
{
	for (int i = START; t->kind != GLOBAL && i <= END; i++)
		mr_buf_add(name, vals[i].at, vals[i].len);
	add_by(vals, name);
}

static int64_t
number(const struct mr_val *val)
{
	HOLD(val->type == MR_NUMBER);
	return strtoll(val->at, NULL, 10);
}

static void
check_revision(const struct watch *t, struct written *row, const struct mr_val *vals)
{
	int64_t revision = number(&vals[REVISION]);

	HOLD(vals[FINAL].type == MR_TRUE || vals[FINAL].type == MR_FALSE);
	if (vals[RETRACTED].type == MR_TRUE) {
		HOLD(t->kind == SESSION && row->there && !row->retracted);
		HOLD(row->revision == revision);
		row->retracted = true;
		return;
	}
	HOLD(!row->retracted && !row->final);
	if (t->kind == SESSION)		/* what it was made of had revisions, too */
		HOLD(revision > row->revision || (!row->there && revision == 0));
	else
		HOLD(revision == (row->there ? row->revision + 1 : 0));
	row->revision = revision;
	row->final = vals[FINAL].type == MR_TRUE;
}

static void
check_row(struct watch *t, const struct mr_val *vals)
{
	struct mr_buf name = MR_BUF_INIT;
	struct written *row;
	bool is_new;

	HOLD(vals[START].type == MR_STRING && vals[END].type == MR_STRING);
	HOLD(memcmp(vals[START].at, vals[END].at, vals[END].len) < 0);
	name_row(t, vals, &name);
	row = mr_map_put(t->rows, name.at, name.len, &is_new);
	mr_buf_release(&name);
	if (revised(t->w))
		check_revision(t, row, vals);
	else
		HOLD(vals[REVISION].type == MR_MISSING && (is_new || t->kind == COUNT));
	if (vals[RETRACTED].type == MR_TRUE)
		return;
	/* of --count several may have the same bounds */
	row->n = (t->kind == COUNT ? row->n : 0) + (uint64_t)number(&vals[N]);
	row->there = true;
}

/* One century: times are in order as bytes. */
static void
check_order(struct watch *t, const struct mr_val *vals, bool advance)
{
	struct mr_buf place = MR_BUF_INIT;
	char end[64];

	if (vals[RETRACTED].type == MR_TRUE)
		return;
	mr_buf_add(&place, vals[END].at, vals[END].len);
	mr_buf_add(&place, vals[START].at, vals[START].len);
	add_by(vals, &place);
	if (advance)
		HOLD(strcmp(mr_buf_str(&t->before), mr_buf_str(&place)) <= 0);
	mr_buf_release(&t->before);
	t->before = place;
	snprintf(end, sizeof end, "%.*s", (int)vals[END].len, vals[END].at);
	if (!revised(t->w) && t->kind <= SESSION)
		HOLD(strcmp(t->last, end) <= 0);
	memcpy(t->last, end, sizeof end);
}

/* advance: no event was added meanwhile. */
static void
take_results(struct watch *t, struct mr_out *out, bool advance)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_val vals[FIELDS];
	char *line = out->buf.at, *stop = line;

	if (out->buf.len)
		stop += out->buf.len;
	t->before.len = 0;
	while (line < stop) {
		char *lf = memchr(line, '\n', (size_t)(stop - line));

		HOLD(lf);
		HOLD(mr_scan_line(t->scan, line, (size_t)(lf - line), MR_SCAN_OBJECT, vals, &err) == 0);
		check_row(t, vals);
		check_order(t, vals, advance);
		line = lf + 1;
	}
	out->buf.len = 0;
}

/* What holds at the end. */
static uint64_t
counted(const struct watch *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < mr_map_count(t->rows); i++) {
		const void *key;
		size_t len;
		const struct written *row = mr_map_at(t->rows, i, &key, &len);

		n += row->retracted ? 0 : row->n;
	}
	return n;
}

static enum kind
choose_kind(struct mr_window *w, struct input *in)
{
	enum kind kind = (enum kind)(byte(in) % KINDS);
	int64_t size = 1 + byte(in) * 10, step = 1 + byte(in) * 10;

	if (kind <= CUMULATE) {
		w->axis.shape = kind == TUMBLE ? MR_AXIS_TUMBLE :
		    kind == HOP		       ? MR_AXIS_HOP :
						 MR_AXIS_CUMULATE;
		w->axis.step.ms = step;
		w->axis.size.ms = kind == TUMBLE ? size :
		    kind == HOP			 ? step + size - 1 :
						   step * (1 + size % 40);
		w->axis.offset_ms = byte(in);
	} else if (kind == SESSION) {
		w->gap_ms = size;
	} else if (kind == COUNT) {
		w->count = 1 + byte(in) % 20;
		w->slide = byte(in) % 2 ? 1 + byte(in) % w->count : 0;
		w->timeout_ms = byte(in) % 2 ? size : 0;
	} else {
		w->global = true;
	}
	return kind;
}

static enum kind
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
	enum kind kind = choose_kind(w, in);
	const char *by = bys[byte(in) % 5];

	w->time.lag_ms = byte(in) * 8;
	w->time.idle_ms = byte(in);
	if (kind > SESSION) /* which go by no watermark */
		w->time.idle_ms = 0;
	if (kind != COUNT)
		w->emit = (enum mr_emit)(byte(in) % 4);
	w->emit_ms = 1 + byte(in);
	w->emit_count = 1 + byte(in) % 8;
	if (kind <= SESSION && byte(in) % 2)
		w->late_ms = byte(in) * 4;
	w->time.stamper.unit = MR_UNIT_MS;
	HOLD(!by || mr_spec_add_by(&w->read.spec, by, &err) == 0);
	HOLD(mr_spec_add_agg(&w->read.spec, aggs[byte(in) % (sizeof aggs / sizeof *aggs)], &err) == 0);
	HOLD(mr_window_setup(w, &err) == 0);
	return kind;
}

struct run {
	struct mr_window w;
	struct watch watch;
	struct mr_out out;
	struct mr_buf text;
	struct input in;
	uint64_t events, bad;
	int64_t time, clock;
	bool own;
};

static void
one_event(struct run *r)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_val vals[16];
	struct mr_line line = {.end = 1, .file = "fuzz", .no = ++r->events, .vals = vals};

	append(&r->text, &r->in, &r->time);
	mr_buf_grow(&r->text, MR_SCAN_PAD); /* which a program may read */
	line.at = mr_buf_str(&r->text);
	line.len = r->text.len;
	HOLD(mr_scan_count(r->w.read.scan) <= 16);
	if (mr_scan_line(r->w.read.scan, line.at, line.len, MR_SCAN_OBJECT, vals, &err) < 0 ||
	    mr_window_event(&r->w, &line, &r->out, &err) < 0) {
		HOLD(err.status == MR_EX_DATA);
		r->bad++;
	}
	take_results(&r->watch, &r->out, false);
}

static void
one_step(struct run *r)
{
	struct mr_err err = MR_ERR_INIT;
	unsigned op = byte(&r->in);
	int64_t before = r->w.now_ms;

	if (op < 240) {
		one_event(r);
	} else if (op < 248) {
		int64_t given = r->time - (int64_t)byte(&r->in) * 4;

		if (!r->own)
			HOLD(mr_window_watermark(&r->w, given, &r->out, &err) == 0);
	} else {
		r->clock += byte(&r->in);
		HOLD(mr_window_tick(&r->w, r->clock, &r->out, &err) == 0);
	}
	/* a tick may move the watermark and then end what was silent: two advances */
	take_results(&r->watch, &r->out, op < 248);
	HOLD(r->w.now_ms >= before);
}

static void
check_end(struct run *r, enum kind kind)
{
	struct mr_err err = MR_ERR_INIT;
	size_t windows, groups;
	uint64_t open;

	HOLD(mr_window_end(&r->w, &r->out, &err) == 0);
	take_results(&r->watch, &r->out, true);
	HOLD(r->w.events + r->bad == r->events);
	if (kind == TUMBLE || kind == SESSION || kind == GLOBAL || (kind == COUNT && !r->w.slide))
		HOLD(counted(&r->watch) + r->w.late.count + r->bad == r->events);
	mr_window_open(&r->w, &windows, &groups, &open);
	HOLD(windows + groups + open == 0);
	HOLD(kind <= CUMULATE ? r->w.bytes == 0 : r->w.bytes < 20000 + r->events * 2000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = {.in = {data, data + size}, .time = 1767225600000, .clock = mr_clock_ms()};
	struct mr_stage stage = {0};
	enum kind kind;

	mr_window_init(&r.w, &stage);
	mr_out_init(&r.out, -1, "fuzz");
	kind = configure(&r.w, &r.in);
	watch_init(&r.watch, &r.w, kind);
	r.own = byte(&r.in) & 1;
	if (!r.own) {
		stage.hello.there = stage.hello.wm = true;
		r.w.time.idle_ms = 0;
	}
	while (r.in.at < r.in.end)
		one_step(&r);
	check_end(&r, kind);
	watch_release(&r.watch);
	mr_window_release(&r.w);
	mr_out_release(&r.out);
	mr_buf_release(&r.text);
	return 0;
}
