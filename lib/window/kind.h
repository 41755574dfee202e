/*
 * Kinds of windows: how events come together, and what is due when.
 *
 * The operator (window.c) reads events, makes the watermark and writes; a kind
 * holds the open windows, in w->state.
 */
#ifndef MR_WINDOW_KIND_H
#define MR_WINDOW_KIND_H

#include "window/window.h"

struct mr_window_kind {
	/* Make w->state.  -1: err set, MR_EX_USAGE. */
	int (*setup)(struct mr_window *, struct mr_err *);

	/*
	 * Count the event that was read last.  *late: it came too late for
	 * every window, and nothing was changed.
	 */
	int (*event)(struct mr_window *, bool *late, struct mr_out *, struct mr_err *);

	/* The map where most events soon look for their keys; NULL: there is none. */
	struct mr_map *(*keys)(const struct mr_window *);

	/* Write what is complete at upto_ms, and set next_ms. */
	int (*advance)(struct mr_window *, struct mr_out *, struct mr_err *);

	/* A live input has been silent for timeout_ms.  May be null. */
	int (*silence)(struct mr_window *, struct mr_out *, struct mr_err *);

	/* The start of the oldest window that may still give a result. */
	int64_t (*oldest)(const struct mr_window *);
	void (*open)(const struct mr_window *, size_t *windows, size_t *groups, uint64_t *events);
	void (*release)(struct mr_window *);
};

/* tumble, hop, cumulate; session; count and global */
extern const struct mr_window_kind mr_window_aligned, mr_window_session, mr_window_counted;

/* The options that were set go with the kind of window.  -1: err set, MR_EX_USAGE. */
int mr_window_check(const struct mr_window *, struct mr_err *);

/* A result to be written. */
struct mr_result {
	int64_t start, end;
	const char *key;
	size_t len;
	const void *pane; /* NULL: it is retracted, what was written for it holds no more */
	uint64_t revision;
	bool final;      /* no other revision will come */
	uint32_t number; /* the kind's */
};

int mr_result_write(struct mr_window *, const struct mr_result *, struct mr_out *, struct mr_err *);

/* Results that are due together, in no order until they are sorted. */
struct mr_results {
	struct mr_result *at;
	size_t n, cap;
};

void mr_results_add(struct mr_results *, const struct mr_result *);
void mr_results_sort(struct mr_results *); /* by end, start and key */

/* a + b, b >= 0, where a may be at an end of time and stays there. */
static inline int64_t
mr_time_plus(int64_t a, int64_t b)
{
	return a == MR_TIME_MIN || a > MR_TIME_MAX - b ? (a == MR_TIME_MIN ? a : MR_TIME_MAX) :
							 a + b;
}

/*
 * Is a result that is complete at ms, written now, the last of its window?
 * With late_ms that is known at the end of the input alone: how far the
 * watermark is by now depends on what came before what, and results must not.
 */
static inline bool
mr_is_last(const struct mr_window *w, int64_t ms)
{
	return w->late_ms ? w->upto_ms == MR_TIME_MAX : ms <= w->upto_ms;
}

/* --emit every: the first watermark of all crosses no multiple, it only says where the next is. */
#define MR_TICK_FIRST (MR_TIME_MIN + 1)

/* The first multiple of step that is above ms. */
int64_t mr_next_multiple(int64_t ms, int64_t step);

#endif
