/*
 * sink - lines to Kafka records, each acknowledged before the end is 0.
 *
 * The producer is idempotent: a retry after a lost answer neither doubles nor
 * reorders.  A line is handed to librdkafka, which batches and sends; what
 * became of it comes back in on_delivery(), long after the line is gone, so
 * its place travels with it.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/scan.h"
#include "json/str.h"
#include "kafka/envelope.h"
#include "kafka/expr.h"
#include "kafka/link.h"
#include "kafka/sink.h"

#define TICK_MS 100
#define STOP_MS 5000  /* how long a stop waits for a cluster that is away */
#define PLACE_BITS 48 /* of the line number, in a pointer; the rest is the file */
#define MAX_FILES 0xffff

struct header {
	char *name;
	struct mr_kexpr value;
};

struct mr_kout {
	struct mr_ksink *opt;
	struct mr_stage *stage;
	rd_kafka_t *rk;
	struct mr_klink link;
	struct mr_scan *scan;
	struct mr_val *vals;
	struct mr_kreader *reader;
	struct mr_kexpr key;
	struct header *headers;
	size_t nheaders;
	int time_slot;
	struct mr_stamper stamper;
	struct mr_buf room;        /* decoded keys and headers of a line */
	struct mr_buf name;        /* of a header, terminated */
	rd_kafka_topic_t **topics; /* an envelope may bring others */
	size_t ntopics;
	char **files; /* names that lines came from */
	size_t nfiles;
	uint64_t sent, acked;
	struct mr_err failed; /* the first delivery that failed for good */
};

void
mr_ksink_init(struct mr_ksink *k)
{
	*k = (struct mr_ksink){.partition = RD_KAFKA_PARTITION_UA};
	mr_kconf_init(&k->conf);
}

/* The place of a line as a pointer, to be carried through librdkafka. */
static void *
place(struct mr_kout *s, const struct mr_line *line)
{
	size_t i = s->nfiles;

	while (i > 0 && strcmp(s->files[i - 1], line->file) != 0)
		i--;
	if (i == 0 && s->nfiles == MAX_FILES)
		i = s->nfiles; /* its number stays right, its name is the last one's */
	if (i == 0) {
		s->files = mr_xrealloc(s->files, (s->nfiles + 1) * sizeof *s->files);
		s->files[s->nfiles++] = mr_xstrdup(line->file);
		i = s->nfiles;
	}
	return (void *)(uintptr_t)((uint64_t)i << PLACE_BITS | line->no);
}

static struct mr_line
line_of(const struct mr_kout *s, const rd_kafka_message_t *m)
{
	uint64_t at = (uintptr_t)m->_private;

	return (struct mr_line){.at = m->payload ? m->payload : "",
	    .len = m->len,
	    .end = 1,
	    .file = s->files[(at >> PLACE_BITS) - 1],
	    .no = at & (((uint64_t)1 << PLACE_BITS) - 1)};
}

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	struct mr_kout *s = opaque;
	struct mr_line line;
	struct mr_err err = MR_ERR_INIT;

	(void)rk;
	if (!m->err) {
		s->acked++;
		mr_klink_up(&s->link);
		return;
	}
	line = line_of(s, m);
	mr_kafka_error(&err, m->err, NULL, "topic '%s': cannot deliver",
	    rd_kafka_topic_name(m->rkt));
	if (m->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
		err.status = MR_EX_DATA;
		s->acked++; /* settled: counted as a bad record */
		if (mr_stage_bad(s->stage, &line, &err) == 0)
			return;
	} else {
		if (m->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && *s->link.last)
			mr_kafka_error(&err, m->err, s->link.last,
			    "topic '%s': not acknowledged in time", rd_kafka_topic_name(m->rkt));
		mr_err_prefix(&err, "%s:%" PRIu64, line.file, line.no);
	}
	if (s->failed.status == MR_EX_OK)
		s->failed = err;
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct mr_kout *s = opaque;

	mr_klink_error(&s->link, rk, code, reason);
}

/* Reports of deliveries, errors, time. */
static int
serve(struct mr_kout *s, int wait_ms, struct mr_err *err)
{
	rd_kafka_poll(s->rk, wait_ms);
	if (s->failed.status != MR_EX_OK) {
		*err = s->failed;
		return -1;
	}
	return mr_klink_check(&s->link, s->rk, wait_ms ? wait_ms : TICK_MS, err);
}

static rd_kafka_topic_t *
topic(struct mr_kout *s, const struct mr_kbytes *name, struct mr_err *err)
{
	rd_kafka_topic_t *t;
	char *text;

	for (size_t i = 0; i < s->ntopics; i++) {
		const char *have = rd_kafka_topic_name(s->topics[i]);

		if (strncmp(have, name->at, name->len) == 0 && have[name->len] == '\0')
			return s->topics[i];
	}
	text = mr_xmemdup0(name->at, name->len);
	t = rd_kafka_topic_new(s->rk, text, NULL);
	if (!t)
		mr_err_set(err, MR_EX_DATA, "topic '%s': %s", text,
		    rd_kafka_err2str(rd_kafka_last_error()));
	free(text);
	if (!t)
		return NULL;
	s->topics = mr_xrealloc(s->topics, (s->ntopics + 1) * sizeof *s->topics);
	return s->topics[s->ntopics++] = t;
}

static rd_kafka_headers_t *
make_headers(const struct mr_krecord *r, struct mr_buf *name)
{
	rd_kafka_headers_t *h;

	if (r->nheaders == 0)
		return NULL;
	h = rd_kafka_headers_new(r->nheaders);
	for (size_t i = 0; i < r->nheaders; i++) {
		/* An explicit length of 0 with NULL is null; with a pointer, empty. */
		name->len = 0;
		mr_buf_add(name, r->headers[i].name.at, r->headers[i].name.len);
		rd_kafka_header_add(h, mr_buf_str(name), (ssize_t)r->headers[i].name.len,
		    r->headers[i].value.at, (ssize_t)r->headers[i].value.len);
	}
	return h;
}

/* One try; what librdkafka says to it. */
static rd_kafka_resp_err_t
try_send(struct mr_kout *s, rd_kafka_topic_t *t, const struct mr_krecord *r, rd_kafka_headers_t *h,
    void *at)
{
	rd_kafka_vu_t v[8];
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	rd_kafka_error_t *e;
	size_t n = 0;

	v[n].vtype = RD_KAFKA_VTYPE_RKT;
	v[n++].u.rkt = t;
	v[n].vtype = RD_KAFKA_VTYPE_PARTITION;
	v[n++].u.i32 = r->partition;
	v[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
	v[n++].u.i = RD_KAFKA_MSG_F_COPY;
	v[n].vtype = RD_KAFKA_VTYPE_VALUE;
	v[n].u.mem.ptr = (void *)(uintptr_t)r->payload.at;
	v[n++].u.mem.size = r->payload.len;
	v[n].vtype = RD_KAFKA_VTYPE_KEY;
	v[n].u.mem.ptr = (void *)(uintptr_t)r->key.at;
	v[n++].u.mem.size = r->key.len;
	v[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
	v[n++].u.ptr = at;
	if (r->ts > 0) {
		v[n].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
		v[n++].u.i64 = r->ts;
	}
	if (h) {
		v[n].vtype = RD_KAFKA_VTYPE_HEADERS;
		v[n++].u.headers = h;
	}
	if ((e = rd_kafka_produceva(s->rk, v, n))) {
		code = rd_kafka_error_code(e);
		rd_kafka_error_destroy(e);
	}
	return code;
}

static int
deliver(struct mr_kout *s, const struct mr_krecord *r, const struct mr_line *line,
    struct mr_err *err)
{
	rd_kafka_topic_t *t = topic(s, &r->topic, err);
	rd_kafka_headers_t *h = make_headers(r, &s->name);
	rd_kafka_resp_err_t code;
	void *at = place(s, line);

	if (!t) {
		if (h)
			rd_kafka_headers_destroy(h);
		return -1;
	}
	while ((code = try_send(s, t, r, h, at)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		if (serve(s, TICK_MS, err) < 0)
			break;
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		if ((++s->sent & 1023) == 0)
			return serve(s, 0, err);
		return 0;
	}
	if (h) /* still ours: it was not accepted */
		rd_kafka_headers_destroy(h);
	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return -1; /* serve() has set err */
	mr_kafka_error(err, code, NULL, "topic '%s': cannot send", rd_kafka_topic_name(t));
	if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
		err->status = MR_EX_DATA;
	return -1;
}

/* Split KEY DELIM VALUE; without the delimiter all is value, as in kcat. */
static void
split(const struct mr_ksink *k, struct mr_krecord *r)
{
	size_t n = strlen(k->key_delim);
	const char *at = memmem(r->payload.at, r->payload.len, k->key_delim, n);

	if (at) {
		r->key = (struct mr_kbytes){r->payload.at, (size_t)(at - r->payload.at)};
		r->payload.len -= r->key.len + n;
		r->payload.at = at + n;
	}
	if (k->null_empty && r->key.at && r->key.len == 0)
		r->key.at = NULL;
	if (k->null_empty && r->payload.len == 0)
		r->payload.at = NULL;
}

static int
scan_value(struct mr_kout *s, const struct mr_kbytes *value, struct mr_err *err)
{
	bool trusted = s->stage->trusted && !s->opt->key_delim;
	unsigned flags = mr_scan_count(s->scan) ? MR_SCAN_OBJECT : 0;

	if (!value->at) { /* null: no field is there */
		memset(s->vals, 0, (size_t)mr_scan_count(s->scan) * sizeof *s->vals);
		return 0;
	}
	if (!mr_scan_count(s->scan) && (trusted || !s->stage->check))
		return 0;
	if (trusted || !s->stage->check)
		flags |= MR_SCAN_TRUSTED;
	return mr_scan_line(s->scan, value->at, value->len, flags, s->vals, err);
}

static int
fill(struct mr_kout *s, struct mr_krecord *r, struct mr_err *err)
{
	struct mr_time t;
	size_t need = r->payload.len;

	if (scan_value(s, &r->payload, err) < 0)
		return -1;
	s->room.len = 0;
	mr_buf_grow(&s->room, need * (s->nheaders + 1) + 1); /* decoded strings must not move */
	if (s->opt->key)
		r->key = mr_kexpr_eval(&s->key, s->vals, &s->room);
	if (s->time_slot >= 0 && r->payload.at) {
		if (mr_stamp_val(&s->stamper, &s->vals[s->time_slot], &t, err) < 0)
			return mr_err_prefix(err, "%s", s->opt->time);
		if (t.ms < 0)
			return mr_err_set(err, MR_EX_DATA, "%s: Kafka has no time before 1970",
			    s->opt->time);
		r->ts = t.ms;
	}
	return 0;
}

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct mr_ksink *k = self;
	struct mr_kout *s = k->out;
	struct mr_krecord r = {.payload = {line->at, line->len},
	    .ts = -1,
	    .partition = RD_KAFKA_PARTITION_UA};
	struct mr_kheader own[64];

	(void)out;
	if (k->envelope) {
		if (mr_kreader_line(s->reader, line->at, line->len, s->stage->trusted, &r, err) < 0)
			return -1;
	} else {
		if (k->key_delim)
			split(k, &r);
		if (fill(s, &r, err) < 0)
			return -1;
		for (size_t i = 0; i < s->nheaders; i++)
			own[i] = (struct mr_kheader){{s->headers[i].name,
							 strlen(s->headers[i].name)},
			    mr_kexpr_eval(&s->headers[i].value, s->vals, &s->room)};
		r.headers = own;
		r.nheaders = s->nheaders;
	}
	if (k->partition_set)
		r.partition = k->partition;
	if (k->topic)
		r.topic = (struct mr_kbytes){k->topic, strlen(k->topic)};
	else if (!r.topic.at)
		return mr_err_set(err, MR_EX_DATA,
		    "no topic: neither an operand nor the envelope has one");
	if (r.ts == 0)
		return mr_err_set(err, MR_EX_DATA,
		    "librdkafka takes the timestamp 0 for none: it cannot be sent");
	return deliver(s, &r, line, err);
}

/* The input pauses: librdkafka sends within linger.ms by itself; hear what came back. */
static int
idle(void *self, struct mr_out *out, struct mr_err *err)
{
	struct mr_ksink *k = self;

	(void)out;
	return serve(k->out, 0, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	(void)now_ms;
	return idle(self, out, err);
}

/* Until all is acknowledged; after a signal a cluster that is away is not waited for much longer. */
static int
drain(struct mr_kout *s, struct mr_err *err)
{
	int64_t since = 0;

	do {
		rd_kafka_flush(s->rk, TICK_MS);
		if (serve(s, 0, err) < 0)
			return -1;
		if (!mr_stage_stopping(s->stage) || !s->link.down_ms)
			since = 0;
		else if (!since)
			since = mr_clock_ms();
		else if (mr_clock_ms() - since >= STOP_MS)
			break;
	} while (rd_kafka_outq_len(s->rk) > 0);
	return 0;
}

static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct mr_ksink *k = self;
	struct mr_kout *s = k->out;

	(void)stopped;
	(void)out;
	if (drain(s, err) < 0)
		return -1;
	if (s->acked == s->sent)
		return 0;
	mr_err_set(err, MR_EX_WORLD, "%" PRIu64 " of %" PRIu64 " records were not acknowledged",
	    s->sent - s->acked, s->sent);
	s->acked = s->sent; /* said: close_client() need not */
	return -1;
}

static void
status(void *self, struct mr_buf *b)
{
	struct mr_ksink *k = self;

	mr_buf_printf(b, ", sent %" PRIu64 ", acknowledged %" PRIu64, k->out->sent, k->out->acked);
}

/* After a failure: what had been accepted before it is still delivered, as far as it can be. */
static void
close_client(struct mr_kout *s)
{
	struct mr_err err = MR_ERR_INIT;

	if (s->failed.status == MR_EX_OK && !s->link.down_ms && !*s->link.fatal)
		drain(s, &err);
	if (s->acked < s->sent)
		mr_say("%" PRIu64 " of %" PRIu64 " records were not acknowledged",
		    s->sent - s->acked, s->sent);
	rd_kafka_purge(s->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_flush(s->rk, TICK_MS);
	for (size_t i = 0; i < s->ntopics; i++)
		rd_kafka_topic_destroy(s->topics[i]);
	rd_kafka_destroy(s->rk);
}

void
mr_ksink_release(void *self)
{
	struct mr_ksink *k = self;
	struct mr_kout *s = k->out;

	if (s) {
		if (s->rk)
			close_client(s);
		mr_scan_free(s->scan);
		mr_kreader_free(s->reader);
		mr_buf_release(&s->room);
		mr_buf_release(&s->name);
		for (size_t i = 0; i < s->nheaders; i++) {
			free(s->headers[i].name);
			free(s->headers[i].value.text);
		}
		for (size_t i = 0; i < s->nfiles; i++)
			free(s->files[i]);
		free(s->key.text);
		free(s->headers);
		free(s->topics);
		free(s->files);
		free(s->vals);
		free(s);
	}
	mr_kconf_release(&k->conf);
	free(k->key_delim);
	free(k->headers);
}

static int
parse_headers(struct mr_kout *s, struct mr_err *err)
{
	const struct mr_ksink *k = s->opt;

	if (k->nheaders > 64)
		return mr_err_set(err, MR_EX_USAGE, "more than 64 -H");
	s->headers = mr_xcalloc(k->nheaders + 1, sizeof *s->headers);
	for (size_t i = 0; i < k->nheaders; i++) {
		const char *sign = strchr(k->headers[i], '=');

		if (!sign || sign == k->headers[i])
			return mr_err_set(err, MR_EX_USAGE, "-H '%s' is not NAME=EXPR",
			    k->headers[i]);
		s->headers[i].name = mr_xmemdup0(k->headers[i], (size_t)(sign - k->headers[i]));
		s->nheaders++;
		if (mr_kexpr_parse(&s->headers[i].value, s->scan, sign + 1, err) < 0)
			return mr_err_prefix(err, "-H '%s'", k->headers[i]);
	}
	return 0;
}

static int
parse_exprs(struct mr_kout *s, struct mr_err *err)
{
	const struct mr_ksink *k = s->opt;

	s->scan = mr_scan_new();
	s->reader = mr_kreader_new();
	s->time_slot = -1;
	if (k->key && mr_kexpr_parse(&s->key, s->scan, k->key, err) < 0)
		return mr_err_prefix(err, "-k '%s'", k->key);
	if (k->time && (s->time_slot = mr_scan_path(s->scan, k->time, err)) < 0)
		return mr_err_prefix(err, "--time");
	if (parse_headers(s, err) < 0)
		return -1;
	s->vals = mr_xcalloc((size_t)mr_scan_count(s->scan) + 1, sizeof *s->vals);
	return 0;
}

static int
check_options(const struct mr_ksink *k, struct mr_err *err)
{
	const char *why = NULL;

	if (getenv("MILLRACE_STATE"))
		why = "exactly-once run mode is not in this version: unset MILLRACE_STATE";
	else if (!k->topic && !k->envelope)
		why = "no topic given";
	else if (k->key_delim && k->key)
		why = "-K and -k both say what the key is";
	else if (k->key_delim && !*k->key_delim)
		why = "-K: the delimiter is empty";
	else if (k->envelope && (k->key || k->key_delim || k->nheaders || k->time || k->null_empty))
		why = "-H, -K, -k, -Z and --time have no use with -J: the envelope says it all";
	return why ? mr_err_set(err, MR_EX_USAGE, "%s", why) : 0;
}

/* Bounded memory: what is accepted and not yet acknowledged is at most 16 MB and 50,000 records. */
static int
set_defaults(struct mr_ksink *k, struct mr_err *err)
{
	static const char *const names[][2] = {
	    {"client.id", "ksink"},
	    {"enable.idempotence", "true"},
	    {"queue.buffering.max.kbytes", "16384"},
	    {"queue.buffering.max.messages", "50000"},
	    {"topic.metadata.propagation.max.ms", "10000"},
	};
	char ms[32];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mr_kconf_default(&k->conf, names[i][0], names[i][1], err) < 0)
			return -1;
	snprintf(ms, sizeof ms, "%" PRId64,
	    k->conf.retry_ms < 0             ? 0 :
		k->conf.retry_ms < 1         ? 1 :
		k->conf.retry_ms > INT32_MAX ? INT32_MAX :
					       k->conf.retry_ms);
	if (mr_kconf_default(&k->conf, "message.timeout.ms", ms, err) < 0)
		return -1;
	return k->codec ? mr_kconf_default(&k->conf, "compression.codec", k->codec, err) : 0;
}

static int
open_client(struct mr_kout *s, struct mr_err *err)
{
	struct mr_kconf *conf = &s->opt->conf;
	char why[512];

	rd_kafka_conf_set_dr_msg_cb(conf->rd, on_delivery);
	mr_klink_init(&s->link, conf, s, on_error);
	s->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf->rd, why, sizeof why);
	if (!s->rk)
		return mr_err_set(err, MR_EX_USAGE, "cannot make a producer: %s", why);
	conf->rd = NULL;
	return 0;
}

int
mr_ksink_stage(struct mr_ksink *k, struct mr_stage *stage, struct mr_err *err)
{
	struct mr_kout *s = k->out = mr_xcalloc(1, sizeof *s);

	s->opt = k;
	s->stage = stage;
	s->stamper.unit = k->unit;
	stage->event = event;
	stage->idle = idle;
	stage->tick = tick;
	stage->tick_ms = TICK_MS;
	stage->end = end;
	stage->status = status;
	stage->release = mr_ksink_release;
	stage->control = MR_CONTROL_EAT;
	stage->silent = true;
	if (check_options(k, err) < 0 || parse_exprs(s, err) < 0 || set_defaults(k, err) < 0 ||
	    mr_kconf_finish(&k->conf, err) < 0)
		return -1;
	return open_client(s, err);
}
