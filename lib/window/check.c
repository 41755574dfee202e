/*
 * check - options that the chosen window has no use for are refused: who gives
 * one expects it to do something.
 */
#include <string.h>

#include "window/kind.h"

/* Parts of a window by --count that are kept, for a slide. */
#define PARTS_MAX (UINT64_C(1) << 24)

static int
check_slide(const struct mr_window *w, struct mr_err *err)
{
	unsigned long long n = w->count, m = w->slide;

	if (m > n)
		return mr_err_set(err, MR_EX_USAGE,
		    "--count %llu --slide %llu: events between the windows would be in none: "
		    "--slide is --count at most",
		    n, m);
	if (m && n / (uint64_t)mr_gcd((int64_t)n, (int64_t)m) > PARTS_MAX)
		return mr_err_set(err, MR_EX_USAGE,
		    "--count %llu --slide %llu: a window of more than %llu slides is too long to "
		    "keep",
		    n, m, (unsigned long long)PARTS_MAX);
	return 0;
}

/* What only windows by --count, or only windows of time, have. */
static int
check_kind(const struct mr_window *w, struct mr_err *err)
{
	const char *only = NULL;

	if (w->slide && !w->count)
		only = "--slide is for --count; windows of time that overlap are --hop SIZE/SLIDE";
	else if (w->timeout_ms && !w->count)
		only = "--timeout is for --count; other windows do not wait to be full";
	else if (w->axis.offset_ms && !w->axis.shape)
		only = "--offset is for --tumble, --hop and --cumulate; other windows begin with "
		       "an event";
	else if (w->axis.zone && !w->axis.shape)
		only = "--tz is for --tumble, --hop and --cumulate; other windows go by no "
		       "calendar";
	return only ? mr_err_set(err, MR_EX_USAGE, "%s", only) : 0;
}

/* No event is late for windows that do not go by time. */
static int
check_late(const struct mr_window *w, struct mr_err *err)
{
	const char *kind = w->count ? "--count" : "--global";

	if (!w->count && !w->global)
		return 0;
	if (w->late_ms)
		return mr_err_set(err, MR_EX_USAGE, "--late: no event is late for %s", kind);
	if (w->late.path)
		return mr_err_set(err, MR_EX_USAGE, "--late-to: no event is late for %s", kind);
	if (w->count && w->emit != MR_EMIT_FINAL)
		return mr_err_set(err, MR_EX_USAGE,
		    "--emit: a window by --count is written once, when it is full; --slide writes "
		    "more often, --timeout earlier");
	return 0;
}

/* Windows that do not end by the watermark have no use for one, and give none. */
static int
check_watermark(const struct mr_window *w, struct mr_err *err)
{
	const char *kind = w->count ? "--count" : "--global";

	if (!w->count && !w->global)
		return 0;
	if (w->time.stage->control == MR_CONTROL_MAKE)
		return mr_err_set(err, MR_EX_USAGE,
		    "--wm: the results of %s have no watermark: an event of any time may come "
		    "into the next",
		    kind);
	if (!w->timeout_ms && w->emit != MR_EMIT_EVERY && (w->time.lag_given || w->time.idle_ms))
		return mr_err_set(err, MR_EX_USAGE, "%s: %s goes by no watermark without %s",
		    w->time.lag_given ? "--lag" : "--idle", kind,
		    w->count ? "--timeout" : "--emit every=D");
	return 0;
}

static bool
is_column(const struct mr_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->nby; i++)
		if (!strcmp(spec->by[i].name, name))
			return true;
	for (size_t i = 0; i < spec->nagg; i++)
		if (!strcmp(spec->agg[i].name, name))
			return true;
	return false;
}

/* What rows that may be written again say of themselves, and no other column is named. */
static int
check_names(const struct mr_window *w, struct mr_err *err)
{
	static const char *const name[] = {"revision", "final", "retracted"};
	size_t n = !w->revised ? 0 : w->gap_ms ? 3 : 2;

	for (size_t i = 0; i < n; i++)
		if (is_column(&w->read.spec, name[i]))
			return mr_err_set(err, MR_EX_USAGE,
			    "two columns of a result are named '%s': write NAME=... in --by or "
			    "--agg",
			    name[i]);
	return 0;
}

int
mr_window_check(const struct mr_window *w, struct mr_err *err)
{
	return check_kind(w, err) || check_slide(w, err) || check_late(w, err) ||
		check_watermark(w, err) || check_names(w, err) ?
	    -1 :
	    0;
}
