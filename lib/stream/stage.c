/*
 * stage - the loop that every tool runs in.
 *
 * A filter's loop is: deliver the lines of one read(2), flush what they made,
 * read again.  So batches grow by themselves under load and a quiet stream
 * holds nothing back; there is no timer and no switch for it.
 *
 * Plain mode (no state directory) is what is here.  A hello with a run number
 * is refused, and so are the lines of run mode.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sig.h"
#include "stream/parallel.h"
#include "stream/report.h"
#include "stream/stage.h"

#define GRACE_MS 1000 /* how long upstream may take to end the stream after a signal */
#define REPORT_MS 1000
#define ROWS 128                       /* lines scanned at once */
#define BLOCK_LEAST ((size_t)16 << 10) /* for a thread, when none is at work */
#define BLOCK_MOST ((size_t)1 << 20)   /* more is unread where lines are long */
#define PIPE_SIZE (1 << 20)
#define PULL_MS 100 /* longest wait of a source; signals wake it no sooner */

struct loop {
	struct mr_stage *stage;
	struct mr_in *in;
	struct mr_out out;
	struct mr_jobs *jobs; /* threads; NULL: none */
	bool begun;           /* the first line, or the lack of one, has been looked at */
	bool eos;             /* the last line came in */
	bool stopped;         /* a signal ended the stream, here or at its source */
	bool torn;            /* it ended without eos */
	struct mr_scan_row *row;
	struct mr_val *vals; /* of ROWS lines */
	int64_t eos_id;      /* what the eos that came in carries on */
	uint64_t lines;      /* data lines in */
	int64_t now_ms, stop_ms, tick_ms, metrics_ms;
	int64_t progress_ms; /* when the line was last written, and the lines out by then */
	uint64_t progress_lines;
};

int64_t
mr_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void *
mr_stage_self(struct mr_stage *s, size_t size)
{
	s->self = mr_xcalloc(1, size);
	return s->self;
}

int
mr_stage_bad(struct mr_stage *s, const struct mr_line *line, struct mr_err *err)
{
	return mr_bad_record(&s->bad, line, err);
}

bool
mr_stage_stopping(const struct mr_stage *s)
{
	(void)s;
	return mr_sig_stop();
}

void
mr_stage_hello(struct mr_stage *s, struct mr_out *out)
{
	struct mr_hello *h = &s->sent;

	if (h->there)
		return;
	if (s->hello.there)
		mr_hello_copy(h, &s->hello);
	else
		mr_hello_init(h);
	if (s->control == MR_CONTROL_MAKE || s->pull)
		h->wm = true;
	if (s->check)
		h->ok = true;
	mr_hello_add(h, s->id);
	mr_hello_write(&out->buf, h);
}

static int
write_control(struct mr_stage *s, struct mr_out *out, const struct mr_control *c,
    struct mr_err *err)
{
	mr_out_settle(out);
	mr_control_write(&out->buf, &s->sent, c);
	return mr_out_built(out, 0, err);
}

int
mr_stage_wm(struct mr_stage *s, int64_t ms, bool idle, struct mr_out *out, struct mr_err *err)
{
	const struct mr_control c = {.type = MR_CTL_WM, .ts = ms, .idle = idle};

	return write_control(s, out, &c, err);
}

static int
write_eos(struct loop *l, struct mr_err *err)
{
	const struct mr_control c = {.type = MR_CTL_EOS, .stopped = l->stopped, .id = l->eos_id};

	return l->stage->sent.there ? write_control(l->stage, &l->out, &c, err) : 0;
}

static int
take_hello(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->hello.run > 0)
		return mr_err_set(err, MR_EX_USAGE,
		    getenv("MILLRACE_STATE") ?
			"the stream is in run mode: this version has plain mode alone, unset MILLRACE_STATE" :
			"the stream is in run mode and there is no state directory: export MILLRACE_STATE");
	s->trusted = !s->check || s->hello.ok;
	if (s->control == MR_CONTROL_PASS)
		mr_stage_hello(s, &l->out);
	return 0;
}

/* A wm, end or eos; anything else belongs to run mode. */
static int
take_control(struct loop *l, const struct mr_line *line, const struct mr_control *c,
    struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->control == MR_CONTROL_PASS && (c->type == MR_CTL_WM || c->type == MR_CTL_END)) {
		if (mr_out_pass(&l->out, line, err) < 0)
			return -1;
		l->out.lines--; /* not a data line */
	}
	switch (c->type) {
	case MR_CTL_WM: return s->watermark ? s->watermark(s->self, c->ts, &l->out, err) : 0;
	case MR_CTL_END: return 0; /* plain mode ends at eos */
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
bad_line(struct loop *l, const struct mr_line *line, struct mr_err *err)
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

static int
take_data(struct loop *l, struct mr_line *line, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	l->lines++;
	if (may_be_cut(line)) {
		mr_err_set(err, MR_EX_DATA,
		    "the last line has no newline: its number may be cut off");
		return bad_line(l, line, err);
	}
	if (s->scan) {
		if (mr_scan_line(s->scan, line->at, line->len, scan_flags(s), l->vals, err) < 0)
			return bad_line(l, line, err);
		line->vals = l->vals;
	}
	if (s->event(s->self, line, &l->out, err) < 0)
		return bad_line(l, line, err);
	return 0;
}

/* The first line was looked at, or there is none: what the stage must know is known. */
static int
begin(struct loop *l, const struct mr_line *first, struct mr_err *err)
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
take_line(struct loop *l, struct mr_line *line, struct mr_err *err)
{
	struct mr_control c;
	int r;

	if (!l->begun && (r = begin(l, line, err)) != 0)
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

/*
 * After TERM or INT: a terminal signals every stage of a pipeline at once, so
 * the input is given a moment to end by itself.  Files and terminals are not.
 */
static bool
stop_now(const struct loop *l)
{
	int fd = mr_in_fd(l->in);

	if (!l->stop_ms)
		return false;
	return l->now_ms - l->stop_ms >= GRACE_MS || fd != STDIN_FILENO || isatty(fd);
}

/* Between two lines: a signal must not wait for the rest of a read when each line takes long. */
static bool
stop_between(struct loop *l)
{
	if (!mr_sig_stop())
		return false;
	l->now_ms = mr_clock_ms();
	if (!l->stop_ms)
		l->stop_ms = l->now_ms;
	return stop_now(l);
}

/* How many of the rows are data for sure: neither control nor too long. */
static size_t
plain_rows(const struct loop *l, size_t n)
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
row_line(const struct loop *l, const struct mr_rows *rows, uint64_t before, size_t i)
{
	struct mr_line line = {.at = rows->row[i].at, .len = rows->row[i].len, .end = 1};
	uint64_t no;

	line.file = mr_in_place(l->in, &no);
	line.no = before + i + 1;
	line.vals = rows->vals + i * rows->width;
	if (line.len && line.at[line.len - 1] == '\r') {
		line.len--;
		line.end = 2;
	}
	return line;
}

static int
give_rows(struct loop *l, const struct mr_rows *rows, uint64_t before, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	struct mr_line line;
	size_t i = 0;

	while (i < rows->n) {
		int r;

		if (s->rows) {
			r = s->rows(s->self, rows, &i, &l->out, err);
		} else {
			line = row_line(l, rows, before, i);
			r = s->event(s->self, &line, &l->out, err);
			i += r == 0;
		}
		if (r < 0) {
			line = row_line(l, rows, before, i++);
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
take_rows(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	struct mr_rows rows = {.row = l->row, .vals = l->vals};
	const char *at, *end;
	uint64_t before;

	if (!s->scan || !l->begun || l->eos)
		return 0;
	mr_in_unread(l->in, &at, &end);
	rows.width = (size_t)mr_scan_count(s->scan);
	rows.n = mr_scan_rows(s->scan, &at, end, scan_flags(s), l->row, ROWS, l->vals);
	rows.n = plain_rows(l, rows.n);
	if (rows.n == 0)
		return 0;
	mr_in_place(l->in, &before);
	mr_in_took(l->in, l->row[rows.n - 1].at + l->row[rows.n - 1].len + 1, rows.n);
	l->lines += rows.n;
	return give_rows(l, &rows, before, err) < 0 ? -1 : (int)rows.n;
}

static int hand_out(struct loop *, struct mr_err *);

static int
take_lines(struct loop *l, struct mr_err *err)
{
	struct mr_line line;
	int r;

	while (!stop_between(l) && !l->stage->done) {
		if (l->jobs && (r = hand_out(l, err)) != 0) {
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
		if (!l->begun && begin(l, NULL, err) < 0)
			return -1;
		l->lines++;
		if (bad_line(l, &line, err) < 0)
			return -1;
	}
	return 0;
}

static void
show_progress(struct loop *l)
{
	uint64_t more = l->out.lines - l->progress_lines;

	if (l->progress_ms)
		mr_report_status(l->stage, l->lines, &l->out,
		    (double)more * 1000 / (double)(l->now_ms - l->progress_ms));
	l->progress_ms = l->now_ms;
	l->progress_lines = l->out.lines;
}

/* What the clock and the signals ask for. */
static int
attend(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	l->now_ms = mr_clock_ms();
	if (mr_sig_usr1())
		mr_report_status(s, l->lines, &l->out, 0);
	if (s->progress && l->now_ms - l->progress_ms >= REPORT_MS)
		show_progress(l);
	if (s->tick_ms && s->tick && l->begun && l->now_ms - l->tick_ms >= s->tick_ms) {
		l->tick_ms = l->now_ms;
		if (s->tick(s->self, l->now_ms, &l->out, err) < 0)
			return -1;
	}
	if (s->metrics_path && l->now_ms - l->metrics_ms >= REPORT_MS) {
		l->metrics_ms = l->now_ms;
		if (mr_report_metrics(s, l->lines, &l->out, err) < 0)
			return -1;
	}
	if (mr_sig_stop() && !l->stop_ms)
		l->stop_ms = l->now_ms;
	return 0;
}

static int
flush(struct loop *l, struct mr_err *err)
{
	if (mr_out_flush(&l->stage->bad.dead, err) < 0)
		return -1;
	return l->stage->silent ? 0 : mr_out_flush(&l->out, err);
}

/*
 * What a thread made of a block, and behind it, here, the lines that it left.
 * In the middle of them a signal may ask for the end: then it is the threads' too.
 */
static int
take_block(struct loop *l, struct mr_block *b, struct mr_err *err)
{
	struct mr_jobs *jobs = l->jobs;
	struct mr_in *in = l->in;
	const char *at, *end;
	int r;

	l->lines += b->lines;
	if (!b->no_match)
		l->stage->no_match = false;
	if (mr_out_take(&l->out, &b->out, err) < 0)
		return -1;
	l->in = b->in;
	l->jobs = NULL;
	r = take_lines(l, err);
	mr_in_unread(b->in, &at, &end);
	l->in = in;
	l->jobs = jobs;
	if (r < 0 || flush(l, err) < 0) /* the output may be bytes of the block */
		return -1;
	mr_jobs_took(jobs, in);
	if (at < end) {
		if (!l->stage->done)
			l->stop_ms -= GRACE_MS; /* what comes behind a gap is not wanted */
		mr_jobs_free(jobs);
		l->jobs = NULL;
	}
	return 0;
}

/* The blocks that are done, in their order; waits while there are more than `most`. */
static int
collect(struct loop *l, size_t most, struct mr_err *err)
{
	struct mr_block *b;

	while (mr_jobs_held(l->jobs) > 0) {
		if ((b = mr_jobs_oldest(l->jobs))) {
			if (take_block(l, b, err) < 0)
				return -1;
			continue;
		}
		if (mr_jobs_held(l->jobs) <= most || stop_between(l))
			break;
		if (mr_jobs_await(l->jobs)) {
			struct pollfd p[2] = {{mr_jobs_fd(l->jobs), POLLIN, 0},
			    {mr_sig_fd(), POLLIN, 0}};

			poll(p, 2, GRACE_MS / 10);
		}
		if (attend(l, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Whole lines that were read, to a thread, if they are worth it.
 * Return: 1 look again; 0 what is next is to be looked at here; -1.
 */
static int
hand_out(struct loop *l, struct mr_err *err)
{
	const char *at, *end;
	size_t left;
	int r;

	if (!l->begun)
		return 0;
	if (l->stage->hello.there) {
		mr_jobs_free(l->jobs);
		l->jobs = NULL;
		return 0;
	}
	mr_in_unread(l->in, &at, &end);
	left = (size_t)(end - at);
	if (left <= BLOCK_MOST && (mr_jobs_held(l->jobs) > 0 || left >= BLOCK_LEAST)) {
		if (collect(l, mr_jobs_room(l->jobs) - 1, err) < 0)
			return -1;
		if (!l->jobs || mr_jobs_held(l->jobs) == mr_jobs_room(l->jobs))
			return 1; /* asked to stop */
		if ((r = mr_jobs_give(l->jobs, l->in, err)) != 0)
			return r;
	}
	if (mr_jobs_held(l->jobs) == 0 || !mr_in_pending(l->in))
		return 0;
	if (collect(l, 0, err) < 0)
		return -1;
	return !l->jobs || mr_jobs_held(l->jobs) > 0;
}

/* The reader of our output has gone: what a write would say, said while we wait. */
static void
reader_gone(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

/* Poll input, signals, the reader and the threads; true when the input has something. */
static bool
poll_input(const struct loop *l, int timeout_ms)
{
	struct pollfd p[4] = {
	    {mr_in_fd(l->in), POLLIN, 0},
	    {mr_sig_fd(), POLLIN, 0},
	    {l->stage->silent ? -1 : STDOUT_FILENO, 0, 0},
	    {mr_jobs_fd(l->jobs), POLLIN, 0},
	};

	if (p[0].fd < 0)
		return true;
	if (poll(p, 4, timeout_ms) < 0)
		return false;
	if (p[2].revents & POLLERR)
		reader_gone();
	return p[0].revents != 0;
}

/* How long nothing but input can matter. */
static int
patience(const struct loop *l)
{
	const struct mr_stage *s = l->stage;
	int ms = -1;

	if (s->tick_ms && s->tick)
		ms = s->tick_ms;
	if (s->metrics_path && (ms < 0 || ms > REPORT_MS))
		ms = REPORT_MS;
	if (l->stop_ms && (ms < 0 || ms > GRACE_MS / 10))
		ms = GRACE_MS / 10;
	return ms;
}

/* Until input is there, the end (0), or a stop (0); 1 read on. */
static int
wait_input(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	bool idle = false;

	for (;;) {
		if (l->jobs && collect(l, SIZE_MAX, err) < 0)
			return -1;
		if (flush(l, err) < 0 || attend(l, err) < 0)
			return -1;
		if (stop_now(l)) {
			l->stopped = true;
			return 0;
		}
		if (poll_input(l, 0))
			return 1;
		if (mr_jobs_held(l->jobs) > 0) {
			if (mr_jobs_await(l->jobs) && poll_input(l, patience(l)))
				return 1;
			continue;
		}
		if (!idle && s->idle && l->begun && s->idle(s->self, &l->out, err) < 0)
			return -1;
		idle = true;
		if (flush(l, err) < 0)
			return -1;
		if (poll_input(l, patience(l)))
			return 1;
	}
}

/* Before the input fails or ends, what came before it is to be seen; that may fail first. */
static int
read_input(struct loop *l, struct mr_err *err)
{
	struct mr_err first = MR_ERR_INIT;
	int r = mr_in_read(l->in, err);

	if (r <= 0 && collect(l, 0, &first) < 0) {
		*err = first;
		return -1;
	}
	return r;
}

static int
run_filter(struct loop *l, struct mr_err *err)
{
	int r = 0;

	while (!l->stage->done && (r = wait_input(l, err)) > 0 && (r = read_input(l, err)) > 0)
		if (take_lines(l, err) < 0)
			return -1;
	if (r < 0)
		return -1;
	if (!l->begun && begin(l, NULL, err) < 0)
		return -1;
	if (l->stage->hello.there)
		l->torn = !l->eos && !l->stopped && !l->stage->done;
	else if (l->stop_ms)
		l->stopped = true;
	return 0;
}

static int
run_source(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	int r = 1;

	l->begun = true;
	s->trusted = !s->check;
	while (r > 0 && !mr_sig_stop()) {
		uint64_t before = l->out.lines;

		if ((r = s->pull(s->self, 0, &l->out, err)) > 0 && l->out.lines == before) {
			if (flush(l, err) < 0)
				return -1;
			if (s->idle && s->idle(s->self, &l->out, err) < 0)
				return -1;
			r = s->pull(s->self, PULL_MS, &l->out, err);
			if (!s->silent) {
				struct pollfd p = {STDOUT_FILENO, 0, 0};

				if (poll(&p, 1, 0) > 0 && p.revents & POLLERR)
					reader_gone();
			}
		}
		if (r < 0 || flush(l, err) < 0 || attend(l, err) < 0)
			return -1;
	}
	l->stopped = r > 0;
	return 0;
}

static int
finish(struct loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->end && s->end(s->self, l->stopped, &l->out, err) < 0)
		return -1;
	if (!l->torn && s->control != MR_CONTROL_EAT && write_eos(l, err) < 0)
		return -1;
	if (flush(l, err) < 0)
		return -1;
	if (!s->silent && close(STDOUT_FILENO) < 0 && errno != EBADF)
		return mr_err_sys(err, "cannot write standard output");
	if (l->torn)
		return mr_err_set(err, MR_EX_WORLD,
		    "stdin: the stream ended without eos: a stage upstream died");
	return 0;
}

/* Reading what we write has no end: refuse it as cat and grep do. */
static int
check_loops(const struct mr_stage *s, struct mr_err *err)
{
	static char *const standard_input[] = {"-"};
	char *const *files = s->nfiles ? s->files : standard_input;
	const int outputs[] = {s->silent ? -1 : STDOUT_FILENO, s->bad.dead.fd};
	struct stat in, out;

	for (size_t i = 0; !s->pull && i < (s->nfiles ? s->nfiles : 1); i++) {
		int r = strcmp(files[i], "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(files[i], &in);

		if (r < 0 || !S_ISREG(in.st_mode))
			continue;
		for (size_t o = 0; o < 2; o++)
			if (outputs[o] >= 0 && fstat(outputs[o], &out) == 0 &&
			    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
				return mr_err_set(err, MR_EX_USAGE, "'%s' is both input and output",
				    files[i]);
	}
	return 0;
}

/* What was accepted before a failure is handed over; the failure is what is reported. */
static void
save_what_passed(struct loop *l, const struct mr_err *why)
{
	struct mr_stage *s = l->stage;
	struct mr_err ignored = MR_ERR_INIT;

	if (why->status == MR_EX_DATA && s->idle)
		s->idle(s->self, &l->out, &ignored);
	flush(l, &ignored);
}

/* A small pipe costs a switch of processes for every few lines.  Refused where a user has too many large ones: no harm. */
static void
widen_pipes(void)
{
#ifdef F_SETPIPE_SZ
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
#endif
}

int
mr_stage_run(struct mr_stage *s)
{
	struct loop l = {.stage = s};
	struct mr_err err = MR_ERR_INIT, late = MR_ERR_INIT;
	int r;

	l.in = s->pull ? NULL : mr_in_new(s->files, s->nfiles, s->max_line);
	if (s->scan) {
		l.row = mr_xmalloc(ROWS * sizeof *l.row);
		l.vals = mr_xcalloc(ROWS * ((size_t)mr_scan_count(s->scan) + 1), sizeof *l.vals);
	}
	mr_out_init(&l.out, s->silent ? -1 : STDOUT_FILENO, "standard output");
	widen_pipes();
	r = mr_sig_init(&err);
	if (r == 0)
		r = mr_bad_open(&s->bad, &err);
	if (r == 0)
		r = check_loops(s, &err);
	if (r == 0 && s->scan && !mr_scan_kernel(&err))
		r = -1;
	if (mr_report_check(s->metrics_path, &late) < 0) {
		s->metrics_path = NULL; /* also not at the end */
		if (r == 0)
			err = late;
		r = -1;
	}
	if (r == 0 && s->jobs > 1 && !s->pull)
		l.jobs = mr_jobs_new(s);
	if (r == 0)
		r = s->pull ? run_source(&l, &err) : run_filter(&l, &err);
	if (r == 0)
		r = finish(&l, &err);
	else
		save_what_passed(&l, &err);
	if (mr_bad_close(&s->bad, &late) == 0 && (r == 0 || s->bad.policy == MR_SKIP)) {
		mr_bad_report(&s->bad);
	} else if (r == 0) {
		err = late;
		r = -1;
	}
	if (s->metrics_path && mr_report_metrics(s, l.lines, &l.out, &late) < 0 && r == 0) {
		err = late;
		r = -1;
	}
	if (r < 0)
		mr_say("%s", err.text);
	mr_jobs_free(l.jobs);
	mr_in_free(l.in);
	free(l.row);
	free(l.vals);
	mr_out_release(&l.out);
	mr_hello_release(&s->hello);
	mr_hello_release(&s->sent);
	return r < 0 ? (int)err.status : s->no_match ? MR_EX_NO : MR_EX_OK;
}
