/*
 * parallel - blocks of lines, a ring of them, and the threads that work on it.
 *
 * One lock guards the ring: [first, first + held) are the blocks given, in the
 * order of the input, the `begun` oldest of them have a thread or are done.  It
 * is taken a few times for each block, which is a quarter of a megabyte.
 * A block belongs to its thread from when it was begun until it is done, and
 * to the caller before and behind that.
 *
 * Where lines stand in their file is known only when all blocks before were
 * taken back: `lines` counts along.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "stream/parallel.h"

#define ROWS 128                     /* lines scanned at once */
#define OUT_MOST ((size_t)8 << 20)   /* made of one block by a thread; the loop writes as it goes */
#define OUT_KEPT ((size_t)512 << 10) /* memory of a block that is used again */
#define STACK ((size_t)8 << 20)      /* as the first thread's: values may be nested deeply */

struct worker {
	struct mr_jobs *jobs;
	struct mr_stage stage;
	struct mr_scan_row *row;
	struct mr_val *vals;
	pthread_t thread;
	bool runs;
};

struct mr_jobs {
	const struct mr_stage *stage;
	unsigned scan_flags;
	size_t nworkers, nblocks;
	struct worker *workers;
	struct mr_block *blocks;
	bool started;
	atomic_bool quit;
	int pipe[2];          /* a byte: the oldest block is done, and was awaited */
	uint64_t lines;       /* of the oldest block's file, before it */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;
	size_t first, held, begun;
	bool awaited, told;
};

struct mr_jobs *
mr_jobs_new(const struct mr_stage *s)
{
	struct mr_jobs *j = mr_xcalloc(1, sizeof *j);

	j->stage = s;
	j->nworkers = s->jobs;
	j->nblocks = s->jobs + 2;
	j->workers = mr_xcalloc(j->nworkers, sizeof *j->workers);
	j->blocks = mr_xcalloc(j->nblocks, sizeof *j->blocks);
	j->pipe[0] = j->pipe[1] = -1;
	for (size_t i = 0; i < j->nblocks; i++)
		mr_out_init(&j->blocks[i].out, -1, NULL);
	atomic_init(&j->quit, false);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->work, NULL);
	return j;
}

/* How many of the rows are no longer than a line may be. */
static size_t
short_rows(const struct worker *w, size_t n)
{
	size_t i = 0;

	while (i < n && w->row[i].len <= w->jobs->stage->max_line)
		i++;
	return i;
}

/* From *at on, as far as lines are plain; *at is behind the last one taken. */
static uint64_t
take_plain(struct worker *w, const char **at, const char *end, struct mr_out *out)
{
	struct mr_stage *s = &w->stage;
	struct mr_rows rows = {.row = w->row, .vals = w->vals};
	struct mr_err err = MR_ERR_INIT;
	uint64_t lines = 0;

	rows.width = (size_t)mr_scan_count(s->scan);
	while (*at < end && out->buf.len < OUT_MOST && !atomic_load(&w->jobs->quit)) {
		const char *next = *at;
		size_t n, done = 0;
		int r;

		n = mr_scan_rows(s->scan, &next, end, w->jobs->scan_flags, w->row, ROWS, w->vals);
		if ((rows.n = short_rows(w, n)) == 0)
			break;
		r = s->rows(s->self, &rows, &done, out, &err);
		if (done > 0)
			*at = w->row[done - 1].at + w->row[done - 1].len + 1;
		lines += done;
		if (r < 0 || done < n)
			break;
	}
	return lines;
}

static void
work(struct worker *w, struct mr_block *b)
{
	const char *at, *end;

	w->stage.no_match = true;
	mr_in_unread(b->in, &at, &end);
	b->lines = take_plain(w, &at, end, &b->out);
	mr_in_took(b->in, at, b->lines);
	b->no_match = w->stage.no_match;
}

static void *
run(void *arg)
{
	struct worker *w = arg;
	struct mr_jobs *j = w->jobs;
	struct mr_block *b;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		while (!atomic_load(&j->quit) && j->begun == j->held)
			pthread_cond_wait(&j->work, &j->lock);
		if (atomic_load(&j->quit))
			break;
		b = &j->blocks[(j->first + j->begun++) % j->nblocks];
		pthread_mutex_unlock(&j->lock);
		work(w, b);
		pthread_mutex_lock(&j->lock);
		b->done = true;
		if (j->awaited && b == &j->blocks[j->first]) {
			j->awaited = false;
			j->told = write(j->pipe[1], "", 1) == 1;
		}
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static int
start_worker(struct mr_jobs *j, struct worker *w, const pthread_attr_t *attr, struct mr_err *err)
{
	w->jobs = j;
	w->stage = (struct mr_stage){.id = j->stage->id,
	    .max_line = j->stage->max_line,
	    .trusted = j->stage->trusted};
	if (j->stage->twin(j->stage, &w->stage, err) < 0)
		return -1;
	w->row = mr_xmalloc(ROWS * sizeof *w->row);
	w->vals = mr_xcalloc(ROWS * ((size_t)mr_scan_count(w->stage.scan) + 1), sizeof *w->vals);
	if ((errno = pthread_create(&w->thread, attr, run, w)) != 0)
		return mr_err_sys(err, "cannot start a thread (--jobs)");
	w->runs = true;
	return 0;
}

/* Signals are for the first thread: the others are born without them. */
static int
start(struct mr_jobs *j, struct mr_err *err)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int r = 0;

	j->started = true;
	j->scan_flags = j->stage->scan_flags | (mr_stage_trusts(j->stage) ? MR_SCAN_TRUSTED : 0);
	if (pipe2(j->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
		return mr_err_sys(err, "cannot make a pipe");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < j->nworkers && r == 0; i++)
		r = start_worker(j, &j->workers[i], &attr, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return r;
}

static void
free_worker(struct worker *w)
{
	if (w->stage.release)
		w->stage.release(w->stage.self);
	free(w->stage.self);
	free(w->row);
	free(w->vals);
}

void
mr_jobs_free(struct mr_jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	atomic_store(&j->quit, true);
	pthread_cond_broadcast(&j->work);
	pthread_mutex_unlock(&j->lock);
	for (size_t i = 0; i < j->nworkers; i++) {
		if (j->workers[i].runs)
			pthread_join(j->workers[i].thread, NULL);
		free_worker(&j->workers[i]);
	}
	for (size_t i = 0; i < j->nblocks; i++) {
		mr_in_free(j->blocks[i].in);
		mr_out_release(&j->blocks[i].out);
	}
	for (int i = 0; i < 2; i++)
		if (j->pipe[i] >= 0)
			close(j->pipe[i]);
	pthread_cond_destroy(&j->work);
	pthread_mutex_destroy(&j->lock);
	free(j->workers);
	free(j->blocks);
	free(j);
}

size_t
mr_jobs_held(const struct mr_jobs *j)
{
	return j ? j->held : 0; /* changed by the caller's thread alone */
}

size_t
mr_jobs_room(const struct mr_jobs *j)
{
	return j->nblocks;
}

int
mr_jobs_give(struct mr_jobs *j, struct mr_in *in, struct mr_err *err)
{
	size_t last = (j->first + j->held + j->nblocks - 1) % j->nblocks;
	struct mr_block *b = &j->blocks[(j->first + j->held) % j->nblocks];
	bool restart = j->held > 0 && !mr_in_same_file(in, j->blocks[last].in);
	struct mr_in *part;

	if (!(part = mr_in_split(in, b->in)))
		return 0;
	b->in = part;
	if (!j->started && start(j, err) < 0)
		return -1;
	if (b->out.buf.cap > OUT_KEPT)
		mr_out_release(&b->out);
	b->done = false;
	b->restart = restart;
	if (j->held == 0)
		mr_in_place(in, &j->lines);
	pthread_mutex_lock(&j->lock);
	j->held++;
	pthread_cond_signal(&j->work);
	pthread_mutex_unlock(&j->lock);
	return 1;
}

struct mr_block *
mr_jobs_oldest(struct mr_jobs *j)
{
	struct mr_block *b = &j->blocks[j->first];
	const char *at, *end;
	bool done;
	char byte;

	pthread_mutex_lock(&j->lock);
	if (j->told && read(j->pipe[0], &byte, 1) == 1)
		j->told = false;
	done = j->held > 0 && b->done;
	pthread_mutex_unlock(&j->lock);
	if (!done)
		return NULL;
	if (b->restart)
		j->lines = 0;
	mr_in_unread(b->in, &at, &end);
	mr_in_took(b->in, at, j->lines);
	return b;
}

void
mr_jobs_took(struct mr_jobs *j, struct mr_in *in)
{
	struct mr_block *b = &j->blocks[j->first];
	const char *at, *end;
	uint64_t lines;

	mr_in_place(b->in, &j->lines);
	pthread_mutex_lock(&j->lock);
	j->first = (j->first + 1) % j->nblocks;
	j->held--;
	j->begun--;
	pthread_mutex_unlock(&j->lock);
	if (j->held == 0 && mr_in_same_file(in, b->in)) {
		mr_in_place(in, &lines);
		mr_in_unread(in, &at, &end);
		mr_in_took(in, at, j->lines - lines);
	}
}

bool
mr_jobs_await(struct mr_jobs *j)
{
	bool wait;

	pthread_mutex_lock(&j->lock);
	j->awaited = wait = !j->blocks[j->first].done;
	pthread_mutex_unlock(&j->lock);
	return wait;
}

int
mr_jobs_fd(const struct mr_jobs *j)
{
	return j ? j->pipe[0] : -1;
}
