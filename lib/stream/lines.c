/*
 * lines - deliver the lines that were read: control lines, bad records, data,
 * many at once where they are plain.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stream/loop.h"

static int
take_hello(struct mr_loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->hello.run > 0)
		return mr_err_set(err, MR_EX_USAGE,
		    getenv("MILLRACE_STATE") ?
			"the stream is in run mode: this version has plain mode alone, unset MILLRACE_STATE" :
			"the stream is in run mode and there is no state directory: export MILLRACE_STATE");
	s->trusted = !s->check || s->hello.ok;
	if (s->control == MR_CONTROL_PASS || s->control == MR_CONTROL_HOLD)
		mr_stage_hello(s, &l->out);
	return 0;
}

/* A wm, end or eos; anything else belongs to run mode. */
static int
take_control(struct mr_loop *l, const struct mr_line *line, const struct mr_control *c,
    struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->control == MR_CONTROL_PASS && (c->type == MR_CTL_WM || c->type == MR_CTL_END)) {
		if (mr_out_pass(&l->out, line, err) < 0)
			return -1;
		l->out.lines--; /* not a data line */
	}
	switch (c->type) {
	case MR_CTL_WM:
		s->wm_idle = c->idle;
		return s->watermark ? s->watermark(s->self, c->ts, &l->out, err) : 0;
	case MR_CTL_END: /* plain mode ends at eos */
		l->end = s->control != MR_CONTROL_PASS;
		return 0;
	case MR_CTL_EOS:
		l->eos = true;
		l->eos_id = c->id;
		l->stopped = c->stopped;
		return 0;
	default:
		return mr_err_set(err, MR_EX_WORLD,
		    "%s:%" PRIu64 ": a line of run mode in a stream that began in plain mode",
		    line->file, line->no);
	}
}

static int
bad_line(struct mr_loop *l, const struct mr_line *line, struct mr_err *err)
{
	if (err->status != MR_EX_DATA || err->placed)
		return -1; /* no fault of this line */
	if (!l->stage->hello.there && line->len >= sizeof MR_CONTROL_PREFIX - 1 &&
	    memcmp(line->at, MR_CONTROL_PREFIX, sizeof MR_CONTROL_PREFIX - 1) == 0)
		mr_err_prefix(err, "a control line is one on standard input alone");
	return mr_bad_record(&l->stage->bad, line, err);
}

/* `12` may be the beginning of `123`; a text that closes itself is whole. */
static bool
may_be_cut(const struct mr_line *line)
{
	size_t i = 0;

	while (i < line->len && (line->at[i] == ' ' || line->at[i] == '\t'))
		i++;
	return line->end == 0 && i < line->len &&
	    (line->at[i] == '-' || (line->at[i] >= '0' && line->at[i] <= '9'));
}

static unsigned
scan_flags(const struct mr_stage *s)
{
	return s->scan_flags | (mr_stage_trusts(s) ? MR_SCAN_TRUSTED : 0);
}

/* JSON that is laid out for people fails at its first line: say what an event is. */
static void
hint(const struct mr_line *line, struct mr_err *err)
{
	char was[sizeof err->text];

	if (line->len != 1 || !strchr("[{", *line->at) || !*line->at)
		return;
	memcpy(was, err->text, sizeof was);
	mr_err_set(err, err->status, "%s (an event is one line: jq -c makes it so)", was);
}

static int
take_data(struct mr_loop *l, struct mr_line *line, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	l->lines++;
	if (may_be_cut(line)) {
		mr_err_set(err, MR_EX_DATA,
		    "the last line has no newline: its number may be cut off");
		return bad_line(l, line, err);
	}
	if (s->scan) {
		if (mr_scan_line(s->scan, line->at, line->len, scan_flags(s), l->vals, err) < 0) {
			hint(line, err);
			return bad_line(l, line, err);
		}
		line->vals = l->vals;
	}
	line->trusted = mr_stage_trusts(s);
	if (s->event(s->self, line, &l->out, err) < 0)
		return bad_line(l, line, err);
	return 0;
}

/* The first line was looked at, or there is none: what the stage must know is known. */
int
mr_loop_begin(struct mr_loop *l, const struct mr_line *first, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	int r = 0;

	l->begun = true;
	s->trusted = !s->check;
	if (first && first->no == 1 && mr_in_is_stdin(l->in) &&
	    (r = mr_hello_parse(first->at, first->len + (first->end == 2), &s->hello, err)) < 0)
		return mr_err_prefix(err, "%s:%" PRIu64, first->file, first->no);
	if (r == 1 && take_hello(l, err) < 0)
		return -1;
	if (s->control == MR_CONTROL_MAKE)
		mr_stage_hello(s, &l->out);
	return r;
}

static int
take_line(struct mr_loop *l, struct mr_line *line, struct mr_err *err)
{
	struct mr_control c;
	int r;

	if (!l->begun && (r = mr_loop_begin(l, line, err)) != 0)
		return r < 0 ? -1 : 0;
	if (l->stage->hello.there) {
		if (l->eos)
			return mr_err_set(err, MR_EX_WORLD, "%s:%" PRIu64 ": a line behind eos",
			    line->file, line->no);
		if (line->end == 0) {
			l->torn = true; /* the last line of a crash is no event */
			return 0;
		}
		r = mr_control_parse(&l->stage->hello, line->at, line->len + line->end - 1, &c,
		    err);
		if (r < 0)
			return mr_err_prefix(err, "%s:%" PRIu64, line->file, line->no);
		if (r == 1)
			return take_control(l, line, &c, err);
	}
	return take_data(l, line, err);
}

/* How many of the rows are data for sure: neither control nor too long. */
static size_t
plain_rows(const struct mr_loop *l, size_t n)
{
	const struct mr_stage *s = l->stage;
	const struct mr_scan_row *row = l->row;
	size_t i;

	for (i = 0; i < n && row[i].len <= s->max_line; i++)
		if (s->hello.there && mr_control_maybe(&s->hello, row[i].at, row[i].len))
			break;
	return i;
}

/* Row i as the line it is. */
static struct mr_line
row_line(const struct mr_loop *l, const struct mr_rows *rows, const char *file, uint64_t before,
    size_t i)
{
	struct mr_line line = {.at = rows->row[i].at, .len = rows->row[i].len, .end = 1};

	line.file = file;
	line.no = before + i + 1;
	line.vals = rows->vals + i * rows->width;
	line.trusted = mr_stage_trusts(l->stage);
	if (line.len && line.at[line.len - 1] == '\r') {
		line.len--;
		line.end = 2;
	}
	return line;
}

static int
give_rows(struct mr_loop *l, const struct mr_rows *rows, uint64_t before, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	struct mr_line line;
	uint64_t no;
	const char *file = mr_in_place(l->in, &no);
	size_t i = 0;

	while (i < rows->n) {
		int r;

		if (s->rows) {
			r = s->rows(s->self, rows, &i, &l->out, err);
		} else {
			if (s->ahead && i + MR_STAGE_AHEAD < rows->n)
				s->ahead(s->self, rows->vals + (i + MR_STAGE_AHEAD) * rows->width);
			line = row_line(l, rows, file, before, i);
			r = s->event(s->self, &line, &l->out, err);
			i += r == 0;
		}
		if (r < 0) {
			line = row_line(l, rows, file, before, i++);
			if (bad_line(l, &line, err) < 0) {
				l->lines -= rows->n - i;
				return -1;
			}
		}
	}
	return 0;
}

/* Many lines at once, where they are plain data: the number taken, 0: look at the next one alone; -1. */
static int
take_rows(struct mr_loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	struct mr_rows rows = {.row = l->row, .vals = l->vals};
	const char *at, *end;
	uint64_t before;

	if (!s->scan || !l->begun || l->eos)
		return 0;
	mr_in_unread(l->in, &at, &end);
	rows.width = (size_t)mr_scan_count(s->scan);
	rows.n = mr_scan_rows(s->scan, &at, end, scan_flags(s), l->row, MR_LOOP_ROWS, l->vals);
	rows.n = plain_rows(l, rows.n);
	if (rows.n == 0)
		return 0;
	mr_in_place(l->in, &before);
	mr_in_took(l->in, l->row[rows.n - 1].at + l->row[rows.n - 1].len + 1, rows.n);
	l->lines += rows.n;
	return give_rows(l, &rows, before, err) < 0 ? -1 : (int)rows.n;
}

int
mr_loop_lines(struct mr_loop *l, struct mr_err *err)
{
	struct mr_line line;
	int r;

	while (!mr_loop_stops_between(l) && !l->stage->done) {
		if (l->jobs && (r = mr_loop_hand_out(l, err)) != 0) {
			if (r < 0)
				return -1;
			continue;
		}
		if ((r = take_rows(l, err)) < 0)
			return -1;
		if (r > 0)
			continue;
		if ((r = mr_in_line(l->in, &line, err)) == 0)
			break;
		if (r > 0) {
			if (take_line(l, &line, err) < 0)
				return -1;
			continue;
		}
		if (!l->begun && mr_loop_begin(l, NULL, err) < 0)
			return -1;
		l->lines++;
		if (bad_line(l, &line, err) < 0)
			return -1;
	}
	return 0;
}
