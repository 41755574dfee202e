/*
 * ksink - lines into a Kafka topic.
 *
 * The letters are kcat's.  What sending means is in lib/kafka; here are the
 * options.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kafka/sink.h"
#include "stream/tool.h"

static const char help[] =
    "usage: ksink [option ...] topic [file ...]\n"
    "Send lines to a Kafka topic; 0 when each is acknowledged.\n"
    "\n"
    "  -H, --header NAME=EXPR   a header (repeat); EXPR: a path, or a text\n"
    "  -J, --envelope           lines are envelopes of ksrc -J or kcat -J\n"
    "  -K, --key-delim TEXT     a line is a key, TEXT, and the value\n"
    "  -k, --key EXPR           the key: a path, or a text\n"
    "  -p, --partition N        all to this partition; -1: the key chooses\n"
    "  -t, --topic NAME         the topic; all operands are files\n"
    "      --time PATH          where the timestamp of a record is (default: when it is sent)\n"
    "      --time-unit s|ms|us|ns\n"
    "                           the unit of epoch numbers (default by magnitude)\n"
    "  -u, --unbuffered         has no effect: nothing is ever held back\n"
    "  -Z, --null               with -K: an empty value or key is null\n"
    "  -z, --compression CODEC  gzip, snappy, lz4 or zstd\n" MR_KCONF_HELP MR_TOOL_HELP;

enum { OPT_TIME = 256, OPT_UNIT };

static const struct option longs[] = {
    {"compression", required_argument, NULL, 'z'},
    {"envelope", no_argument, NULL, 'J'},
    {"header", required_argument, NULL, 'H'},
    {"key", required_argument, NULL, 'k'},
    {"key-delim", required_argument, NULL, 'K'},
    {"null", no_argument, NULL, 'Z'},
    {"partition", required_argument, NULL, 'p'},
    {"time", required_argument, NULL, OPT_TIME},
    {"time-unit", required_argument, NULL, OPT_UNIT},
    {"topic", required_argument, NULL, 't'},
    {"unbuffered", no_argument, NULL, 'u'},
    MR_KCONF_LONGS,
    {NULL, 0, NULL, 0},
};

static int
take(struct mr_ksink *k, int c, const char *arg, struct mr_err *err)
{
	int64_t n = -1;
	int r = mr_kconf_take(&k->conf, c, arg, err);

	if (r != 0)
		return r;
	switch (c) {
	case 'H':
		k->headers = mr_xrealloc(k->headers, (k->nheaders + 1) * sizeof *k->headers);
		k->headers[k->nheaders++] = arg;
		return 0;
	case 'J': k->envelope = true; return 0;
	case 'K':
		free(k->key_delim);
		k->key_delim = mr_kdelim_parse(arg);
		return 0;
	case 'k': k->key = arg; return 0;
	case 'p':
		r = mr_int_parse("-p", arg, -1, INT32_MAX, &n, err);
		k->partition = (int32_t)n;
		k->partition_set = true;
		return r;
	case 't': k->topic = arg; return 0;
	case OPT_TIME: k->time = arg; return 0;
	case OPT_UNIT: return mr_unit_parse(arg, &k->unit, err);
	case 'Z': k->null_empty = true; return 0;
	case 'z': k->codec = arg; return 0;
	default: return 0; /* -u */
	}
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct mr_ksink *k = mr_stage_self(stage, sizeof *k);
	struct mr_opt opt;
	size_t n;
	int c;

	mr_ksink_init(k);
	stage->release = mr_ksink_release;
	mr_tool_opt(&opt, argc, argv, help, MR_KCONF_LETTERS "H:JK:k:p:t:uZz:", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if (take(k, c, opt.arg, err) < 0)
			break;
	mr_opt_operands(&opt, &n);
	if (c == 0 && !k->topic && n > 0)
		k->topic = mr_opt_operand(&opt, "topic", err);
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	return c != 0 ? -1 : mr_ksink_stage(k, stage, err);
}

MR_TOOL_MAIN(ksink, setup, help)
