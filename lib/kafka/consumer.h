/*
 * The partitions of some topics, read in the order of event time.
 *
 * Each partition has a queue of its own.  mr_kcons_next() picks the partition
 * that is furthest behind; its records are to be read while mr_kcons_time() is at
 * most the limit, a second behind the next partition's.  So the records come
 * out as one ordered partition would give them, give or take a second,
 * however they were loaded; by event time, which is known of a record once
 * it is read, give or take one record more.  A partition that the broker has nothing more
 * for, or that does not answer, holds nobody up.
 *
 * Its holder reads held[at], does p->at++, keeps p->next (the offset behind
 * what has been handed on) and p->time, and destroys the message.
 */
#ifndef MR_KAFKA_CONSUMER_H
#define MR_KAFKA_CONSUMER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kafka/conf.h"
#include "kafka/link.h"
#include "kafka/offset.h"

#define MR_KBATCH 1024

struct mr_kread { /* what to read */
	const char **topics;
	size_t ntopics;
	int32_t partition; /* -1: all */
	struct mr_koffset offset;
	bool to_end;       /* up to where the partitions end now */
	bool by_stamp;     /* the order is that of Kafka's timestamps */
	const char *group; /* NULL: all partitions are ours, nothing is committed */
};

struct mr_kpart {
	char *topic, *where; /* where: "topic:partition" */
	int32_t id;
	bool assigned, done; /* done: read up to its end */
	bool at_eof;         /* the broker has no more for now */
	bool stalled;        /* not waited for until something comes */
	rd_kafka_queue_t *queue;
	rd_kafka_topic_t *started; /* without a group: what keeps it going */
	rd_kafka_message_t **held; /* held[at..n-1] have come and are not handed on */
	size_t at, n;
	int64_t next;      /* position: the next offset to hand on */
	int64_t low, high; /* what the broker has, as far as is known */
	int64_t end;       /* pinned: the offset to end before; -1: none */
	int64_t committed;
	int64_t time; /* newest time handed on, ms; MR_TIME_MIN: none yet */
	bool paused;  /* not fetched, since paused_ms */
	int64_t paused_ms;
	int64_t wait_ms;   /* waited for since then; 0: not */
	size_t wm;         /* its input of the watermark, a matter of the holder */
	bool has_wm, left; /* left: the group gave it to another */
};

struct mr_kcons {
	rd_kafka_t *rk;
	struct mr_klink link;
	const struct mr_kread *read;
	struct mr_kpart *part;
	size_t nparts;
	rd_kafka_queue_t *queue; /* the consumer's own: errors and rebalances */
	int wake_fds[2];         /* a pipe, readable when some queue is no longer empty */
	int stage;               /* of the start */
	bool unanswered;         /* a commit: closing would wait for the coordinator as well */
	bool joined;             /* assigned at least once */
	bool gone;               /* a partition was deleted while it was read */
	bool wake;               /* the fetcher must be told of room, see order.c */
	char user[256], password[256];
	size_t taken, taken_bytes; /* from the queues since it was told */
	int64_t now_ms, commit_ms;
	struct mr_err failed; /* in a callback */

	/* Before partitions are given away and positions committed: hand on, flush. */
	int (*settle)(void *self, struct mr_err *err);
	void (*changed)(void *self); /* the assignment is another */
	void *self;
};

/* Make the client: takes conf->rd.  MR_EX_USAGE: a combination of properties it refuses. */
int mr_kcons_open(struct mr_kcons *, struct mr_kconf *, const struct mr_kread *,
    struct mr_err *err);

/*
 * Find the topics and where to begin and end, and begin.
 * Return: 1 reading, 0 not yet, -1 err set.
 */
int mr_kcons_start(struct mr_kcons *, int wait_ms, struct mr_err *err);

/* Errors, rebalances, time: call it once in a while.  -1 err set. */
int mr_kcons_serve(struct mr_kcons *, int wait_ms, struct mr_err *err);

struct mr_kpart *mr_kcons_next(struct mr_kcons *, int64_t *limit); /* NULL: nothing now */
int64_t mr_kcons_time(const struct mr_kcons *, const struct mr_kpart *);
void mr_kcons_wait(struct mr_kcons *, int wait_ms); /* until something may have come */
void mr_kcons_drop(struct mr_kpart *);              /* what is held */
void mr_kcons_pause(struct mr_kcons *, struct mr_kpart *, bool pause); /* fetch no more of it */

bool mr_kcons_done(const struct mr_kcons *);   /* each partition has been read to its end */
int64_t mr_kcons_lag(const struct mr_kcons *); /* records the broker has for us */

int mr_kcons_commit(struct mr_kcons *, bool async, struct mr_err *err); /* p->next of each */
void mr_kcons_close(struct mr_kcons *); /* of one that opened: leaves the group, frees all */

/* Set err to what an error event of a partition means; 0 if it passes by itself. */
int mr_kcons_event(struct mr_kcons *, const struct mr_kpart *, const rd_kafka_message_t *,
    struct mr_err *err);

#endif
