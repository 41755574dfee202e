/*
 * consumer - finds the partitions, where to begin and end, and the group.
 *
 * Without a group the partitions are started one by one: assign() would want
 * a group's name, look for its coordinator and connect to it, for nothing.
 *
 * Offsets are settled here to numbers before anything is read, so that a
 * pinned end is the end of one moment and a position that the broker no
 * longer has is seen and said, not jumped over.  An empty record batch at a
 * pinned end (markers of transactions, compaction) is passed by the broker's
 * end-of-partition event.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kafka/consumer.h"
#include "stream/stage.h" /* the clock */
#include "time/stamp.h"

#define ASK_MS 10000   /* for the answer to a request about offsets */
#define COMMIT_MS 5000 /* for the answer to the last commit */

static struct mr_kpart *
find(struct mr_kcons *c, const char *topic, int32_t id)
{
	for (size_t i = 0; i < c->nparts; i++)
		if (c->part[i].id == id && strcmp(c->part[i].topic, topic) == 0)
			return &c->part[i];
	return NULL;
}

static struct mr_kpart *
add(struct mr_kcons *c, const char *topic, int32_t id)
{
	struct mr_buf where = MR_BUF_INIT;
	struct mr_kpart *p = find(c, topic, id);

	if (p)
		return p;
	c->part = mr_xrealloc(c->part, (c->nparts + 1) * sizeof *c->part);
	p = &c->part[c->nparts++];
	mr_buf_printf(&where, "%s:%d", topic, (int)id);
	*p = (struct mr_kpart){.topic = mr_xstrdup(topic),
	    .where = where.at,
	    .id = id,
	    .end = -1,
	    .committed = -1,
	    .time = MR_TIME_MIN};
	return p;
}

static int
find_topic(struct mr_kcons *c, const char *name, int wait_ms, struct mr_err *err)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_topic_t *topic = rd_kafka_topic_new(c->rk, name, NULL);
	const struct rd_kafka_metadata_topic *t;
	rd_kafka_resp_err_t e;
	int r = 1;

	if (!topic)
		return mr_kafka_error(err, rd_kafka_last_error(), NULL, "topic '%s'", name);
	e = rd_kafka_metadata(c->rk, 0, topic, &md, wait_ms);
	rd_kafka_topic_destroy(topic);
	if (e) {
		rd_kafka_poll(c->rk, 0); /* the error callback knows why */
		mr_klink_failed(&c->link, rd_kafka_err2str(e));
		return 0;
	}
	mr_klink_up(&c->link);
	t = &md->topics[0];
	if (md->topic_cnt < 1 || t->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		r = 0;
	else if (t->err)
		r = mr_kafka_error(err, t->err, NULL, "topic '%s'", name);
	for (int i = 0; r > 0 && i < t->partition_cnt; i++)
		if (c->read->partition < 0 || c->read->partition == t->partitions[i].id)
			add(c, name, t->partitions[i].id);
	if (r > 0 && c->read->partition >= 0 && !find(c, name, c->read->partition))
		r = mr_err_set(err, MR_EX_USAGE, "topic '%s' has no partition %d, it has %d", name,
		    (int)c->read->partition, t->partition_cnt);
	rd_kafka_metadata_destroy(md);
	return r;
}

/*
 * Ask for an offset of each partition that `of` wants: what = RD_KAFKA_OFFSET_BEGINNING,
 * _END, or a time in ms, for the first record then or later; -1 in into(p) if none.
 */
static int
ask(struct mr_kcons *c, int64_t what, bool assigned, size_t into, struct mr_err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)c->nparts);
	rd_kafka_resp_err_t e = RD_KAFKA_RESP_ERR_NO_ERROR;
	int r = 1;

	for (size_t i = 0; i < c->nparts; i++)
		if (!assigned || c->part[i].assigned)
			rd_kafka_topic_partition_list_add(list, c->part[i].topic, c->part[i].id)
			    ->offset = what;
	if (list->cnt > 0)
		e = rd_kafka_offsets_for_times(c->rk, list, ASK_MS);
	for (int i = 0; !e && i < list->cnt; i++) {
		struct mr_kpart *p = find(c, list->elems[i].topic, list->elems[i].partition);

		if (list->elems[i].err) {
			e = list->elems[i].err;
			break;
		}
		memcpy((char *)p + into, &list->elems[i].offset, sizeof(int64_t));
	}
	rd_kafka_topic_partition_list_destroy(list);
	switch (e) {
	case RD_KAFKA_RESP_ERR_NO_ERROR: break;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
		r = mr_kafka_error(err, e, NULL, "cannot ask for offsets");
		break;
	default:
		rd_kafka_poll(c->rk, 0);
		mr_klink_failed(&c->link, rd_kafka_err2str(e));
		r = 0;
	}
	return r;
}

/* low, high, and for a start or end by time what that is; 1, 0 not yet, -1. */
static int
ask_bounds(struct mr_kcons *c, bool assigned, struct mr_err *err)
{
	int r = ask(c, RD_KAFKA_OFFSET_BEGINNING, assigned, offsetof(struct mr_kpart, low), err);

	return r > 0 ? ask(c, RD_KAFKA_OFFSET_END, assigned, offsetof(struct mr_kpart, high), err) :
		       r;
}

/* The bound of e@TIME: a time that has come ends where it began, one to come when it comes. */
static int
pin_ends(struct mr_kcons *c, struct mr_err *err)
{
	const struct mr_koffset *o = &c->read->offset;
	struct timespec t;
	int r = 1;

	clock_gettime(CLOCK_REALTIME, &t);
	bool past = o->bounded && o->until_ms <= (int64_t)t.tv_sec * 1000;

	if (past)
		r = ask(c, o->until_ms, false, offsetof(struct mr_kpart, end), err);
	for (size_t i = 0; r > 0 && i < c->nparts; i++) {
		struct mr_kpart *p = &c->part[i];

		if (!past)
			p->end = -1;
		if (p->end < 0 && (past || c->read->to_end))
			p->end = p->high;
	}
	return r;
}

/* Where a partition without a committed offset begins. */
static int
begin_at(struct mr_kcons *c, struct mr_kpart *p, struct mr_err *err)
{
	const struct mr_koffset *o = &c->read->offset;

	switch (o->whence) {
	case MR_K_END: p->next = p->high; break;
	case MR_K_TAIL: p->next = p->high - o->n > p->low ? p->high - o->n : p->low; break;
	case MR_K_SINCE: p->next = p->next < 0 ? p->high : p->next; break; /* asked for */
	case MR_K_AT:
		if (o->n < p->low || o->n > p->high)
			return mr_err_set(err, MR_EX_WORLD,
			    "%s: the broker has offsets %lld to %lld, not %lld: check -o", p->where,
			    (long long)p->low, (long long)p->high, (long long)o->n);
		p->next = o->n;
		break;
	default: p->next = p->low;
	}
	return 0;
}

static void
open_queue(struct mr_kcons *c, struct mr_kpart *p)
{
	if (!p->queue)
		p->queue = rd_kafka_queue_get_partition(c->rk, p->topic, p->id);
	rd_kafka_queue_forward(p->queue, NULL);
	rd_kafka_queue_io_event_enable(p->queue, c->wake_fds[1], "", 1);
}

/* Give a partition out for reading from p->next. */
static void
give(struct mr_kcons *c, struct mr_kpart *p)
{
	mr_kcons_drop(p);
	p->assigned = true;
	p->at_eof = p->stalled = p->paused = false;
	p->wait_ms = 0;
	p->done = p->end >= 0 && p->next >= p->end;
	open_queue(c, p);
}

static int
start_part(struct mr_kcons *c, struct mr_kpart *p, struct mr_err *err)
{
	if (begin_at(c, p, err) < 0)
		return -1;
	give(c, p);
	if (c->link.conf->verbose)
		mr_say("%s: from %lld of %lld to %lld", p->where, (long long)p->next,
		    (long long)p->low, (long long)p->high);
	if (p->done)
		return 0;
	p->started = rd_kafka_topic_new(c->rk, p->topic, NULL);
	if (!p->started || rd_kafka_consume_start(p->started, p->id, p->next) < 0)
		return mr_kafka_error(err, rd_kafka_last_error(), NULL, "%s", p->where);
	return 0;
}

static int
start_all(struct mr_kcons *c, struct mr_err *err)
{
	int r = 1;

	if (c->read->offset.whence == MR_K_SINCE)
		r = ask(c, c->read->offset.n, false, offsetof(struct mr_kpart, next), err);
	for (size_t i = 0; r > 0 && i < c->nparts; i++)
		if (start_part(c, &c->part[i], err) < 0)
			r = -1;
	if (r > 0 && c->changed)
		c->changed(c->self);
	return r;
}

static int
subscribe(struct mr_kcons *c, struct mr_err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t e;

	for (size_t i = 0; i < c->read->ntopics; i++)
		rd_kafka_topic_partition_list_add(list, c->read->topics[i], RD_KAFKA_PARTITION_UA);
	e = rd_kafka_subscribe(c->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return e ? mr_kafka_error(err, e, NULL, "cannot join the group '%s'", c->read->group) : 1;
}

/* Where the group stopped, or where it begins. */
static int
resume(struct mr_kcons *c, struct mr_kpart *p, int64_t committed, struct mr_err *err)
{
	p->committed = committed;
	if (committed < 0)
		return begin_at(c, p, err);
	p->next = committed;
	if (committed >= p->low && committed <= p->high)
		return 0;
	mr_say("%s: the group's offset %lld is gone, the broker has %lld to %lld: going on at %lld",
	    p->where, (long long)committed, (long long)p->low, (long long)p->high,
	    (long long)p->low);
	p->next = p->low;
	return 0;
}

static int
take_partitions(struct mr_kcons *c, rd_kafka_topic_partition_list_t *list, struct mr_err *err)
{
	rd_kafka_resp_err_t e = list->cnt ? rd_kafka_committed(c->rk, list, ASK_MS) : 0;
	int r = 1;

	if (e)
		return mr_kafka_error(err, e, NULL, "cannot read the offsets of the group '%s'",
		    c->read->group);
	for (int i = 0; i < list->cnt; i++)
		add(c, list->elems[i].topic, list->elems[i].partition)->assigned = true;
	if (c->read->offset.whence == MR_K_SINCE)
		r = ask(c, c->read->offset.n, true, offsetof(struct mr_kpart, next), err);
	if (r > 0)
		r = ask_bounds(c, true, err);
	if (r == 0)
		return mr_err_set(err, MR_EX_WORLD, "no answer about offsets: %s", c->link.last);
	for (int i = 0; i < list->cnt && r > 0; i++) {
		struct mr_kpart *p = find(c, list->elems[i].topic, list->elems[i].partition);

		if (resume(c, p, list->elems[i].offset, err) < 0)
			return -1;
		give(c, p);
		list->elems[i].offset = p->next;
		if (c->link.conf->verbose)
			mr_say("%s: ours, from %lld", p->where, (long long)p->next);
	}
	return r;
}

static void
leave_partitions(struct mr_kcons *c, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++) {
		struct mr_kpart *p = find(c, list->elems[i].topic, list->elems[i].partition);

		if (!p)
			continue;
		mr_kcons_drop(p);
		p->assigned = false;
		if (c->link.conf->verbose)
			mr_say("%s: given back at %lld", p->where, (long long)p->next);
	}
}

/* Runs inside mr_kcons_serve(), or mr_kcons_close(). */
static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
    void *opaque)
{
	struct mr_kcons *c = opaque;
	bool part = strcmp(rd_kafka_rebalance_protocol(rk), "COOPERATIVE") == 0;
	bool taken = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
	rd_kafka_error_t *e = NULL;

	if (taken && c->failed.status == MR_EX_OK && take_partitions(c, list, &c->failed) < 0)
		taken = false;
	if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
		if (!rd_kafka_assignment_lost(rk) && c->settle && c->failed.status == MR_EX_OK &&
		    c->settle(c->self, &c->failed) == 0)
			mr_kcons_commit(c, false, &c->failed);
		leave_partitions(c, list);
		c->joined = part; /* without the incremental protocol nothing is left */
	}
	if (part && taken)
		e = rd_kafka_incremental_assign(rk, list);
	else if (part && code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
		e = rd_kafka_incremental_unassign(rk, list);
	else
		rd_kafka_assign(rk, taken ? list : NULL);
	if (e)
		rd_kafka_error_destroy(e);
	if (taken) {
		c->joined = true;
		if (c->changed)
			c->changed(c->self);
	}
}

/* Errors of partitions that do not pass by themselves. */
static bool
is_final(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
	case RD_KAFKA_RESP_ERR__BAD_MSG: return true;
	default: return false;
	}
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct mr_kcons *c = opaque;

	mr_klink_error(&c->link, rk, code, reason);
	if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
		c->gone = true;
		code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	}
	if (c->stage == 2 && is_final((rd_kafka_resp_err_t)code) && c->failed.status == MR_EX_OK)
		mr_kafka_error(&c->failed, (rd_kafka_resp_err_t)code, reason, "cannot read on");
}

/* May the fetcher be woken by setting the credentials: SASL without them has other owners. */
static bool
may_wake(const struct mr_kconf *conf)
{
	char protocol[64], mechanism[64];

	mr_kconf_get(conf, "security.protocol", protocol, sizeof protocol);
	mr_kconf_get(conf, "sasl.mechanisms", mechanism, sizeof mechanism);
	return !strstr(protocol, "sasl") || strncmp(mechanism, "PLAIN", 5) == 0 ||
	    strncmp(mechanism, "SCRAM", 5) == 0;
}

/* Both ends without blocking: a full pipe wakes as well as one more byte would. */
static int
open_pipe(int fds[2])
{
	if (pipe(fds) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

static void
close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

int
mr_kcons_open(struct mr_kcons *c, struct mr_kconf *conf, const struct mr_kread *read,
    struct mr_err *err)
{
	char why[512];

	c->read = read;
	if (open_pipe(c->wake_fds) < 0)
		return mr_err_sys(err, "cannot make a pipe");
	c->wake = !mr_kconf_try(conf, "fetch.queue.backoff.ms", "5") && may_wake(conf);
	mr_kconf_get(conf, "sasl.username", c->user, sizeof c->user);
	mr_kconf_get(conf, "sasl.password", c->password, sizeof c->password);
	mr_klink_init(&c->link, conf, c, on_error);
	if (read->group)
		rd_kafka_conf_set_rebalance_cb(conf->rd, on_rebalance);
	c->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf->rd, why, sizeof why);
	if (!c->rk) {
		close_pipe(c->wake_fds);
		return mr_err_set(err, MR_EX_USAGE, "cannot make a consumer: %s", why);
	}
	conf->rd = NULL;
	if (read->group)
		rd_kafka_poll_set_consumer(c->rk);
	c->queue = read->group ? rd_kafka_queue_get_consumer(c->rk) :
				 rd_kafka_queue_get_main(c->rk);
	rd_kafka_queue_io_event_enable(c->queue, c->wake_fds[1], "", 1);
	return 0;
}

int
mr_kcons_start(struct mr_kcons *c, int wait_ms, struct mr_err *err)
{
	int r = 1;

	c->now_ms = mr_clock_ms();
	if (mr_klink_check(&c->link, c->rk, wait_ms, err) < 0)
		return -1;
	if (c->stage == 0) {
		for (size_t i = 0; r > 0 && i < c->read->ntopics; i++)
			r = find_topic(c, c->read->topics[i], wait_ms, err);
		if (r <= 0)
			return r;
		c->stage = 1;
	}
	if ((r = ask_bounds(c, false, err)) <= 0 || (r = pin_ends(c, err)) <= 0)
		return r;
	r = c->read->group ? subscribe(c, err) : start_all(c, err);
	if (r > 0)
		c->stage = 2;
	return r;
}

int
mr_kcons_event(struct mr_kcons *c, const struct mr_kpart *p, const rd_kafka_message_t *m,
    struct mr_err *err)
{
	const char *why = rd_kafka_message_errstr(m);

	if (is_final(m->err))
		return mr_kafka_error(err, m->err, why, "%s", p ? p->where : "cannot read on");
	if (m->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
		mr_say("left the group: the pipeline took longer than max.poll.interval.ms");
	else if (c->link.conf->verbose)
		mr_say("%s: %s", p ? p->where : "consumer", why);
	return 0;
}

int
mr_kcons_serve(struct mr_kcons *c, int wait_ms, struct mr_err *err)
{
	rd_kafka_message_t *m;
	int r = 0;

	c->now_ms = mr_clock_ms();
	if (!c->read->group)
		rd_kafka_poll(c->rk, 0);
	while (r == 0 && c->read->group && (m = rd_kafka_consumer_poll(c->rk, 0))) {
		if (m->err)
			r = mr_kcons_event(c, NULL, m, err);
		rd_kafka_message_destroy(m);
	}
	if (r == 0 && c->failed.status != MR_EX_OK) {
		*err = c->failed;
		r = -1;
	}
	return r < 0 ? -1 : mr_klink_check(&c->link, c->rk, wait_ms, err);
}

/* rd_kafka_commit() would wait for a coordinator that is away as long as a session lasts. */
static rd_kafka_resp_err_t
commit_now(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list)
{
	rd_kafka_queue_t *answers = rd_kafka_queue_new(rk);
	rd_kafka_resp_err_t e = rd_kafka_commit_queue(rk, list, answers, NULL, NULL);
	rd_kafka_event_t *event = NULL;

	if (!e && !(event = rd_kafka_queue_poll(answers, COMMIT_MS)))
		e = RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (event) {
		e = rd_kafka_event_error(event);
		rd_kafka_event_destroy(event);
	}
	rd_kafka_queue_destroy(answers);
	return e;
}

int
mr_kcons_commit(struct mr_kcons *c, bool async, struct mr_err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)c->nparts);
	rd_kafka_resp_err_t e = RD_KAFKA_RESP_ERR_NO_ERROR;

	for (size_t i = 0; i < c->nparts; i++) {
		struct mr_kpart *p = &c->part[i];

		if (!p->assigned || p->next <= p->committed)
			continue;
		rd_kafka_topic_partition_list_add(list, p->topic, p->id)->offset = p->next;
		p->committed = p->next;
	}
	if (list->cnt > 0)
		e = async ? rd_kafka_commit(c->rk, list, 1) : commit_now(c->rk, list);
	c->unanswered |= e == RD_KAFKA_RESP_ERR__TIMED_OUT;
	rd_kafka_topic_partition_list_destroy(list);
	if (e && e != RD_KAFKA_RESP_ERR__NO_OFFSET)
		return mr_kafka_error(err, e, NULL, "cannot commit the offsets of the group '%s'",
		    c->read->group);
	return 0;
}

void
mr_kcons_close(struct mr_kcons *c)
{
	c->settle = NULL; /* what was to be committed has been */
	c->changed = NULL;
	for (size_t i = 0; i < c->nparts; i++) {
		struct mr_kpart *p = &c->part[i];

		mr_kcons_drop(p);
		if (p->started)
			rd_kafka_consume_stop(p->started, p->id);
		if (p->queue)
			rd_kafka_queue_destroy(p->queue);
		p->queue = NULL;
		if (p->started)
			rd_kafka_topic_destroy(p->started);
	}
	rd_kafka_queue_destroy(c->queue);
	if (c->read->group && !c->unanswered)
		rd_kafka_consumer_close(c->rk);
	/*
	 * librdkafka 2.0 waits for ever for the thread of a partition that was deleted, and as
	 * long as a session lasts for a coordinator that is away: both are left to the process's end.
	 */
	if (!c->gone && !c->unanswered)
		rd_kafka_destroy(c->rk);
	for (size_t i = 0; i < c->nparts; i++) {
		free(c->part[i].topic);
		free(c->part[i].where);
		free(c->part[i].held);
	}
	free(c->part);
	close_pipe(c->wake_fds);
	*c = (struct mr_kcons){.wake_fds = {-1, -1}};
}
