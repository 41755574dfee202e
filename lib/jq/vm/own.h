/*
 * The machine's memory.  For lib/jq/vm alone.
 */
#ifndef MR_JQ_VM_OWN_H
#define MR_JQ_VM_OWN_H

#include "jq/code/ins.h"
#include "jq/vm/vm.h"

/*
 * A path being tracked: its last step, and the steps before it, shared between
 * fork points.  The first one of a path has no key; outer is the track to go
 * on with when the path is done.
 */
struct mr_track {
	uint32_t holders;
	struct mr_track *up, *outer;
	struct mr_value key, at; /* at: the value there; only it may be stepped into */
};

struct mr_vm_iter {
	struct mr_value_iter it;
	size_t n; /* elements that came so far */
};

struct mr_closure {
	uint32_t procedure;
	struct mr_frame *env;
};

/*
 * Frames lie on a stack in chunks that do not move.  A frame that has returned
 * stays while a fork point may come back to it: `below` is the one underneath
 * in memory, `back` the one that called.
 */
struct mr_frame {
	struct mr_frame *below, *env, *back;
	const struct mr_ins *ret;  /* the call; NULL: what is returned is an output */
	struct mr_track *off;      /* the call switched this track off */
	struct mr_vm_chunk *chunk; /* where the top of the stack was before */
	char *top;
	uint32_t height; /* frames underneath */
	uint32_t forks;  /* fork points there were */
	uint32_t slots, iters, closures;
	struct mr_value at[]; /* then closures, then iterators */
};

enum mr_fork_kind {
	MR_F_GO,    /* go on at the instruction's target */
	MR_F_AGAIN, /* the instruction has more (each, range) */
	MR_F_TRY,
	MR_F_TRY_DONE,
	MR_F_ALT,
	MR_F_LABEL
};

struct mr_fork {
	enum mr_fork_kind kind;
	uint32_t label;
	const struct mr_ins *pc;
	struct mr_frame *frame, *newest;
	struct mr_track *track;
};

struct mr_vm_chunk {
	struct mr_vm_chunk *next, *before;
	char *end;
	max_align_t bytes[];
};

struct mr_vm {
	const struct mr_code *code;
	struct mr_jq_run *run;
	struct mr_vm_chunk *chunk; /* the one in use; those behind it are empty */
	char *top;
	struct mr_frame *frame, *newest; /* the one that runs; the topmost in memory */
	struct mr_fork *forks;
	uint32_t nforks, fork_room;
	struct mr_track *track; /* NULL: no path is tracked */
	struct mr_track *spare; /* of tracks, by up */
	struct mr_value error;  /* being raised */
	bool breaking;          /* ... but it is a break, out to a label */
	uint32_t label;
	uint32_t labels;         /* handed out */
	struct mr_value env;     /* $ENV, once somebody asked */
	struct mr_vm_open *open; /* open.c */
	size_t nopen, open_room;
	uint32_t patience;          /* calls and ways back until the next look at run->stops() */
	const struct mr_ins *asked; /* the instruction that waits for an event */
	enum { MR_VM_READY, MR_VM_RUNS, MR_VM_DONE } state;
};

/* -- vm.c -- */
struct mr_frame *mr_vm_push(struct mr_vm *, uint32_t procedure, const struct mr_closure *,
    size_t n);
void mr_vm_pop(struct mr_vm *); /* the topmost frame */
void mr_vm_fork(struct mr_vm *, enum mr_fork_kind, const struct mr_ins *pc);
void mr_vm_cut(struct mr_vm *, uint32_t forks);
struct mr_frame *mr_vm_out(struct mr_vm *, uint16_t level);
/* Go back to a fork point, raising: with an error.  Where to go on, or NULL: there is none. */
const struct mr_ins *mr_vm_back(struct mr_vm *, bool raising, bool *again);
const struct mr_ins *mr_vm_call(struct mr_vm *, const struct mr_ins *, struct mr_value input);
const struct mr_ins *mr_vm_return(struct mr_vm *, struct mr_value);

static inline struct mr_closure *
mr_vm_closures(struct mr_frame *f)
{
	return (struct mr_closure *)(f->at + f->slots);
}

static inline struct mr_vm_iter *
mr_vm_iters(struct mr_frame *f)
{
	return (struct mr_vm_iter *)(mr_vm_closures(f) + f->closures);
}

/* -- open.c -- */
/* A container to look into: the value, or the cell that was made of it; the machine's. */
const struct mr_value *mr_vm_opened(struct mr_vm *, const struct mr_value *);
struct mr_value mr_vm_open(struct mr_vm *, struct mr_value); /* the same as a value */
void mr_vm_close(struct mr_vm *);

/* -- path.c -- */
void mr_track_free(struct mr_vm *, struct mr_track *);
void mr_vm_path_begin(struct mr_vm *, struct mr_value);
int mr_vm_path_done(struct mr_vm *, struct mr_value, struct mr_value *out);
int mr_vm_index_path(struct mr_vm *, struct mr_value of, struct mr_value key, struct mr_value *out);
int mr_vm_slice_path(struct mr_vm *, struct mr_value of, struct mr_value from, struct mr_value to,
    struct mr_value *out);
int mr_vm_getpath(struct mr_vm *, struct mr_value of, struct mr_value path, struct mr_value *out);
bool mr_vm_on_path(const struct mr_vm *, const struct mr_value *);
int mr_vm_off_path(struct mr_value *of, const char *what, struct mr_value *out);
void mr_vm_step(struct mr_vm *, struct mr_value key, const struct mr_value *at);

static inline struct mr_track *
mr_track_copy(struct mr_track *t)
{
	if (t)
		t->holders++;
	return t;
}

static inline void
mr_track_drop(struct mr_vm *vm, struct mr_track *t)
{
	if (t && --t->holders == 0)
		mr_track_free(vm, t);
}

/* -- compare.c -- */
/* Does the comparison `op` hold between b and c?  1, 0, or -1: the error is set. */
int mr_vm_compared(struct mr_vm *, const struct mr_ins *, enum mr_opcode op);

/* -- step.c: instructions of some size -- */
int mr_vm_object(struct mr_vm *, const struct mr_ins *, struct mr_value *out);
int mr_vm_concat(struct mr_vm *, const struct mr_ins *, struct mr_value *out);
int mr_vm_native(struct mr_vm *, const struct mr_ins *, struct mr_value *out);
int mr_vm_take_path(struct mr_vm *, const struct mr_ins *, struct mr_value *out);
struct mr_value mr_vm_env(struct mr_vm *);

static inline const struct mr_value *
mr_vm_look(const struct mr_vm *vm, uint16_t o)
{
	return o & MR_CONST ? &vm->code->constants[o & (MR_CONST - 1)] : &vm->frame->at[o];
}

/* The value of an operand; taken out of its slot, or copied. */
static inline struct mr_value
mr_vm_get(struct mr_vm *vm, uint16_t o, bool take)
{
	struct mr_value *at, v;

	if (!take)
		return mr_value_copy(mr_vm_look(vm, o));
	at = &vm->frame->at[o];
	v = *at;
	*at = MR_VALUE_NONE;
	return v;
}

static inline void
mr_vm_put(struct mr_vm *vm, uint16_t slot, struct mr_value v)
{
	struct mr_value *at = &vm->frame->at[slot], old = *at;

	*at = v;
	mr_value_free(old);
}

#endif
