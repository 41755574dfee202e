/*
 * What ksrc does: Kafka records to lines.
 *
 * Fill in the options, mr_ksrc_stage(), and the stage is a source.
 */
#ifndef MR_KAFKA_SOURCE_H
#define MR_KAFKA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "kafka/conf.h"
#include "kafka/offset.h"
#include "stream/stage.h"
#include "time/stamp.h"

struct mr_kin;

struct mr_ksrc {
	struct mr_kconf conf;
	const char **topics; /* freed by mr_ksrc_release() */
	size_t ntopics;
	int32_t partition; /* -1: all */
	struct mr_koffset offset;
	bool to_end;   /* end where the topics end now */
	int64_t count; /* end after so many lines; -1: no */
	const char *group;
	char *key_delim; /* decoded, ours to free; NULL: values alone */
	bool envelope;
	const char *time;       /* NULL: no watermarks */
	const char *needs_time; /* an option that was given and means nothing without it */
	enum mr_unit unit;
	int64_t lag_ms, idle_ms, ahead_ms, every_ms;
	struct mr_kin *in;
};

void mr_ksrc_init(struct mr_ksrc *); /* the defaults */

/* Check the options, make the client, set the callbacks.  MR_EX_USAGE. */
int mr_ksrc_stage(struct mr_ksrc *, struct mr_stage *, struct mr_err *err);

void mr_ksrc_release(void *ksrc); /* a stage's release */

#endif
