/*
 * run - merging what is new into what is there, from the end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "order/run.h"

#define FIRST_KEYS 256

static void
release(struct mr_runs *runs, struct mr_run *run)
{
	runs->bytes -= run->cap * sizeof *run->key;
	free(run->key);
	*run = (struct mr_run){0};
}

void
mr_runs_release(struct mr_runs *runs)
{
	while (runs->n)
		release(runs, &runs->run[--runs->n]);
}

/* Room for `more` keys at the end; keys that were taken make room first. */
static void
reserve(struct mr_runs *runs, struct mr_run *run, size_t more)
{
	size_t held = run->n - run->head;

	if (run->cap - run->n >= more)
		return;
	if (run->head >= held && run->cap - held >= more) {
		memmove(run->key, run->key + run->head, held * sizeof *run->key);
	} else {
		size_t cap = held + held / 2 + more;
		struct mr_order_key *key;

		cap = cap < FIRST_KEYS ? FIRST_KEYS : cap;
		key = mr_xmalloc(cap * sizeof *key);
		if (held)
			memcpy(key, run->key + run->head, held * sizeof *key);
		free(run->key);
		runs->bytes += (cap - run->cap) * sizeof *key;
		run->key = key;
		run->cap = cap;
	}
	run->head = 0;
	run->n = held;
}

/* How many keys of the run come behind this one. */
static size_t
behind(const struct mr_run *run, const struct mr_order_key *key)
{
	size_t low = run->head, high = run->n;

	if (low == high || mr_order_before(&run->key[high - 1], key))
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mr_order_before(&run->key[middle], key))
			low = middle + 1;
		else
			high = middle;
	}
	return run->n - low;
}

/* From the end: the keys of the run that come behind are moved once. */
static void
merge(struct mr_runs *runs, struct mr_run *run, const struct mr_order_key *key, size_t n,
    size_t moved)
{
	struct mr_order_key *to, *from, *stop;

	reserve(runs, run, n);
	from = run->key + run->n;
	stop = from - moved;
	to = from + n;
	run->n += n;
	while (n > 0)
		if (from > stop && mr_order_before(&key[n - 1], from - 1))
			*--to = *--from;
		else
			*--to = key[--n];
}

void
mr_runs_tidy(struct mr_runs *runs)
{
	size_t n = 0;

	for (size_t i = 0; i < runs->n; i++) {
		if (runs->run[i].head == runs->run[i].n && runs->n > 1)
			release(runs, &runs->run[i]);
		else
			runs->run[n++] = runs->run[i];
	}
	if (runs->n > n)
		memset(&runs->run[n], 0, (runs->n - n) * sizeof *runs->run);
	runs->n = n;
}

/* The newest run into the one before it, as long as that costs little. */
static void
settle(struct mr_runs *runs)
{
	while (runs->n > 1) {
		struct mr_run *last = &runs->run[runs->n - 1], *run = last - 1;
		size_t held = last->n - last->head, moved;

		moved = held ? behind(run, &last->key[last->head]) : 0;
		if (runs->n < MR_RUNS_MAX && moved > 2 * held)
			return;
		if (held)
			merge(runs, run, last->key + last->head, held, moved);
		release(runs, last);
		runs->n--;
	}
}

void
mr_runs_add(struct mr_runs *runs, const struct mr_order_key *key, size_t n)
{
	struct mr_run *run = runs->n ? &runs->run[runs->n - 1] : NULL;
	size_t moved = run ? behind(run, key) : SIZE_MAX;

	if (!run || (moved > 2 * n && runs->n < MR_RUNS_MAX)) {
		run = &runs->run[runs->n++];
		moved = 0;
	}
	merge(runs, run, key, n, moved);
	settle(runs);
}
