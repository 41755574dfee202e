/*
 * order - which partition to read from next.
 *
 * Room and who tells of it: librdkafka 2.0 and 2.1 look whether a queue has
 * room for another fetch when something wakes the thread of the broker, and
 * reading from the queue is not among that; with every queue full it sleeps
 * for a second.  Queues as small as ours would make that one queue's worth a
 * second.  Setting credentials (to what they are) is the one call of the
 * interface that wakes all brokers' threads.  From 2.2 on
 * fetch.queue.backoff.ms does it properly.
 *
 * Who is fetched: a broker has one fetch of ours at a time, and one that asks
 * for caught-up partitions alone, because the others' queues are full, waits
 * for fetch.wait.max.ms and keeps those waiting, too.  So while some partition is
 * far behind, the caught-up ones are paused; each second they have a look.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "kafka/consumer.h"
#include "stream/stage.h" /* the clock */
#include "time/stamp.h"

#define SLACK_MS 1000   /* event time one partition may be ahead of the furthest behind */
#define STALL_MS 2000   /* how long a broker may keep its partition's promise */
#define FAR_BEHIND 5000 /* records */
#define PAUSE_MS 1000
#define TOLD_BYTES ((size_t)128 << 10) /* less than what the queues are full with */
#define TOLD_RECORDS 1000

static void
tell_of_room(struct mr_kcons *c)
{
	rd_kafka_error_t *e;

	if (!c->wake || (c->taken_bytes < TOLD_BYTES && c->taken < TOLD_RECORDS))
		return;
	c->taken = c->taken_bytes = 0;
	if ((e = rd_kafka_sasl_set_credentials(c->rk, c->user, c->password)))
		rd_kafka_error_destroy(e);
}

void
mr_kcons_pause(struct mr_kcons *c, struct mr_kpart *p, bool pause)
{
	rd_kafka_topic_partition_list_t *list;

	if (p->paused == pause)
		return;
	p->paused = pause;
	p->paused_ms = c->now_ms;
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, p->topic, p->id);
	if (pause)
		rd_kafka_pause_partitions(c->rk, list);
	else
		rd_kafka_resume_partitions(c->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
}

/* True if all the broker is known to have of it is here. */
static bool
all_here(const struct mr_kpart *p)
{
	return p->at == p->n ? p->at_eof : p->held[p->n - 1]->offset + 1 >= p->high;
}

/* Pause the partitions the broker has nothing more for, or go on with them. */
static void
pause_idle(struct mr_kcons *c, bool far_behind)
{
	for (size_t i = 0; i < c->nparts; i++) {
		struct mr_kpart *p = &c->part[i];

		if (!p->assigned || p->done)
			continue;
		if (p->paused && (!far_behind || c->now_ms - p->paused_ms >= PAUSE_MS))
			mr_kcons_pause(c, p, false);
		else if (far_behind && !p->paused && all_here(p))
			mr_kcons_pause(c, p, true);
	}
}

/* Take what has come for a partition. */
static void
refill(struct mr_kcons *c, struct mr_kpart *p)
{
	ssize_t n;

	if (!p->held)
		p->held = mr_xmalloc(MR_KBATCH * sizeof *p->held);
	p->at = p->n = 0;
	n = rd_kafka_consume_batch_queue(p->queue, 0, p->held, MR_KBATCH);
	if (n <= 0)
		return;
	p->n = (size_t)n;
	p->at_eof = p->stalled = false;
	p->wait_ms = 0;
	c->taken += p->n;
	for (size_t i = 0; i < p->n; i++)
		c->taken_bytes += p->held[i]->len + p->held[i]->key_len;
	tell_of_room(c);
	mr_klink_up(&c->link);
}

/* True if the broker has records of it that are on their way. */
static bool
expected(struct mr_kcons *c, struct mr_kpart *p)
{
	int64_t low, high;

	if (p->at_eof || p->stalled)
		return false;
	if (p->next >= p->high &&
	    rd_kafka_get_watermark_offsets(c->rk, p->topic, p->id, &low, &high) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    high > p->high)
		p->high = high;
	if (p->next >= p->high)
		return false;
	if (!p->wait_ms)
		p->wait_ms = c->now_ms;
	if (c->now_ms - p->wait_ms >= STALL_MS) {
		p->stalled = true;
		if (c->link.conf->verbose)
			mr_say("%s: does not answer: reading on without it", p->where);
		return false;
	}
	return true;
}

/* How far a partition has come, or will have with its next record as far as that can be told. */
int64_t
mr_kcons_time(const struct mr_kcons *c, const struct mr_kpart *p)
{
	int64_t ts = -1;

	if (c->read->by_stamp && p->at < p->n && !p->held[p->at]->err)
		ts = rd_kafka_message_timestamp(p->held[p->at], NULL);
	return ts > p->time ? ts : p->time;
}

struct mr_kpart *
mr_kcons_next(struct mr_kcons *c, int64_t *limit)
{
	struct mr_kpart *best = NULL;
	int64_t first = MR_TIME_MAX, second = MR_TIME_MAX, t, slack;
	bool idle = false, far_behind = false;

	for (size_t i = 0; i < c->nparts; i++) {
		struct mr_kpart *p = &c->part[i];

		if (!p->assigned || p->done)
			continue;
		if (p->at == p->n && !p->paused)
			refill(c, p);
		if (p->at == p->n && (p->paused || !expected(c, p))) {
			idle = true;
			continue;
		}
		idle = idle || all_here(p);
		far_behind = far_behind || p->high - p->next >= FAR_BEHIND;
		t = mr_kcons_time(c, p);
		if (!best || t < first) {
			second = best ? first : second;
			first = t;
			best = p;
		} else if (t < second) {
			second = t;
		}
	}
	if (idle)
		pause_idle(c, far_behind);
	if (!best || best->at == best->n)
		return NULL;
	slack = c->read->by_stamp ? 0 : SLACK_MS;
	*limit = second > MR_TIME_MAX - slack ? MR_TIME_MAX : second + slack;
	return best;
}

void
mr_kcons_wait(struct mr_kcons *c, int wait_ms)
{
	struct pollfd p = {c->wake_fds[0], POLLIN, 0};
	char drain[256];

	if (poll(&p, 1, wait_ms) > 0)
		while (read(p.fd, drain, sizeof drain) == (ssize_t)sizeof drain)
			;
}

void
mr_kcons_drop(struct mr_kpart *p)
{
	while (p->at < p->n)
		rd_kafka_message_destroy(p->held[p->at++]);
	p->at = p->n = 0;
}

bool
mr_kcons_done(const struct mr_kcons *c)
{
	if (c->stage < 2 || !(c->read->to_end || c->read->offset.bounded))
		return false;
	if (c->read->group && !c->joined)
		return false;
	for (size_t i = 0; i < c->nparts; i++)
		if (c->part[i].assigned && !c->part[i].done)
			return false;
	return true;
}

int64_t
mr_kcons_lag(const struct mr_kcons *c)
{
	int64_t lag = 0;

	for (size_t i = 0; i < c->nparts; i++) {
		const struct mr_kpart *p = &c->part[i];
		int64_t end = p->end >= 0 ? p->end : p->high;

		if (p->assigned && !p->done && !p->at_eof && end > p->next)
			lag += end - p->next;
	}
	return lag;
}
