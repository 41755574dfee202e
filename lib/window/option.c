/*
 * option - what users say of windows.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "time/duration.h"
#include "window/option.h"

static int
duration(const char *option, const char *text, int64_t *ms, struct mr_err *err)
{
	return mr_duration_parse(text, ms, err) ? mr_err_prefix(err, "%s", option) : 0;
}

static int
length(const char *option, const char *text, int64_t *ms, struct mr_err *err)
{
	if (duration(option, text, ms, err))
		return -1;
	return *ms ? 0 : mr_err_set(err, MR_EX_USAGE, "%s: 0 is no length", option);
}

static int
period(const char *option, const char *text, struct mr_period *p, struct mr_err *err)
{
	if (mr_period_parse(text, p, err))
		return mr_err_prefix(err, "%s", option);
	return p->ms || p->days || p->months ?
	    0 :
	    mr_err_set(err, MR_EX_USAGE, "%s: 0 is no length", option);
}

/* SIZE/STEP */
static int
lengths(const char *option, const char *text, struct mr_axis *axis, struct mr_err *err)
{
	const char *slash = strchr(text, '/');
	char *size;
	int rc;

	if (!slash || slash == text || !slash[1])
		return mr_err_set(err, MR_EX_USAGE, "%s: '%s' is no pair of lengths, such as %s",
		    option, text,
		    strcmp(option, "--hop") ? "1d/1h (MAX/STEP)" : "5m/1m (SIZE/SLIDE)");
	size = mr_xmemdup0(text, (size_t)(slash - text));
	rc = period(option, size, &axis->size, err);
	free(size);
	return rc ? rc : period(option, slash + 1, &axis->step, err);
}

static int
number(const char *option, const char *text, uint64_t *n, struct mr_err *err)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !*n || *n > UINT32_MAX)
		return mr_err_set(err, MR_EX_USAGE,
		    "%s: '%s' is no number of events, from 1 to %" PRIu32, option, text,
		    UINT32_MAX);
	return 0;
}

static int
slide(const char *text, uint64_t *n, struct mr_err *err)
{
	int64_t ms;

	if (strcmp(text, "0") && !mr_duration_parse(text, &ms, err))
		return mr_err_set(err, MR_EX_USAGE,
		    "--slide: '%s' is no number of events: windows of time that slide are --hop "
		    "SIZE/SLIDE",
		    text);
	return number("--slide", text, n, err);
}

static int
offset(const char *text, int64_t *ms, struct mr_err *err)
{
	if (*text == '-')
		return mr_err_set(err, MR_EX_USAGE,
		    "--offset: '%s' is negative: windows of 1d that begin 6h earlier begin 18h "
		    "later, too",
		    text);
	return duration("--offset", text, ms, err);
}

static int
emit(struct mr_window *w, const char *text, struct mr_err *err)
{
	if (!strcmp(text, "final"))
		w->emit = MR_EMIT_FINAL;
	else if (!strcmp(text, "updates"))
		w->emit = MR_EMIT_UPDATES;
	else if (!strncmp(text, "every=", 6)) {
		w->emit = MR_EMIT_EVERY;
		return length("--emit every", text + 6, &w->emit_ms, err);
	} else if (!strncmp(text, "count=", 6)) {
		w->emit = MR_EMIT_COUNT;
		return number("--emit count", text + 6, &w->emit_count, err);
	} else {
		return mr_err_set(err, MR_EX_USAGE,
		    "--emit: '%s' is none of final, updates, every=10s, count=100", text);
	}
	return 0;
}

static const char *
name_of(int c)
{
	static const struct {
		int c;
		const char *name;
	} kinds[] = {
	    {MR_OPT_COUNT, "count"},
	    {MR_OPT_CUMULATE, "cumulate"},
	    {MR_OPT_GLOBAL, "global"},
	    {MR_OPT_HOP, "hop"},
	    {MR_OPT_SESSION, "session"},
	    {MR_OPT_TUMBLE, "tumble"},
	};
	size_t i = 0;

	while (kinds[i].c != c)
		i++;
	return kinds[i].name;
}

/* One window; of the same kind the last word counts, as it does for other options. */
static int
take_kind(struct mr_window *w, int c, const char *arg, struct mr_err *err)
{
	if (w->chosen && w->chosen != c)
		return mr_err_set(err, MR_EX_USAGE,
		    "--%s and --%s: only one kind of window at a time", name_of(w->chosen),
		    name_of(c));
	w->chosen = c;
	switch (c) {
	case MR_OPT_COUNT: return number("--count", arg, &w->count, err);
	case MR_OPT_CUMULATE:
		w->axis.shape = MR_AXIS_CUMULATE;
		return lengths("--cumulate", arg, &w->axis, err);
	case MR_OPT_GLOBAL: w->global = true; return 0;
	case MR_OPT_HOP: w->axis.shape = MR_AXIS_HOP; return lengths("--hop", arg, &w->axis, err);
	case MR_OPT_SESSION: return length("--session", arg, &w->gap_ms, err);
	default:
		w->axis.shape = MR_AXIS_TUMBLE;
		if (strchr(arg, '/'))
			return mr_err_set(err, MR_EX_USAGE,
			    "--tumble: '%s' is no length: windows that overlap are --hop %s", arg,
			    arg);
		return period("--tumble", arg, &w->axis.size, err);
	}
}

static int
late_to(struct mr_window *w, const char *path, struct mr_err *err)
{
	if (!strcmp(path, "-"))
		return mr_err_set(err, MR_EX_USAGE,
		    "--late-to: standard output carries the results");
	w->late.path = path;
	return 0;
}

int
mr_window_option(struct mr_window *w, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case MR_OPT_AGG: return mr_spec_add_agg(&w->read.spec, arg, err);
	case MR_OPT_BY: return mr_spec_add_by(&w->read.spec, arg, err);
	case MR_OPT_EMIT: return emit(w, arg, err);
	case MR_OPT_LATE: return duration("--late", arg, &w->late_ms, err);
	case MR_OPT_LATE_TO: return late_to(w, arg, err);
	case MR_OPT_STATE:
		return mr_size_parse(arg, &w->max_state, err) ? mr_err_prefix(err, "--max-state") :
								0;
	case MR_OPT_OFFSET: return offset(arg, &w->axis.offset_ms, err);
	case MR_OPT_SLIDE: return slide(arg, &w->slide, err);
	case MR_OPT_TIMEOUT: return length("--timeout", arg, &w->timeout_ms, err);
	case MR_OPT_TZ:
		mr_zone_free(w->axis.zone);
		w->axis.zone = mr_zone_new(arg, err);
		return w->axis.zone ? 0 : mr_err_prefix(err, "--tz");
	default: return take_kind(w, c, arg, err);
	}
}
