/*
 * A Kafka cluster inside the process, for tests and demonstrations:
 * librdkafka's mock.  It keeps a few MB per partition, makes each topic that is
 * asked for with four partitions, and knows no offsets by time.
 */
#ifndef MR_KAFKA_MOCK_H
#define MR_KAFKA_MOCK_H

#include "stream/stage.h"

/* Make the stage one that prints the address of `brokers` brokers and serves until a signal. */
int mr_kmock_stage(struct mr_stage *, int brokers, struct mr_err *err);

#endif
