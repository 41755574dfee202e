/*
 * What ksink does: lines to Kafka records.
 *
 * Fill in the options, mr_ksink_stage(), and the stage is a sink.  An EXPR
 * is a path (it begins with a dot), a JSON string, or else a text as it
 * stands, as kcat's -k and -H have it.
 */
#ifndef MR_KAFKA_SINK_H
#define MR_KAFKA_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kafka/conf.h"
#include "stream/stage.h"
#include "time/stamp.h"

struct mr_kout;

struct mr_ksink {
	struct mr_kconf conf;
	const char *topic; /* NULL: of the envelope */
	int32_t partition;
	bool partition_set;   /* else of the envelope, or the key chooses */
	const char *key;      /* EXPR or NULL */
	const char **headers; /* NAME=EXPR; freed by mr_ksink_release() */
	size_t nheaders;
	char *key_delim;  /* NULL: the whole line is the value */
	const char *time; /* PATH or NULL: when it is sent */
	enum mr_unit unit;
	bool envelope;   /* lines are envelopes */
	bool null_empty; /* an empty value, an empty key is null */
	const char *codec;
	struct mr_kout *out;
};

void mr_ksink_init(struct mr_ksink *);

/* Check the options, make the client, set the callbacks.  MR_EX_USAGE. */
int mr_ksink_stage(struct mr_ksink *, struct mr_stage *, struct mr_err *err);

void mr_ksink_release(void *ksink); /* a stage's release */

#endif
