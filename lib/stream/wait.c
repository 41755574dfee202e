/*
 * wait - what the loop does between two reads: flush, look at clock, signals
 * and threads, and wait for input without holding anything back.
 */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/sig.h"
#include "stream/loop.h"
#include "stream/report.h"

#define REPORT_MS 1000
#define BLOCK_LEAST ((size_t)16 << 10) /* for a thread, when none is at work */
#define BLOCK_MOST ((size_t)1 << 20)   /* more is unread where lines are long */

/*
 * After TERM or INT: a terminal signals every stage of a pipeline at once, so
 * the input is given a moment to end by itself.  Files and terminals are not.
 */
bool
mr_loop_stops(const struct mr_loop *l)
{
	int fd = mr_in_fd(l->in);

	if (!l->stop_ms)
		return false;
	return l->now_ms - l->stop_ms >= MR_LOOP_GRACE || fd != STDIN_FILENO || isatty(fd);
}

/* Between two lines: a signal must not wait for the rest of a read when each line takes long. */
bool
mr_loop_stops_between(struct mr_loop *l)
{
	if (!mr_sig_stop())
		return false;
	l->now_ms = mr_clock_ms();
	if (!l->stop_ms)
		l->stop_ms = l->now_ms;
	return mr_loop_stops(l);
}

static void
show_progress(struct mr_loop *l)
{
	uint64_t more = l->out.lines - l->progress_lines;

	if (l->progress_ms)
		mr_report_status(l->stage, l->lines, &l->out,
		    (double)more * 1000 / (double)(l->now_ms - l->progress_ms));
	l->progress_ms = l->now_ms;
	l->progress_lines = l->out.lines;
}

/* What the clock and the signals ask for. */
int
mr_loop_attend(struct mr_loop *l, struct mr_err *err)
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

int
mr_loop_flush(struct mr_loop *l, struct mr_err *err)
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
take_block(struct mr_loop *l, struct mr_block *b, struct mr_err *err)
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
	r = mr_loop_lines(l, err);
	mr_in_unread(b->in, &at, &end);
	l->in = in;
	l->jobs = jobs;
	if (r < 0 || mr_loop_flush(l, err) < 0) /* the output may be bytes of the block */
		return -1;
	mr_jobs_took(jobs, in);
	if (at < end) {
		if (!l->stage->done)
			l->stop_ms -= MR_LOOP_GRACE; /* what comes behind a gap is not wanted */
		mr_jobs_free(jobs);
		l->jobs = NULL;
	}
	return 0;
}

/* The blocks that are done, in their order; waits while there are more than `most`. */
static int
collect(struct mr_loop *l, size_t most, struct mr_err *err)
{
	struct mr_block *b;

	while (mr_jobs_held(l->jobs) > 0) {
		if ((b = mr_jobs_oldest(l->jobs))) {
			if (take_block(l, b, err) < 0)
				return -1;
			continue;
		}
		if (mr_jobs_held(l->jobs) <= most || mr_loop_stops_between(l))
			break;
		if (mr_jobs_await(l->jobs)) {
			struct pollfd p[2] = {{mr_jobs_fd(l->jobs), POLLIN, 0},
			    {mr_sig_fd(), POLLIN, 0}};

			poll(p, 2, MR_LOOP_GRACE / 10);
		}
		if (mr_loop_attend(l, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Whole lines that were read, to a thread, if they are worth it.
 * Return: 1 look again; 0 what is next is to be looked at here; -1.
 */
int
mr_loop_hand_out(struct mr_loop *l, struct mr_err *err)
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
void
mr_loop_reader_gone(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

/* Poll input, signals, the reader and the threads; true when the input has something. */
static bool
poll_input(const struct mr_loop *l, int timeout_ms)
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
		mr_loop_reader_gone();
	return p[0].revents != 0;
}

/* How long nothing but input can matter. */
static int
patience(const struct mr_loop *l)
{
	const struct mr_stage *s = l->stage;
	int ms = -1;

	if (s->tick_ms && s->tick)
		ms = s->tick_ms;
	if (s->metrics_path && (ms < 0 || ms > REPORT_MS))
		ms = REPORT_MS;
	if (l->stop_ms && (ms < 0 || ms > MR_LOOP_GRACE / 10))
		ms = MR_LOOP_GRACE / 10;
	return ms;
}

/* Until input is there, the end (0), or a stop (0); 1 read on. */
int
mr_loop_wait(struct mr_loop *l, struct mr_err *err)
{
	struct mr_stage *s = l->stage;
	bool idle = false;

	for (;;) {
		if (l->jobs && collect(l, SIZE_MAX, err) < 0)
			return -1;
		if (mr_loop_flush(l, err) < 0 || mr_loop_attend(l, err) < 0)
			return -1;
		if (mr_loop_stops(l)) {
			l->stopped = true;
			return 0;
		}
		if ((s->idle || l->jobs) && poll_input(l, 0))
			return 1;
		if (mr_jobs_held(l->jobs) > 0) {
			if (mr_jobs_await(l->jobs) && poll_input(l, patience(l)))
				return 1;
			continue;
		}
		if (!idle && s->idle && l->begun && s->idle(s->self, &l->out, err) < 0)
			return -1;
		idle = true;
		if (mr_loop_flush(l, err) < 0)
			return -1;
		if (poll_input(l, patience(l)))
			return 1;
	}
}

/* Before the input fails or ends, what came before it is to be seen; that may fail first. */
int
mr_loop_read(struct mr_loop *l, struct mr_err *err)
{
	struct mr_err first = MR_ERR_INIT;
	int r = mr_in_read(l->in, err);

	if (r <= 0 && collect(l, 0, &first) < 0) {
		*err = first;
		return -1;
	}
	return r;
}
