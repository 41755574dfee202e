/*
 * stage - the loop that every tool runs in, from its begin to its end.
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
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sig.h"
#include "stream/loop.h"
#include "stream/report.h"

#define PIPE_SIZE (256 << 10)
#define PULL_MS 100 /* longest wait of a source; signals wake it no sooner */

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

bool
mr_stage_live(const struct mr_stage *s)
{
	struct stat st;

	for (size_t i = 0; i < s->nfiles; i++)
		if (strcmp(s->files[i], "-") != 0)
			return false;
	return fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
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
write_eos(struct mr_loop *l, struct mr_err *err)
{
	const struct mr_control end = {.type = MR_CTL_END};
	const struct mr_control c = {.type = MR_CTL_EOS, .stopped = l->stopped, .id = l->eos_id};

	if (!l->stage->sent.there)
		return 0;
	if (l->end && write_control(l->stage, &l->out, &end, err) < 0)
		return -1;
	return write_control(l->stage, &l->out, &c, err);
}

static int
run_filter(struct mr_loop *l, struct mr_err *err)
{
	int r = 0;

	while (!l->stage->done && (r = mr_loop_wait(l, err)) > 0 && (r = mr_loop_read(l, err)) > 0)
		if (mr_loop_lines(l, err) < 0)
			return -1;
	if (r < 0)
		return -1;
	if (!l->begun && mr_loop_begin(l, NULL, err) < 0)
		return -1;
	if (l->stage->hello.there)
		l->torn = !l->eos && !l->stopped && !l->stage->done;
	else if (l->stop_ms)
		l->stopped = true;
	return 0;
}

static int
run_source(struct mr_loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	int r = 1;

	l->begun = true;
	s->trusted = !s->check;
	while (r > 0 && !mr_sig_stop()) {
		uint64_t before = l->out.lines;

		if ((r = s->pull(s->self, 0, &l->out, err)) > 0 && l->out.lines == before) {
			if (mr_loop_flush(l, err) < 0)
				return -1;
			if (s->idle && s->idle(s->self, &l->out, err) < 0)
				return -1;
			r = s->pull(s->self, PULL_MS, &l->out, err);
			if (!s->silent) {
				struct pollfd p = {STDOUT_FILENO, 0, 0};

				if (poll(&p, 1, 0) > 0 && p.revents & POLLERR)
					mr_loop_reader_gone();
			}
		}
		if (r < 0 || mr_loop_flush(l, err) < 0 || mr_loop_attend(l, err) < 0)
			return -1;
	}
	l->stopped = r > 0;
	return 0;
}

static int
finish(struct mr_loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;

	if (s->end && s->end(s->self, l->stopped, &l->out, err) < 0)
		return -1;
	if (!l->torn && s->control != MR_CONTROL_EAT && write_eos(l, err) < 0)
		return -1;
	if (mr_loop_flush(l, err) < 0)
		return -1;
	if (!s->silent && close(STDOUT_FILENO) < 0 && errno != EBADF)
		return mr_err_sys(err, "cannot write standard output");
	if (l->torn)
		return mr_err_set(err, MR_EX_WORLD,
		    "stdin: the stream ended without eos: a stage upstream died");
	return 0;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Regular files that we write: standard output, dead letters, metrics.  Return how many; two must not be one. */
static int
outputs(const struct mr_stage *s, struct stat out[3], struct mr_err *err)
{
	int n = 0;

	if (!s->silent && fstat(STDOUT_FILENO, &out[n]) == 0)
		n++;
	if (s->bad.dead.fd >= 0 && fstat(s->bad.dead.fd, &out[n]) == 0) {
		if (n && same_file(&out[0], &out[n]))
			return mr_err_set(err, MR_EX_USAGE,
			    "'%s' is both standard output and --dead", s->bad.dead_path);
		n++;
	}
	if (s->metrics_path && stat(s->metrics_path, &out[n]) == 0) {
		for (int i = 0; i < n; i++)
			if (same_file(&out[i], &out[n]))
				return mr_err_set(err, MR_EX_USAGE,
				    "'%s' is both --metrics-file and another output",
				    s->metrics_path);
		n++;
	}
	return n;
}

/* Reading what we write has no end, or loses it: refuse it as cat and grep do. */
static int
check_loops(const struct mr_stage *s, struct mr_err *err)
{
	static char *const standard_input[] = {"-"};
	char *const *files = s->nfiles ? s->files : standard_input;
	struct stat in, out[3];
	int n = outputs(s, out, err);

	for (size_t i = 0; n > 0 && !s->pull && i < (s->nfiles ? s->nfiles : 1); i++) {
		int r = strcmp(files[i], "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(files[i], &in);

		for (int o = 0; r == 0 && o < n; o++)
			if (same_file(&in, &out[o]))
				return mr_err_set(err, MR_EX_USAGE, "'%s' is both input and output",
				    files[i]);
	}
	return n < 0 ? -1 : 0;
}

/* What was accepted before a failure is handed over; the failure is what is reported. */
static void
save_what_passed(struct mr_loop *l, const struct mr_err *why)
{
	struct mr_stage *s = l->stage;
	struct mr_err ignored = MR_ERR_INIT;

	if (why->status == MR_EX_DATA && s->idle)
		s->idle(s->self, &l->out, &ignored);
	if (s->save && !l->out.failed)
		s->save(s->self, &l->out, &ignored);
	mr_loop_flush(l, &ignored);
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
	struct mr_loop l = {.stage = s};
	struct mr_err err = MR_ERR_INIT, late = MR_ERR_INIT;
	int r;

	l.in = s->pull ? NULL : mr_in_new(s->files, s->nfiles, s->max_line, s->jobs <= 1);
	if (s->scan) {
		l.row = mr_xmalloc(MR_LOOP_ROWS * sizeof *l.row);
		l.vals = mr_xcalloc(MR_LOOP_ROWS * ((size_t)mr_scan_count(s->scan) + 1),
		    sizeof *l.vals);
	}
	mr_out_init(&l.out, s->silent ? -1 : STDOUT_FILENO, "standard output");
	widen_pipes();
	r = mr_sig_init(&err);
	if (r == 0)
		r = mr_bad_open(&s->bad, &err);
	if (r == 0 && (r = check_loops(s, &err)) < 0)
		s->metrics_path = NULL; /* also not at the end */
	if (r == 0 && s->scan && !mr_scan_kernel(&err))
		r = -1;
	if (mr_report_check(s->metrics_path, &late) < 0) {
		s->metrics_path = NULL;
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
