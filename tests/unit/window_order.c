/*
 * Events out of order by less than the lag give the bytes of the sorted ones:
 * SHUFFLES (1000) of each kind of window, with every aggregate that does not
 * ask for the order of arrival, among panes of a few events, and panes past
 * the bounds up to which quantiles and distinct values are exact.
 *
 * Less than the lag: by up to lag - 1 ms, as an event that is a lag behind may
 * be at the end of a window that has fired.
 */
#include "window_run.h"

#define EVENTS 4000

static const char aggregates[] =
    "n=count, c=count(.v), s=sum(.v), a=avg(.v), i=min(.v), x=max(.v), f=first(.ts), l=last(.ts),"
    "sd=stddev(.v), sp=stddev_pop(.v), va=variance(.v), vp=var_pop(.v), md=median(.v),"
    "q=quantile(.v; 0.9), ds=distinct(.v), dt=distinct(.ts), t=top(.u; 3), any=any(.b), all=all(.b),"
    "r=rate(per 1s), big=count where .v > 10, mi=min(.s), ma=max(.s)";

static int
shuffles(void)
{
	const char *given = getenv("SHUFFLES");

	return given ? atoi(given) : 1000;
}

/* Everything but its place in the stream comes from the event. */
static void
event_text(const struct event *e, char text[256])
{
	static const char *const big[] = {"", "000000000000000000", "e-9", "e25", ".5", ".000000001"};
	char key[16] = "", v[64] = "";
	int64_t h = e->v, digits = h % 1000 - 300;

	if (e->key)
		snprintf(key, sizeof key, "\"k\":\"%c\",", 'a' + e->key - 1);
	if (h % 11) /* null otherwise */
		snprintf(v, sizeof v, "\"v\":%" PRId64 "%s,", digits ? digits : 7, big[h / 1000 % 6]);
	snprintf(text, 256, "{%s%s\"ts\":%" PRId64 ",\"u\":%d,\"b\":%s,\"s\":\"%" PRIx64 "\"}", key, v,
	    e->ms, (int)(h % 7), h % 5 ? "true" : "false", h);
}

static int
by_order(const void *va, const void *vb)
{
	const struct event *a = va, *b = vb;

	return (a->order > b->order) - (a->order < b->order);
}

static int
by_ms(const void *va, const void *vb)
{
	const struct event *a = va, *b = vb;

	return (a->ms > b->ms) - (a->ms < b->ms);
}

/* The bytes of a stream; late ones, which must not be, are a failure. */
static void
run(const struct config *c, const struct event *e, size_t n, struct mr_out *out)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_window w;

	mr_out_init(out, -1, "test");
	start_window(&w, c, aggregates);
	for (size_t i = 0; i < n; i++) {
		char text[256];

		event_text(&e[i], text);
		CHECK(feed_text(&w, text, out, &err) == 0);
	}
	CHECK(mr_window_end(&w, out, &err) == 0);
	CHECK_INT(w.late.count, 0);
	CHECK(w.rows > 0);
	mr_window_release(&w);
}

/* Small panes and many of them; in one of 40, a few large ones. */
static size_t
draw_stream(struct config *c, struct event *e)
{
	bool large = !draw(0, 39);
	size_t n = large ? EVENTS : (size_t)draw(1, 200);

	draw_events(e, n > 200 ? 200 : n);
	for (size_t i = 0; i < n; i++) {
		if (large) {
			e[i].ms = (int64_t)i / 3 + draw(-5, 5);
			e[i].key = (int)draw(0, 1);
		}
		e[i].v = draw(0, 1000000);
	}
	if (large && c->kind != SESSION) {
		c->size *= 500;
		c->step *= 500;
	}
	return n;
}

static void
order_of(struct event *e, size_t n, const struct config *c)
{
	int64_t most = c->lag - 1;

	/* of equal order, any */
	for (size_t i = 0; i < n; i++)
		e[i].order = (uint64_t)(e[i].ms + (INT64_C(1) << 50) + draw(0, most)) * 1024 +
		    unit_draw(1024);
}

static void
kind_in_any_order(enum kind kind)
{
	static struct event e[EVENTS];
	size_t bytes = 0, events = 0, moved = 0;

	for (int round = 0; round < shuffles() && !unit_bad; round++) {
		struct config c = draw_config(kind);
		struct mr_out sorted, shuffled;
		size_t n;

		c.own = true;
		c.emit = MR_EMIT_FINAL;
		c.lag++;
		n = draw_stream(&c, e);
		qsort(e, n, sizeof *e, by_ms);
		run(&c, e, n, &sorted);
		order_of(e, n, &c);
		qsort(e, n, sizeof *e, by_order);
		run(&c, e, n, &shuffled);
		CHECK_STR(mr_buf_str(&shuffled.buf), mr_buf_str(&sorted.buf));
		for (size_t i = 1; i < n; i++)
			moved += e[i].ms < e[i - 1].ms;
		bytes += sorted.buf.len;
		events += n;
		mr_out_release(&sorted);
		mr_out_release(&shuffled);
		if (unit_bad)
			print_config(&c);
	}
	CHECK(moved > events / 20);
	printf("# %s: %d shuffles, %zu events, %zu behind the one before, %zu bytes equal\n",
	    kind_name[kind], shuffles(), events, moved, bytes);
}

static void tumble_in_any_order(void) { kind_in_any_order(TUMBLE); }
static void hop_in_any_order(void) { kind_in_any_order(HOP); }
static void cumulate_in_any_order(void) { kind_in_any_order(CUMULATE); }
static void session_in_any_order(void) { kind_in_any_order(SESSION); }
static void global_in_any_order(void) { kind_in_any_order(GLOBAL); }

int
main(void)
{
	unit_seed(20261122);
	RUN(tumble_in_any_order);
	RUN(hop_in_any_order);
	RUN(cumulate_in_any_order);
	RUN(session_in_any_order);
	RUN(global_in_any_order);
	return unit_done();
}
