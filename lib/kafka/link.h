/*
 * What is known of the connection to the cluster, and what is said of it.
 *
 * librdkafka reconnects by itself, for ever; here is counted for how long no
 * broker has answered, and the last error kept for the day we give up.
 * Everything runs in the thread that polls the client.
 */
#ifndef MR_KAFKA_LINK_H
#define MR_KAFKA_LINK_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kafka/conf.h"

struct mr_klink {
	const struct mr_kconf *conf;
	char brokers[256]; /* bootstrap.servers */
	bool was_up;       /* some broker has answered once */
	bool said;         /* that they are down */
	int64_t down_ms;   /* clock when the last one went; 0: some are up */
	int64_t probe_ms;
	rd_kafka_resp_err_t code; /* the last trouble */
	char last[400];
	bool refused;    /* by the cluster: waiting does not help */
	char fatal[400]; /* the client is unusable */
};

/* Before the client is made: its error callback; the client's opaque is `opaque`. */
void mr_klink_init(struct mr_klink *, struct mr_kconf *, void *opaque,
    void (*error_cb)(rd_kafka_t *, int, const char *, void *));

void mr_klink_error(struct mr_klink *, rd_kafka_t *, int code,
    const char *reason);                                     /* from error_cb */
void mr_klink_failed(struct mr_klink *, const char *reason); /* a request had no answer */
void mr_klink_up(struct mr_klink *);                         /* an answer came in */

/*
 * Time passes.  Probes when all brokers are down, blocking for up to wait_ms; 0: does not probe.
 * Return: 0, or -1 err set, MR_EX_WORLD: given up.
 */
int mr_klink_check(struct mr_klink *, rd_kafka_t *, int wait_ms, struct mr_err *err);

/* Set err to `WHAT: why: the property to change`; why may be NULL.  MR_EX_WORLD. */
int mr_kafka_error(struct mr_err *err, rd_kafka_resp_err_t code, const char *why, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

#endif
