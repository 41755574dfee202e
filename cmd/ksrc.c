/*
 * ksrc - Kafka topics as lines.
 *
 * The letters are kcat's.  What reading means is in lib/kafka; here are the
 * options.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "kafka/mock.h"
#include "kafka/source.h"
#include "stream/tool.h"
#include "time/duration.h"

static const char help[] =
    "usage: ksrc [option ...] topic ...\n"
    "       ksrc -M N\n"
    "Read Kafka topics, a record a line.\n"
    "\n"
    "  -c, --count N            end after N lines\n"
    "  -e, --exit               end where the partitions end now\n"
    "      --every D            write a watermark when it has advanced by D (default 1s)\n"
    "  -G, --group NAME         share the topics with the group; its offsets are committed\n"
    "      --idle D             a partition silent for D holds no watermark back (default 60s)\n"
    "  -J, --envelope           write kcat's JSON envelope: key, headers, offset, payload\n"
    "  -K, --key-delim TEXT     write the key and TEXT before the value\n"
    "      --lag D              how late an event may come (default 15s)\n"
    "  -M, --mock N             serve a mock cluster of N brokers, print its address\n"
    "      --max-ahead D        an event D past the clock is a bad record (default 1h)\n"
    "  -o, --offset WHERE       begin at: beginning, end, stored, N, -N (before the end),\n"
    "                           s@TIME; end before e@TIME (default beginning)\n"
    "  -p, --partition N        this partition alone\n"
    "      --progress           counts on standard error each second\n"
    "  -t, --topic NAME         a topic, like an operand\n"
    "      --time PATH          where the time of an event is: write watermarks\n"
    "      --time-unit s|ms|us|ns\n"
    "                           the unit of epoch numbers (default by magnitude)\n"
    "  -u, --unbuffered         has no effect: nothing is ever held back\n" MR_KCONF_HELP
	MR_TOOL_HELP;

enum { OPT_EVERY = 256, OPT_IDLE, OPT_LAG, OPT_AHEAD, OPT_PROGRESS, OPT_TIME, OPT_UNIT };

static const struct option longs[] = {
    {"count", required_argument, NULL, 'c'},
    {"envelope", no_argument, NULL, 'J'},
    {"every", required_argument, NULL, OPT_EVERY},
    {"exit", no_argument, NULL, 'e'},
    {"group", required_argument, NULL, 'G'},
    {"idle", required_argument, NULL, OPT_IDLE},
    {"key-delim", required_argument, NULL, 'K'},
    {"lag", required_argument, NULL, OPT_LAG},
    {"max-ahead", required_argument, NULL, OPT_AHEAD},
    {"mock", required_argument, NULL, 'M'},
    {"offset", required_argument, NULL, 'o'},
    {"partition", required_argument, NULL, 'p'},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"time", required_argument, NULL, OPT_TIME},
    {"time-unit", required_argument, NULL, OPT_UNIT},
    {"topic", required_argument, NULL, 't'},
    {"unbuffered", no_argument, NULL, 'u'},
    MR_KCONF_LONGS,
    {NULL, 0, NULL, 0},
};

static void
add_topic(struct mr_ksrc *k, const char *name)
{
	for (size_t i = 0; i < k->ntopics; i++)
		if (strcmp(k->topics[i], name) == 0)
			return;
	k->topics = mr_xrealloc(k->topics, (k->ntopics + 1) * sizeof *k->topics);
	k->topics[k->ntopics++] = name;
}

static int
take_number(const char *what, const char *arg, int64_t max, int64_t *n, struct mr_err *err)
{
	return mr_int_parse(what, arg, 0, max, n, err);
}

static int
take_duration(struct mr_ksrc *k, const char *what, const char *arg, int64_t *ms, struct mr_err *err)
{
	k->needs_time = what;
	return mr_duration_parse(arg, ms, err) < 0 ? mr_err_prefix(err, "%s", what) : 0;
}

static int
take(struct mr_ksrc *k, int c, const char *arg, int64_t *brokers, struct mr_err *err)
{
	int64_t n = 0;
	int r = mr_kconf_take(&k->conf, c, arg, err);

	if (r != 0)
		return r;
	switch (c) {
	case 'c': return take_number("-c", arg, INT64_MAX, &k->count, err);
	case 'e': k->to_end = true; return 0;
	case 'G': k->group = arg; return 0;
	case 'J': k->envelope = true; return 0;
	case 'K':
		free(k->key_delim);
		k->key_delim = mr_kdelim_parse(arg);
		return 0;
	case 'M': return mr_int_parse("-M", arg, 1, 100, brokers, err);
	case 'o': return mr_koffset_parse(&k->offset, arg, (int64_t)time(NULL) * 1000, err);
	case 'p':
		r = take_number("-p", arg, INT32_MAX, &n, err);
		k->partition = (int32_t)n;
		return r;
	case 't': add_topic(k, arg); return 0;
	case OPT_EVERY: return take_duration(k, "--every", arg, &k->every_ms, err);
	case OPT_IDLE: return take_duration(k, "--idle", arg, &k->idle_ms, err);
	case OPT_LAG: return take_duration(k, "--lag", arg, &k->lag_ms, err);
	case OPT_AHEAD: return take_duration(k, "--max-ahead", arg, &k->ahead_ms, err);
	case OPT_TIME: k->time = arg; return 0;
	case OPT_UNIT: return mr_unit_parse(arg, &k->unit, err);
	default: return 0; /* -u */
	}
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct mr_ksrc *k = mr_stage_self(stage, sizeof *k);
	struct mr_opt opt;
	int64_t brokers = 0;
	char **topics;
	size_t n;
	int c;

	mr_ksrc_init(k);
	stage->release = mr_ksrc_release;
	mr_tool_opt(&opt, argc, argv, help, MR_KCONF_LETTERS "c:eG:JK:M:o:p:t:u", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if (c == OPT_PROGRESS)
			stage->progress = true;
		else if (take(k, c, opt.arg, &brokers, err) < 0)
			break;
	topics = mr_opt_operands(&opt, &n);
	for (size_t i = 0; c == 0 && i < n; i++)
		add_topic(k, topics[i]);
	mr_opt_release(&opt);
	if (c != 0)
		return -1;
	if (brokers > 0) {
		mr_ksrc_release(k);
		free(k);
		return mr_kmock_stage(stage, (int)brokers, err);
	}
	return mr_ksrc_stage(k, stage, err);
}

MR_TOOL_MAIN(ksrc, setup, help)
