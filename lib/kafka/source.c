/*
 * source - Kafka records to lines, with watermarks in band.
 *
 * A record is handed on when its line is in the output buffer; its offset is
 * committed only when that buffer has been written.  Bad and null records
 * advance the position as well: they are counted, not read again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "json/scan.h"
#include "kafka/consumer.h"
#include "kafka/envelope.h"
#include "kafka/source.h"
#include "stream/report.h"
#include "time/watermark.h"

#define PULL_RECORDS 4096 /* one pull hands on no more, so that the clock is looked at */
#define COMMIT_MS 5000
#define TICK_MS 100

struct mr_kin {
	struct mr_ksrc *opt;
	struct mr_stage *stage;
	struct mr_kcons cons;
	struct mr_kread read;
	struct mr_out *out; /* of the pull that runs */
	struct mr_scan *scan;
	struct mr_val *vals;
	int time_slot; /* -1: no watermarks */
	struct mr_stamper stamper;
	struct mr_wm wm;
	int64_t sent_ms, tick_ms, clock_ms;
	struct mr_kheader *headers;
	size_t cap;
	int64_t left;          /* of -c; -1: no end */
	uint64_t nulls, early; /* skipped: null values; records before s@TIME */
	bool live, begun;
};

void
mr_ksrc_init(struct mr_ksrc *k)
{
	*k = (struct mr_ksrc){.partition = -1,
	    .count = -1,
	    .lag_ms = 15000,
	    .idle_ms = 60000,
	    .ahead_ms = 3600000,
	    .every_ms = 1000};
	mr_kconf_init(&k->conf);
}

/* Write the watermark if it moved far enough. */
static int
advance(struct mr_kin *s, struct mr_err *err)
{
	int64_t now = s->wm.now_ms;

	if (now == MR_TIME_MIN || now == MR_TIME_MAX || now == s->sent_ms)
		return 0;
	if (s->sent_ms != MR_TIME_MIN && now - s->sent_ms < s->opt->every_ms)
		return 0;
	s->sent_ms = now;
	return mr_stage_wm(s->stage, now, mr_wm_idle(&s->wm), s->out, err);
}

static int
end_part(struct mr_kin *s, struct mr_kpart *p, struct mr_err *err)
{
	p->done = true;
	mr_kcons_drop(p);
	mr_kcons_pause(&s->cons, p, true);
	if (p->has_wm && mr_wm_end(&s->wm, p->wm))
		return advance(s, err);
	return 0;
}

/* The line of a record without its end, behind what is in the buffer. */
static void
write_envelope(struct mr_kin *s, const struct mr_kpart *p, const rd_kafka_message_t *m)
{
	struct mr_krecord r = {
	    .topic = {p->topic, strlen(p->topic)},
	    .partition = p->id,
	    .offset = m->offset,
	    .broker = rd_kafka_message_broker_id(m),
	    .key = {m->key, m->key_len},
	    .payload = {m->payload, m->len},
	};
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *h;
	const char *name;
	const void *value;
	size_t len;

	r.ts = rd_kafka_message_timestamp(m, &type);
	r.tstype = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? "logappend" : "create";
	if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
		r.ts = -1;
	if (rd_kafka_message_headers(m, &h) == RD_KAFKA_RESP_ERR_NO_ERROR)
		for (; !rd_kafka_header_get_all(h, r.nheaders, &name, &value, &len); r.nheaders++) {
			if (r.nheaders == s->cap) {
				s->cap = s->cap ? 2 * s->cap : 8;
				s->headers = mr_xrealloc(s->headers, s->cap * sizeof *s->headers);
			}
			s->headers[r.nheaders] = (struct mr_kheader){{name, strlen(name)},
			    {value, len}};
		}
	r.headers = s->headers;
	mr_krecord_write(&s->out->buf, &r);
}

/* One line: line ends inside a JSON text stand between its tokens, where a space means the same. */
static void
write_value(struct mr_buf *b, const char *at, size_t len, bool broken)
{
	size_t from = b->len;

	if (broken)
		while (len && (at[len - 1] == '\n' || at[len - 1] == '\r'))
			len--;
	mr_buf_add(b, at, len);
	for (size_t i = from; broken && i < b->len; i++)
		if (b->at[i] == '\n' || b->at[i] == '\r')
			b->at[i] = ' ';
}

static int
write_key(struct mr_kin *s, const rd_kafka_message_t *m, struct mr_err *err)
{
	struct mr_buf *b = &s->out->buf;

	if (m->key_len && (memchr(m->key, '\n', m->key_len) || memchr(m->key, '\r', m->key_len)))
		return mr_err_set(err, MR_EX_DATA, "the key has a line end: use -J");
	mr_buf_add(b, m->key, m->key_len);
	mr_buf_adds(b, s->opt->key_delim);
	return 0;
}

static int
event_time(struct mr_kin *s, const struct mr_val *v, int64_t *ms, struct mr_err *err)
{
	struct mr_time t;

	if (mr_stamp_val(&s->stamper, v, &t, err) < 0 ||
	    (s->live && mr_stamp_ahead(t.ms, s->opt->ahead_ms, err) < 0))
		return mr_err_prefix(err, "%s", s->opt->time);
	*ms = t.ms;
	return 0;
}

/*
 * Append the line of a record, checked, and find its time.  What was appended
 * before an error is the caller's to take back.
 */
static int
write_line(struct mr_kin *s, const struct mr_kpart *p, const rd_kafka_message_t *m, int64_t *ms,
    struct mr_err *err)
{
	struct mr_buf *b = &s->out->buf;
	size_t from = b->len;
	bool scan = s->stage->check || s->time_slot >= 0;
	unsigned flags = s->stage->check ? 0 : MR_SCAN_TRUSTED;

	if (m->len + m->key_len > s->stage->max_line)
		return mr_err_set(err, MR_EX_DATA, "longer than --max-line %zu",
		    s->stage->max_line);
	if (s->opt->envelope) {
		write_envelope(s, p, m);
		scan = s->time_slot >= 0;
		flags = MR_SCAN_TRUSTED;
	} else {
		if (s->opt->key_delim && write_key(s, m, err) < 0)
			return -1;
		from = b->len;
		write_value(b, m->payload, m->len,
		    m->len &&
			(memchr(m->payload, '\n', m->len) || memchr(m->payload, '\r', m->len)));
		if (b->len == from)
			return mr_err_set(err, MR_EX_DATA, "cannot parse record: it is empty");
		if (b->len - from >= sizeof MR_CONTROL_PREFIX - 1 &&
		    memcmp(b->at + from, MR_CONTROL_PREFIX, sizeof MR_CONTROL_PREFIX - 1) == 0)
			return mr_err_set(err, MR_EX_DATA, "it imitates a control line");
	}
	if (scan && mr_scan_line(s->scan, b->at + from, b->len - from, flags, s->vals, err) < 0)
		return -1;
	return s->time_slot < 0 ? 0 : event_time(s, &s->vals[s->time_slot], ms, err);
}

/* The place of a record, for a message or a dead letter. */
static int
refuse(struct mr_kin *s, const struct mr_kpart *p, const rd_kafka_message_t *m, struct mr_err *err)
{
	const struct mr_line line = {.at = m->payload ? m->payload : "",
	    .len = m->len,
	    .end = 1,
	    .file = p->where,
	    .no = (uint64_t)m->offset};

	if (err->status != MR_EX_DATA)
		return -1;
	return mr_stage_bad(s->stage, &line, err);
}

static int
hand_on(struct mr_kin *s, struct mr_kpart *p, const rd_kafka_message_t *m, struct mr_err *err)
{
	size_t from = s->out->buf.len;
	int64_t ts = rd_kafka_message_timestamp(m, NULL);
	const struct mr_koffset *o = &s->opt->offset;

	if (o->bounded && ts >= o->until_ms)
		return end_part(s, p, err);
	p->next = m->offset + 1;
	if (o->whence == MR_K_SINCE && !s->opt->group && ts >= 0 && ts < o->n) {
		s->early++;
		return 0;
	}
	if (s->time_slot < 0 && ts > p->time)
		p->time = ts;
	if (!m->payload && !s->opt->envelope) {
		s->nulls++;
		return 0;
	}
	if (write_line(s, p, m, &ts, err) < 0) {
		s->out->buf.len = from;
		return refuse(s, p, m, err);
	}
	mr_buf_addc(&s->out->buf, '\n');
	if (ts > p->time)
		p->time = ts;
	if (s->left > 0)
		s->left--;
	if (mr_out_built(s->out, 1, err) < 0)
		return -1;
	if (s->time_slot >= 0 && mr_wm_event(&s->wm, p->wm, ts, s->clock_ms))
		return advance(s, err);
	return 0;
}

/* One record or event of a partition. */
static int
take(struct mr_kin *s, struct mr_kpart *p, rd_kafka_message_t *m, struct mr_err *err)
{
	int r = 0;

	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		if (p->at == p->n)
			p->at_eof = true;
		if (m->offset > p->next)
			p->next = m->offset;
	} else if (m->err) {
		r = mr_kcons_event(&s->cons, p, m, err);
	} else if (m->offset < p->next) {
		r = 0; /* fetched once more behind a pause */
	} else if (p->end < 0 || m->offset < p->end) {
		r = hand_on(s, p, m, err);
	} else {
		p->next = p->end;
	}
	rd_kafka_message_destroy(m);
	if (r == 0 && !p->done && p->end >= 0 && p->next >= p->end)
		r = end_part(s, p, err);
	return r;
}

/* Hand on what is there, the furthest behind first. */
static int
take_records(struct mr_kin *s, struct mr_err *err)
{
	int left = PULL_RECORDS;
	struct mr_kpart *p;
	int64_t limit;

	while (left > 0 && s->left != 0 && (p = mr_kcons_next(&s->cons, &limit))) {
		do {
			if (take(s, p, p->held[p->at++], err) < 0)
				return -1;
		} while (--left > 0 && s->left != 0 && p->at < p->n &&
		    mr_kcons_time(&s->cons, p) <= limit);
	}
	return 0;
}

/* Records that wait to be read are no silence, and neither is a cluster that is down. */
static bool
is_busy(const struct mr_kin *s, const struct mr_kpart *p)
{
	return p->at < p->n || s->cons.link.down_ms || (!p->at_eof && p->next < p->high);
}

static int
tick(struct mr_kin *s, struct mr_err *err)
{
	if (s->time_slot < 0 || s->clock_ms - s->tick_ms < TICK_MS)
		return 0;
	s->tick_ms = s->clock_ms;
	for (size_t i = 0; i < s->cons.nparts; i++) {
		struct mr_kpart *p = &s->cons.part[i];

		if (p->has_wm && p->assigned && is_busy(s, p))
			mr_wm_busy(&s->wm, p->wm, s->clock_ms);
	}
	return mr_wm_tick(&s->wm, s->clock_ms) ? advance(s, err) : 0;
}

static int
settle(void *self, struct mr_err *err)
{
	struct mr_kin *s = self;

	return s->out ? mr_out_flush(s->out, err) : 0;
}

static int
commit(struct mr_kin *s, struct mr_err *err)
{
	if (!s->opt->group || s->clock_ms - s->cons.commit_ms < COMMIT_MS)
		return 0;
	s->cons.commit_ms = s->clock_ms;
	return settle(s, err) < 0 ? -1 : mr_kcons_commit(&s->cons, true, err);
}

/*
 * The partitions are others: each has an input of the watermark.  One that
 * was given to another member leaves the minimum, but only once something else
 * is there: an empty minimum would be the end of the stream.
 */
static void
changed(void *self)
{
	struct mr_kin *s = self;
	size_t assigned = 0;

	if (s->time_slot < 0)
		return;
	for (size_t i = 0; i < s->cons.nparts; i++) {
		struct mr_kpart *p = &s->cons.part[i];

		assigned += p->assigned;
		if (p->assigned && (!p->has_wm || p->left)) {
			p->wm = mr_wm_add(&s->wm, mr_clock_ms());
			p->has_wm = true;
			p->left = false;
		}
	}
	for (size_t i = 0; i < s->cons.nparts; i++) {
		struct mr_kpart *p = &s->cons.part[i];

		if (p->has_wm && (p->done || (assigned && !p->assigned && !p->left))) {
			mr_wm_end(&s->wm, p->wm);
			p->left = !p->assigned;
		}
	}
}

static int
pull(void *self, int wait_ms, struct mr_out *out, struct mr_err *err)
{
	struct mr_ksrc *k = self;
	struct mr_kin *s = k->in;
	uint64_t before = out->lines;
	int r;

	s->out = out;
	if (!s->begun && s->time_slot >= 0)
		mr_stage_hello(s->stage, out);
	s->begun = true;
	if (s->cons.stage < 2) {
		if (wait_ms == 0)
			return 1;
		if ((r = mr_kcons_start(&s->cons, wait_ms < 500 ? 500 : wait_ms, err)) <= 0)
			return r < 0 ? -1 : 1;
		wait_ms = 0;
	}
	if (mr_kcons_serve(&s->cons, wait_ms, err) < 0)
		return -1;
	s->clock_ms = s->cons.now_ms;
	if (take_records(s, err) < 0)
		return -1;
	if (wait_ms > 0 && out->lines == before && !mr_kcons_done(&s->cons) && s->left != 0) {
		mr_kcons_wait(&s->cons, wait_ms);
		s->clock_ms = s->cons.now_ms = mr_clock_ms();
		if (take_records(s, err) < 0)
			return -1;
	}
	if (tick(s, err) < 0 || commit(s, err) < 0)
		return -1;
	return s->left != 0 && !mr_kcons_done(&s->cons);
}

static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct mr_ksrc *k = self;
	struct mr_kin *s = k->in;

	(void)stopped;
	s->out = out;
	if (k->group && (settle(s, err) < 0 || mr_kcons_commit(&s->cons, false, err) < 0))
		return -1;
	if (!k->conf.quiet && s->nulls)
		mr_say("%" PRIu64 " record%s with a null value skipped: -J writes them", s->nulls,
		    s->nulls == 1 ? "" : "s");
	if (!k->conf.quiet && s->early)
		mr_say("%" PRIu64 " record%s older than -o s@ skipped: timestamps are out of order",
		    s->early, s->early == 1 ? "" : "s");
	return 0;
}

static void
status(void *self, struct mr_buf *b)
{
	struct mr_ksrc *k = self;

	mr_buf_printf(b, ", lag %" PRId64 ", null %" PRIu64, mr_kcons_lag(&k->in->cons),
	    k->in->nulls);
}

static void
metrics(void *self, struct mr_buf *b)
{
	struct mr_ksrc *k = self;

	mr_report_metric(b, k->in->stage, "kafka_lag_records", "Records the broker has to be read.",
	    (double)mr_kcons_lag(&k->in->cons));
	mr_report_metric(b, k->in->stage, "null_values_total", "Records with a null value skipped.",
	    (double)k->in->nulls);
}

void
mr_ksrc_release(void *self)
{
	struct mr_ksrc *k = self;
	struct mr_kin *s = k->in;

	if (s) {
		if (s->cons.rk)
			mr_kcons_close(&s->cons);
		mr_scan_free(s->scan);
		mr_wm_release(&s->wm);
		free(s->vals);
		free(s->headers);
		free(s);
	}
	mr_kconf_release(&k->conf);
	free(k->key_delim);
	free(k->topics);
}

static int
check_options(const struct mr_ksrc *k, struct mr_err *err)
{
	const char *why = NULL;

	if (getenv("MILLRACE_STATE"))
		why = "exactly-once run mode is not in this version: unset MILLRACE_STATE";
	else if (k->ntopics == 0)
		why = "no topic given";
	else if (k->group && !*k->group)
		why = "-G: the group has no name";
	else if (k->group && k->partition >= 0)
		why = "-p has no use with -G: the group deals out the partitions";
	else if (!k->group && k->offset.whence == MR_K_STORED)
		why = "-o stored needs -G: the offsets are stored for a group";
	else if (k->key_delim && k->envelope)
		why = "-K has no use with -J: the envelope has the key";
	else if (k->key_delim && k->time)
		why = "--time has no use with -K: its lines are not JSON";
	if (!why && k->needs_time && !k->time)
		return mr_err_set(err, MR_EX_USAGE, "%s needs --time", k->needs_time);
	return why ? mr_err_set(err, MR_EX_USAGE, "%s", why) : 0;
}

/*
 * Memory: librdkafka applies the limits below to each partition.  One fetch
 * and the queue behind it are what a partition may hold here, and once more
 * what is taken from the queue and waits for slower partitions.
 * fetch.wait.max.ms: see order.c.
 */
static int
set_defaults(struct mr_ksrc *k, struct mr_err *err)
{
	static const char *const names[][2] = {
	    {"client.id", "ksrc"},
	    {"enable.auto.commit", "false"},
	    {"enable.auto.offset.store", "false"},
	    {"enable.partition.eof", "true"},
	    {"auto.offset.reset", "error"},
	    {"queued.max.messages.kbytes", "512"},
	    {"queued.min.messages", "4000"},
	    {"fetch.message.max.bytes", "524288"},
	    {"fetch.max.bytes", "4194304"},
	    {"fetch.error.backoff.ms", "100"},
	    {"fetch.wait.max.ms", "100"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mr_kconf_default(&k->conf, names[i][0], names[i][1], err) < 0)
			return -1;
	return 0;
}

/*
 * auto.offset.reset of -X or a file is where a group begins when -o does not say, as in kcat.  To
 * librdkafka it stays `error`: a position that is lost must be seen.
 */
static int
begin_as_configured(struct mr_ksrc *k, struct mr_err *err)
{
	char reset[32];

	mr_kconf_get(&k->conf, "auto.offset.reset", reset, sizeof reset);
	if (k->group && k->offset.whence == MR_K_DEFAULT &&
	    (strcmp(reset, "latest") == 0 || strcmp(reset, "largest") == 0 ||
		strcmp(reset, "end") == 0))
		k->offset.whence = MR_K_END;
	return mr_kconf_default(&k->conf, "auto.offset.reset", "error", err);
}

static int
open_scan(struct mr_kin *s, struct mr_err *err)
{
	s->scan = mr_scan_new();
	s->time_slot = -1;
	if (s->opt->time && (s->time_slot = mr_scan_path(s->scan, s->opt->time, err)) < 0)
		return mr_err_prefix(err, "--time");
	s->vals = mr_xcalloc((size_t)mr_scan_count(s->scan) + 1, sizeof *s->vals);
	return 0;
}

int
mr_ksrc_stage(struct mr_ksrc *k, struct mr_stage *stage, struct mr_err *err)
{
	struct mr_kin *s = k->in = mr_xcalloc(1, sizeof *s);

	s->opt = k;
	s->stage = stage;
	s->left = k->count;
	s->sent_ms = MR_TIME_MIN;
	s->stamper.unit = k->unit;
	s->live = !k->to_end && !k->offset.bounded;
	s->read = (struct mr_kread){.topics = k->topics,
	    .ntopics = k->ntopics,
	    .group = k->group,
	    .partition = k->partition,
	    .offset = k->offset,
	    .to_end = k->to_end,
	    .by_stamp = !k->time};
	stage->pull = pull;
	stage->end = end;
	stage->status = status;
	stage->metrics = metrics;
	stage->release = mr_ksrc_release;
	if (check_options(k, err) < 0 || open_scan(s, err) < 0)
		return -1;
	mr_wm_init(&s->wm, 0, k->lag_ms, k->idle_ms, s->live, mr_clock_ms());
	if (set_defaults(k, err) < 0 || mr_kconf_finish(&k->conf, err) < 0 ||
	    (k->group && mr_kconf_default(&k->conf, "group.id", k->group, err) < 0) ||
	    begin_as_configured(k, err) < 0)
		return -1;
	s->read.offset = k->offset;
	if (mr_kcons_open(&s->cons, &k->conf, &s->read, err) < 0)
		return -1;
	s->cons.settle = settle;
	s->cons.changed = changed;
	s->cons.self = s;
	return 0;
}
