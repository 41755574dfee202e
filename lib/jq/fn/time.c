/*
 * time - builtins on time: broken-down times are jq's arrays [year, month
 * from 0, day, hours, minutes, seconds, day of the week, day of the year].
 *
 * Where jq gives an answer it is jq's, by the same C functions (the program
 * runs in the C locale).  Where jq fails for a fraction of seconds or for a
 * zone behind a format that ends in Z, the text is read as what it says.
 */
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "jq/fn/own.h"
#include "json/num.h"
#include "time/stamp.h"

#define ISO "%Y-%m-%dT%H:%M:%SZ"

static struct mr_value
from_tm(const struct tm *tm, double seconds)
{
	const double parts[] = {tm->tm_year + 1900.0, tm->tm_mon, tm->tm_mday, tm->tm_hour,
	    tm->tm_min, seconds, tm->tm_wday, tm->tm_yday};
	struct mr_value list = mr_value_array(8);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		list = mr_value_push(list, mr_value_number(parts[i]));
	return list;
}

static int
to_int(double x)
{
	return x < INT_MIN ? INT_MIN : x > INT_MAX ? INT_MAX : (int)x;
}

/* A broken-down time, cut to whole numbers, made regular in UTC or local time. */
static bool
to_tm(const struct mr_value *list, bool local, struct tm *tm)
{
	int *parts[] = {&tm->tm_year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min,
	    &tm->tm_sec, &tm->tm_wday, &tm->tm_yday};
	size_t n = mr_value_count(list);

	*tm = (struct tm){0};
	for (size_t i = 0; i < n && i < sizeof parts / sizeof *parts; i++) {
		struct mr_value v = mr_value_elem(list, i);
		bool ok = v.type == MR_NUMBER && !mr_value_nan(&v);

		if (ok)
			*parts[i] = to_int(mr_value_double(&v) - (i == 0 ? 1900 : 0));
		mr_value_free(v);
		if (!ok)
			return false;
	}
	if (local) {
		tm->tm_isdst = -1;
		mktime(tm);
	} else {
		timegm(tm);
	}
	return true;
}

/* Seconds of the epoch, broken down; args[0] is consumed. */
static int
break_down(struct mr_value seconds, bool local, struct mr_value *out)
{
	double x = mr_value_double(&seconds);
	time_t t = x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (time_t)x : LONG_MIN;
	struct tm tm = {0};

	mr_value_free(seconds);
	if (!(local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)))
		return mr_value_fail(out,
		    "error converting number of seconds since epoch to datetime");
	*out = from_tm(&tm, tm.tm_sec + (x - floor(x)));
	return 0;
}

static int
fn_gmtime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	if (args[0].type == MR_NUMBER)
		return break_down(args[0], false, out);
	mr_value_free(args[0]);
	return mr_value_fail(out, "gmtime() requires numeric inputs");
}

static int
fn_localtime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	if (args[0].type == MR_NUMBER)
		return break_down(args[0], true, out);
	mr_value_free(args[0]);
	return mr_value_fail(out, "localtime() requires numeric inputs");
}

static int
seconds_of(struct tm *tm, struct mr_value *out)
{
	time_t t = timegm(tm);

	if (t == -1)
		return mr_value_fail(out, "invalid gmtime representation");
	*out = mr_value_number((double)t);
	return 0;
}

static int
fn_mktime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct tm tm;
	bool ok;

	(void)run;
	if (args[0].type != MR_ARRAY) {
		mr_value_free(args[0]);
		return mr_value_fail(out, "mktime requires array inputs");
	}
	ok = to_tm(&args[0], false, &tm);
	mr_value_free(args[0]);
	if (!ok)
		return mr_value_fail(out, "mktime requires parsed datetime inputs");
	return seconds_of(&tm, out);
}

/* Format args[0] by a format that ends with NUL; args[0] is consumed. */
static int
print(struct mr_jq_run *run, struct mr_value v, const char *fmt, bool local, struct mr_value *out)
{
	const char *name = local ? "strflocaltime" : "strftime";
	struct mr_buf *room = &run->room2;
	struct tm tm;
	size_t n;
	bool ok;

	ok = to_tm(&v, local, &tm);
	mr_value_free(v);
	if (!ok)
		return mr_value_fail(out, "%s/1 requires parsed datetime inputs", name);
	room->len = 0;
	mr_buf_grow(room, strlen(fmt) + 100);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored \
    "-Wformat-nonliteral" /* the user's format, it is for strftime alone */
	n = strftime(room->at, strlen(fmt) + 100, fmt, &tm);
#pragma GCC diagnostic pop
	if (n == 0 && *fmt)
		return mr_value_fail(out, "%s/1: unknown system failure", name);
	*out = mr_value_string(room->at, n);
	return 0;
}

static int
format(struct mr_jq_run *run, struct mr_value *args, bool local, struct mr_value *out)
{
	const char *name = local ? "strflocaltime" : "strftime", *at;
	size_t len;
	int rc;

	if (args[0].type == MR_NUMBER && break_down(args[0], local, &args[0]) < 0) {
		*out = args[0];
		mr_value_free(args[1]);
		return -1;
	}
	if (args[0].type != MR_ARRAY) {
		mr_args_free(args, 1);
		return mr_value_fail(out, "%s/1 requires parsed datetime inputs", name);
	}
	if (args[1].type != MR_STRING) {
		mr_args_free(args, 1);
		return mr_value_fail(out, "%s/1 requires a string format", name);
	}
	at = mr_value_bytes(&args[1], &run->room2, &len);
	run->room.len = 0;
	mr_buf_add(&run->room, at, len);
	rc = print(run, args[0], mr_buf_str(&run->room), local, out);
	mr_value_free(args[1]);
	return rc;
}

static int
fn_strftime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return format(run, args, false, out);
}

static int
fn_strflocaltime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return format(run, args, true, out);
}

static int
fn_todateiso8601(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value two[] = {args[0], mr_value_word(ISO)};

	return format(run, two, false, out);
}

/* -- reading -- */

struct parsed {
	struct tm tm;
	double seconds;
	const char *rest; /* white space and what is behind it; "" */
};

static bool
parse_plain(const char *text, const char *fmt, struct parsed *p)
{
	const char *end;

	p->tm = (struct tm){.tm_wday = 8,
	    .tm_yday = 367}; /* what jq shows when the text says none */
	end = strptime(text, fmt, &p->tm);
	if (!end || (*end && !isspace((unsigned char)*end)))
		return false;
	p->seconds = p->tm.tm_sec;
	p->rest = end;
	return true;
}

/* Where a fraction stands behind hh:mm:ss; its length with the point, 0: there is none. */
static size_t
fraction(const char *text, size_t *at)
{
	const char *point = text;
	size_t n;

	while ((point = strchr(point, '.'))) {
		n = strspn(point + 1, "0123456789");
		if (n && point - text >= 8 && point[-3] == ':' && point[-6] == ':') {
			*at = (size_t)(point - text);
			return n + 1;
		}
		point++;
	}
	return 0;
}

/* The text without its fraction of seconds; `room` holds what rest points into. */
static bool
parse_fraction(const char *text, const char *fmt, struct mr_buf *room, struct parsed *p)
{
	struct mr_buf number = MR_BUF_INIT;
	size_t at, n = fraction(text, &at);

	if (n == 0)
		return false;
	room->len = 0;
	mr_buf_add(room, text, at);
	mr_buf_adds(room, text + at + n);
	if (!parse_plain(mr_buf_str(room), fmt, p))
		return false;
	mr_buf_printf(&number, "%d", p->tm.tm_sec);
	mr_buf_add(&number, text + at, n);
	p->seconds = mr_num_double(number.at, number.len);
	mr_buf_release(&number);
	return true;
}

/* A date as the rest of the toolkit reads it; digits alone are none here. */
static bool
parse_stamp(const char *text, struct mr_time *t)
{
	struct mr_err err;
	size_t len = strlen(text);

	return len > 4 && text[4] == '-' && mr_stamp_text(text, len, t, &err) == 0;
}

/* Seconds, rounded once: their digits are read as a number. */
static double
stamp_seconds(const struct mr_time *t)
{
	int64_t s = t->ms / 1000 - (t->ms % 1000 < 0);
	int64_t ns = (t->ms - s * 1000) * 1000000 + t->ns;
	struct mr_buf digits = MR_BUF_INIT;
	double x;

	if (ns == 0)
		return (double)s;
	if (s < 0) { /* -1.25 is -2 and .75 */
		s++;
		ns = 1000000000 - ns;
	}
	mr_buf_printf(&digits, "%s%lld.%09lld", t->ms < 0 ? "-" : "", (long long)(s < 0 ? -s : s),
	    (long long)ns);
	x = mr_num_double(digits.at, digits.len);
	mr_buf_release(&digits);
	return x;
}

static bool
parse(const char *text, const char *fmt, struct mr_buf *room, struct parsed *p)
{
	struct mr_time t;
	time_t s;

	if (parse_plain(text, fmt, p) || parse_fraction(text, fmt, room, p))
		return true;
	if ((strcmp(fmt, ISO) != 0 && strcmp(fmt, "%FT%TZ") != 0) || !parse_stamp(text, &t))
		return false;
	s = (time_t)(t.ms / 1000 - (t.ms % 1000 < 0));
	gmtime_r(&s, &p->tm);
	room->len = 0;
	mr_buf_printf(room, "%d.%03d%06d", p->tm.tm_sec, (int)(t.ms - s * 1000), t.ns);
	p->seconds = mr_num_double(room->at, room->len);
	p->rest = "";
	return true;
}

/* The string as C's functions take it; the value is consumed. */
static char *
c_string(struct mr_value v, struct mr_buf *room)
{
	size_t len;
	const char *at = mr_value_bytes(&v, room, &len);
	char *text = mr_xmemdup0(at, len);

	mr_value_free(v);
	return text;
}

static int
mismatch(const char *text, const char *fmt, struct mr_value *out)
{
	return mr_value_fail(out, "date \"%s\" does not match format \"%s\"", text, fmt);
}

static int
fn_strptime(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	char *text, *fmt;
	struct parsed p;
	int rc = 0;

	if (args[0].type != MR_STRING || args[1].type != MR_STRING) {
		mr_args_free(args, 1);
		return mr_value_fail(out, "strptime/1 requires string inputs and arguments");
	}
	text = c_string(args[0], &run->room);
	fmt = c_string(args[1], &run->room);
	if (parse(text, fmt, &run->room, &p)) {
		*out = from_tm(&p.tm, p.seconds);
		if (*p.rest)
			*out = mr_value_push(*out, mr_value_word(p.rest));
	} else {
		rc = mismatch(text, fmt, out);
	}
	free(text);
	free(fmt);
	return rc;
}

/* The spelling that nearly all have, without a copy; jq has no answer for one second before 1970. */
static bool
usual(const char *at, size_t len, struct mr_value *out)
{
	struct mr_err err;
	struct mr_time t;

	if (len != 20 || at[10] != 'T' || at[19] != 'Z' || mr_stamp_text(at, len, &t, &err) < 0 ||
	    t.ms == -1000)
		return false;
	*out = mr_value_number((double)(t.ms / 1000));
	return true;
}

static int
fn_fromdateiso8601(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct parsed p;
	struct mr_time t;
	const char *at;
	char *text;
	size_t len;
	int rc = 0;

	if (args[0].type != MR_STRING) {
		mr_value_free(args[0]);
		return mr_value_fail(out, "strptime/1 requires string inputs and arguments");
	}
	at = mr_value_bytes(&args[0], &run->room, &len);
	if (usual(at, len, out)) {
		mr_value_free(args[0]);
		return 0;
	}
	text = c_string(args[0], &run->room);
	if (parse_plain(text, ISO, &p))
		rc = seconds_of(&p.tm, out);
	else if (parse_stamp(text, &t))
		*out = mr_value_number(stamp_seconds(&t));
	else
		rc = mismatch(text, ISO, out);
	free(text);
	return rc;
}

const struct mr_jq_fn mr_jq_fn_time[] = {
    {"gmtime", 0, fn_gmtime, 0},
    {"localtime", 0, fn_localtime, 0},
    {"mktime", 0, fn_mktime, 0},
    {"strftime", 1, fn_strftime, 0},
    {"strflocaltime", 1, fn_strflocaltime, 0},
    {"todateiso8601", 0, fn_todateiso8601, 0},
    {"strptime", 1, fn_strptime, 0},
    {"fromdateiso8601", 0, fn_fromdateiso8601, 0},
    {NULL, 0, NULL, 0},
};
