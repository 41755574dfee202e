/*
 * How to reach a Kafka cluster: kcat's options and files, as a librdkafka
 * configuration.
 *
 * A property is settled by, the later winning: the tool's defaults, $KCAT_CONFIG or
 * ~/.config/kcat.conf (-F instead of them), $KAFKA_BROKERS, -X in their order, -b.
 */
#ifndef MR_KAFKA_CONF_H
#define MR_KAFKA_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct rd_kafka_conf_s;

struct mr_kconf {
	struct rd_kafka_conf_s *rd;
	const char **files, **sets; /* -F and -X as given, until mr_kconf_finish() */
	size_t nfiles, nsets;
	const char *brokers; /* -b */
	const char *debug;   /* -d */
	int verbose;         /* -v, as often as given */
	bool quiet;          /* -q */
	int64_t retry_ms;    /* --retry-for; -1: for ever */
};

/* The letters of mr_kconf_take(), for getopt. */
#define MR_KCONF_LETTERS "b:d:F:qvX:"
#define MR_KCONF_RETRY 900 /* the value of the long option --retry-for */

/* The long names of them all, for a table of getopt_long. */
/* clang-format off */
#define MR_KCONF_LONGS \
	{"brokers", required_argument, NULL, 'b'}, \
	{"config", required_argument, NULL, 'F'}, \
	{"debug", required_argument, NULL, 'd'}, \
	{"property", required_argument, NULL, 'X'}, \
	{"quiet", no_argument, NULL, 'q'}, \
	{"retry-for", required_argument, NULL, MR_KCONF_RETRY}, \
	{"verbose", no_argument, NULL, 'v'}
/* clang-format on */

#define MR_KCONF_HELP \
	"  -b, --brokers HOST:PORT,...\n" \
	"                           the cluster (default $KAFKA_BROKERS, else localhost:9092)\n" \
	"  -d, --debug LIST         what librdkafka tells of itself: all, broker, topic, ...\n" \
	"  -F, --config FILE        properties, a line each (default $KCAT_CONFIG,\n" \
	"                           else ~/.config/kcat.conf)\n" \
	"  -q, --quiet              no messages but errors\n" \
	"      --retry-for D|inf    give up when no broker answers for so long (default 5m)\n" \
	"  -v, --verbose            say more\n" \
	"  -X, --property NAME=VALUE\n" \
	"                           a property of librdkafka; a secret as NAME=@FILE or\n" \
	"                           NAME=env:VARIABLE\n"

void mr_kconf_init(struct mr_kconf *);
void mr_kconf_release(struct mr_kconf *);

/* Take one of its options.  Return: 1 taken, 0 not one of these, -1 err set, MR_EX_USAGE. */
int mr_kconf_take(struct mr_kconf *, int c, const char *arg, struct mr_err *err);

/* The delimiter of -K with kcat's \\n, \\r, \\t and \\xNN in it decoded; free() it. */
char *mr_kdelim_parse(const char *arg);

/* A default of the tool: it must be a property librdkafka knows. */
int mr_kconf_default(struct mr_kconf *, const char *name, const char *value, struct mr_err *err);

/* A property that a newer librdkafka has: true if it took it. */
bool mr_kconf_try(struct mr_kconf *, const char *name, const char *value);

/* Read the files and apply the options.  MR_EX_USAGE: unknown property, bad value, bad file. */
int mr_kconf_finish(struct mr_kconf *, struct mr_err *err);

/* A property as it is now; room is filled with "" where there is none. */
const char *mr_kconf_get(const struct mr_kconf *, const char *name, char *room, size_t size);

#endif
