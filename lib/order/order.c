/*
 * order - the sorter: what is put, spilled and taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "order/order.h"

#define CHUNK_LEAST ((size_t)4 << 10)
#define CHUNK_MOST ((size_t)256 << 10)
#define FRESH_LEAST 256
#define FRESH_MOST ((size_t)64 << 10) /* what a processor's cache holds while it is sorted */

void
mr_order_init(struct mr_order *o)
{
	*o = (struct mr_order){.memory = (size_t)64 << 20, .dir = "/tmp"};
}

static size_t
clamp(size_t n, size_t least, size_t most)
{
	return n < least ? least : n > most ? most : n;
}

void
mr_order_setup(struct mr_order *o)
{
	size_t chunk = CHUNK_LEAST;

	while (chunk < CHUNK_MOST && chunk < o->memory / 128)
		chunk *= 2;
	mr_arena_init(&o->arena, chunk);
	o->buffer = clamp(o->memory / (4 * MR_ORDER_FILES), 1024, (size_t)256 << 10);
	o->fresh_cap = clamp(o->memory / 512, FRESH_LEAST, FRESH_MOST);
	o->fresh = mr_xmalloc(o->fresh_cap * sizeof *o->fresh);
}

static void
drop_keys(struct mr_order *o, const struct mr_order_key *k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mr_arena_drop(&o->arena, k[i].at);
}

void
mr_order_release(struct mr_order *o)
{
	drop_keys(o, o->fresh, o->nfresh);
	for (size_t i = 0; i < o->runs.n; i++) {
		const struct mr_run *run = &o->runs.run[i];

		drop_keys(o, run->key + run->head, run->n - run->head);
	}
	mr_runs_release(&o->runs);
	while (o->files)
		mr_spill_release(&o->file[--o->files]);
	mr_arena_release(&o->arena);
	mr_buf_release(&o->room);
	free(o->fresh);
	o->fresh = NULL;
	o->nfresh = o->nheap = 0;
}

size_t
mr_order_bytes(const struct mr_order *o)
{
	return o->arena.bytes + o->runs.bytes + o->nfresh * sizeof *o->fresh;
}

bool
mr_order_full(const struct mr_order *o)
{
	size_t fixed = o->files * o->buffer + o->fresh_cap * sizeof *o->fresh + o->room.cap;

	return o->arena.bytes + o->runs.bytes + fixed > o->memory && o->held > 0 &&
	    o->arena.bytes + o->runs.bytes > o->memory / 4;
}

bool
mr_order_due(const struct mr_order *o)
{
	return o->nfresh == o->fresh_cap || mr_order_full(o);
}

/* What came since becomes a run, or part of one. */
static void
sort_fresh(struct mr_order *o)
{
	if (!o->nfresh)
		return;
	mr_order_sort(o->fresh, o->nfresh, &o->room);
	mr_runs_add(&o->runs, o->fresh, o->nfresh);
	o->nfresh = 0;
}

char *
mr_order_put(struct mr_order *o, const struct mr_time *time, size_t len)
{
	char *at = mr_arena_put(&o->arena, len);

	if (o->nfresh == o->fresh_cap)
		sort_fresh(o);
	o->nheap = 0;
	o->fresh[o->nfresh++] = (struct mr_order_key){time->ms, o->seq++, at, time->ns,
	    (uint32_t)len};
	o->held++;
	return at;
}

/* The source at the root goes down to where it belongs. */
static void
sink(struct mr_order *o)
{
	struct mr_order_source source = o->heap[0];
	size_t at = 0, n = o->nheap;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < n && mr_order_before(&o->heap[child + 1].key, &o->heap[child].key))
			child++;
		if (child >= n || mr_order_before(&source.key, &o->heap[child].key))
			break;
		o->heap[at] = o->heap[child];
		at = child;
	}
	o->heap[at] = source;
}

static void
rise(struct mr_order *o, const struct mr_order_key *key, size_t run)
{
	size_t at = o->nheap++;

	while (at > 0 && mr_order_before(key, &o->heap[(at - 1) / 2].key)) {
		o->heap[at] = o->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	o->heap[at] = (struct mr_order_source){*key, run};
}

static void
heap_of_memory(struct mr_order *o)
{
	o->nheap = 0;
	mr_runs_tidy(&o->runs);
	for (size_t i = 0; i < o->runs.n; i++) {
		const struct mr_run *run = &o->runs.run[i];

		if (run->head < run->n)
			rise(o, &run->key[run->head], i);
	}
}

/* The files from `first` on join the heap. */
static void
heap_of_files(struct mr_order *o, size_t first)
{
	for (size_t i = first; i < o->files; i++)
		rise(o, &o->file[i].key, MR_RUNS_MAX + i);
}

/* A file that was read to its end stays until here, where numbers of files may change. */
static void
tidy_files(struct mr_order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->files; i++) {
		if (o->file[i].left == 0)
			mr_spill_release(&o->file[i]);
		else
			o->file[n++] = o->file[i];
	}
	o->files = n;
}

void
mr_order_settle(struct mr_order *o)
{
	if (o->nheap)
		return;
	sort_fresh(o);
	tidy_files(o);
	heap_of_memory(o);
	heap_of_files(o, 0);
}

/* Step over the key at the root. */
static int
step(struct mr_order *o, struct mr_err *err)
{
	struct mr_order_source *top = &o->heap[0];
	int more;

	if (top->run < MR_RUNS_MAX) {
		struct mr_run *run = &o->runs.run[top->run];

		mr_arena_drop(&o->arena, top->key.at);
		more = ++run->head < run->n;
		if (more)
			top->key = run->key[run->head];
	} else {
		struct mr_spill *file = &o->file[top->run - MR_RUNS_MAX];

		if ((more = mr_spill_next(file, err)) < 0)
			return -1;
		if (more)
			top->key = file->key;
	}
	if (!more)
		*top = o->heap[--o->nheap];
	if (o->nheap > 1)
		sink(o);
	return 0;
}

int
mr_order_take(struct mr_order *o, struct mr_err *err)
{
	o->held--;
	return step(o, err);
}

/* All that is in the heap to a file, which becomes the last one. */
static int
write_heap(struct mr_order *o, struct mr_err *err)
{
	struct mr_spill to;

	if (mr_spill_new(&to, o->dir, o->buffer, err))
		return -1;
	while (o->nheap)
		if (mr_spill_put(&to, &o->heap[0].key, err) || step(o, err))
			goto fail;
	if (mr_spill_begin(&to, err))
		goto fail;
	tidy_files(o);
	o->file[o->files++] = to;
	return 0;
fail:
	mr_spill_release(&to);
	o->nheap = 0;
	return -1;
}

static int
by_left(const void *a, const void *b)
{
	off_t x = ((const struct mr_spill *)a)->left, y = ((const struct mr_spill *)b)->left;

	return (x < y) - (x > y);
}

/* The smaller half of the files become one: so a byte is written again O(log) times. */
static int
merge_files(struct mr_order *o, struct mr_err *err)
{
	qsort(o->file, o->files, sizeof *o->file, by_left);
	o->nheap = 0;
	heap_of_files(o, o->files / 2);
	return write_heap(o, err);
}

int
mr_order_spill(struct mr_order *o, struct mr_err *err)
{
	uint64_t before = 0;

	sort_fresh(o);
	tidy_files(o);
	if (o->files == MR_ORDER_FILES && merge_files(o, err))
		return -1;
	heap_of_memory(o);
	for (size_t i = 0; i < o->runs.n; i++)
		before += o->runs.run[i].n - o->runs.run[i].head;
	if (before && write_heap(o, err))
		return -1;
	o->spilled += before;
	mr_runs_release(&o->runs);
	return 0;
}
