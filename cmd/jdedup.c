/*
 * jdedup - drop events that repeat a key within a time.
 *
 * Which of them is kept is decided in event time, behind the watermark, so that
 * it does not depend on the order of arrival; or, with --keep any, at once.
 */
#include <inttypes.h>
#include <string.h>

#include "base/opt.h"
#include "dedup/dedup.h"
#include "stream/report.h"
#include "stream/tool.h"
#include "time/duration.h"

struct jdedup {
	struct mr_scan *scan;
	struct mr_dedup dedup;
};

static const char help[] =
    "usage: jdedup --key LIST --within D [option ...] [file ...]\n"
    "Of the events of a key within D of event time, keep one.\n"
    "\n"
    "      --idle D             after a silence of D on a live input, let the clock go on\n"
    "      --keep first|last|any\n"
    "                           by event time, or whichever comes first (default first)\n"
    "  -k, --key LIST           what makes two events repeats: .id, .car.plate\n"
    "      --lag D              how far out of order events may come (default 15s)\n"
    "      --late-to FILE       append late events to FILE\n"
    "      --max-ahead D        refuse events more than D past the wall clock\n"
    "      --max-state SIZE     most memory for keys (default 1G)\n"
    "      --memory SIZE        what is held beyond that goes to files in $TMPDIR (default 64M)\n"
    "      --time EXPR          the event's time, a path or a jq expression (default .ts)\n"
    "      --time-unit U        of numbers: s, ms, us, ns (default: by the first one)\n"
    "      --within D           how far apart in event time repeats may be\n" MR_TOOL_HELP;

enum { OPT_KEEP = 256, OPT_NO_LATE, OPT_LATE, OPT_STATE, OPT_MEMORY, OPT_WITHIN };

static const struct option longs[] = {
    MR_EVENT_TIME_IDLE,
    {"keep", required_argument, NULL, OPT_KEEP},
    {"key", required_argument, NULL, 'k'},
    MR_EVENT_TIME_LAG,
    {"late", required_argument, NULL, OPT_NO_LATE}, /* and not short for --late-to */
    {"late-to", required_argument, NULL, OPT_LATE},
    MR_EVENT_TIME_AHEAD,
    {"max-state", required_argument, NULL, OPT_STATE},
    {"memory", required_argument, NULL, OPT_MEMORY},
    MR_EVENT_TIME_TIME,
    MR_EVENT_TIME_UNIT,
    {"within", required_argument, NULL, OPT_WITHIN},
    {NULL, 0, NULL, 0},
};

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;

	return mr_dedup_event(&j->dedup, line, out, err);
}

static int
watermark(void *self, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;

	return mr_dedup_watermark(&j->dedup, ms, out, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;

	return mr_dedup_tick(&j->dedup, now_ms, out, err);
}

static int
idle(void *self, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;

	return mr_dedup_idle(&j->dedup, out, err);
}

/* Also when a signal stopped the stream: an event that is held must not be lost. */
static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;
	struct mr_hold *hold = &j->dedup.hold;

	(void)stopped;
	mr_event_time_begin(&hold->time);
	if (mr_dedup_end(&j->dedup, out, err))
		return -1;
	mr_late_report(&hold->late, hold->events, "came too late to tell what they repeat",
	    hold->time.own);
	return 0;
}

static int
save(void *self, struct mr_out *out, struct mr_err *err)
{
	struct jdedup *j = self;

	return mr_dedup_end(&j->dedup, out, err);
}

static void
status(void *self, struct mr_buf *b)
{
	struct jdedup *j = self;

	mr_buf_printf(b, ", repeats %" PRIu64 ", keys %zu", j->dedup.repeats,
	    mr_dedup_keys(&j->dedup));
	mr_hold_status(&j->dedup.hold, b);
}

static void
metrics(void *self, struct mr_buf *b)
{
	struct jdedup *j = self;
	const struct mr_stage *stage = j->dedup.hold.stage;

	mr_report_metric(b, stage, "repeats_total", "Events dropped as repeats.",
	    (double)j->dedup.repeats);
	mr_report_metric(b, stage, "known_keys", "Keys that are remembered.",
	    (double)mr_dedup_keys(&j->dedup));
	mr_report_metric(b, stage, "state_bytes", "Memory of keys.",
	    (double)mr_dedup_bytes(&j->dedup));
	mr_hold_metrics(&j->dedup.hold, b);
}

static void
release(void *self)
{
	struct jdedup *j = self;

	mr_dedup_release(&j->dedup);
	mr_scan_free(j->scan);
}

static int
take_keep(struct mr_dedup *d, const char *arg, struct mr_err *err)
{
	static const char *const words[] =
	    {[MR_KEEP_FIRST] = "first", [MR_KEEP_LAST] = "last", [MR_KEEP_ANY] = "any"};

	for (int i = 0; i < 3; i++)
		if (!strcmp(arg, words[i])) {
			d->keep = (enum mr_keep)i;
			return 0;
		}
	return mr_err_set(err, MR_EX_USAGE, "--keep: '%s' is none of first, last, any", arg);
}

static int
take_within(struct mr_dedup *d, const char *arg, struct mr_err *err)
{
	if (mr_duration_parse(arg, &d->within_ms, err))
		return mr_err_prefix(err, "--within");
	return d->within_ms ? 0 : mr_err_set(err, MR_EX_USAGE, "--within: 0 is no length");
}

static int
take(struct mr_dedup *d, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case 'k': return mr_keys_add(&d->keys, d->hold.stage, arg, err);
	case OPT_KEEP: return take_keep(d, arg, err);
	case OPT_LATE: return mr_hold_late_to(&d->hold, arg, err);
	case OPT_STATE:
		return mr_size_parse(arg, &d->max_state, err) ? mr_err_prefix(err, "--max-state") :
								0;
	case OPT_NO_LATE: return mr_hold_no_late(err);
	case OPT_MEMORY: return mr_hold_memory(&d->hold, arg, err);
	case OPT_WITHIN: return take_within(d, arg, err);
	default: return mr_event_time_option(&d->hold.time, c, arg, err);
	}
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jdedup *j = mr_stage_self(stage, sizeof *j);
	struct mr_opt opt;
	int c;

	mr_dedup_init(&j->dedup, stage);
	stage->scan = j->scan = mr_scan_new();
	stage->scan_flags = MR_SCAN_OBJECT;
	stage->event = event;
	stage->watermark = watermark;
	stage->idle = idle;
	stage->end = end;
	stage->save = save;
	stage->status = status;
	stage->metrics = metrics;
	stage->release = release;
	mr_tool_opt(&opt, argc, argv, help, "k:", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if ((c = take(&j->dedup, c, opt.arg, err)) < 0)
			break;
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (c < 0 || mr_dedup_setup(&j->dedup, err) < 0)
		return -1;
	stage->control = j->dedup.keep == MR_KEEP_ANY ? MR_CONTROL_PASS : MR_CONTROL_HOLD;
	if ((stage->tick_ms = mr_event_time_tick_ms(&j->dedup.hold.time, 0)))
		stage->tick = tick;
	return 0;
}

MR_TOOL_MAIN(jdedup, setup, help)
