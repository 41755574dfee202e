/*
 * Threads that run a stage over blocks of whole lines, for --jobs.
 *
 * A thread has a stage of its own (stage->twin) and takes what is plain: lines
 * that mr_scan_rows() takes and rows() accepts.  At anything else it leaves
 * the rest of its block to the loop, which takes the blocks back in their
 * order and knows what came before them.
 */
#ifndef MR_STREAM_PARALLEL_H
#define MR_STREAM_PARALLEL_H

#include "stream/stage.h"

#define MR_JOBS_MAX 64

struct mr_block {
	struct mr_in *in;  /* its lines; what no thread took is unread */
	struct mr_out out; /* what was made of those that were taken, may point into them */
	uint64_t lines;    /* taken: all of them data */
	bool no_match;     /* as stage->no_match */
	bool done;         /* for parallel.c */
	bool restart;      /* the first one of its file; for parallel.c */
};

struct mr_jobs;

/* Of a stage with a twin; s->jobs threads, which begin with the first block.  Owner: the caller, of s. */
struct mr_jobs *mr_jobs_new(const struct mr_stage *s);
/* Of blocks that were not taken back nothing is left.  NULL is allowed. */
void mr_jobs_free(struct mr_jobs *);

/*
 * Give away the whole lines that `in` has unread; there is room for them
 * while mr_jobs_held() is below mr_jobs_room().
 * Return: 1 given; 0 there is no whole line; -1 err set: no thread.
 */
int mr_jobs_give(struct mr_jobs *, struct mr_in *in, struct mr_err *err);
size_t mr_jobs_held(const struct mr_jobs *); /* blocks given and not taken back; 0 for NULL */
size_t mr_jobs_room(const struct mr_jobs *);

/*
 * The oldest block, where its lines stand in their file being known to
 * block->in; NULL: it is being worked on.  mr_jobs_took() ends its use; `in`
 * is what was given, and knows its place when no block is held any more.
 */
struct mr_block *mr_jobs_oldest(struct mr_jobs *);
void mr_jobs_took(struct mr_jobs *, struct mr_in *in);

/* Before poll() on the descriptor; false: the oldest block is done already. */
bool mr_jobs_await(struct mr_jobs *);
int mr_jobs_fd(const struct mr_jobs *); /* -1 for NULL */

#endif
