/*
 * vm - frames, fork points, calls.
 *
 * Nothing is allocated while a program runs, once the stacks have grown to
 * what it needs: they stay between runs.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/vm/own.h"

#define CHUNK 16000

struct mr_vm *
mr_vm_new(const struct mr_code *code, struct mr_jq_run *run)
{
	struct mr_vm *vm = mr_xcalloc(1, sizeof *vm);

	vm->code = code;
	vm->run = run;
	vm->state = MR_VM_DONE;
	return vm;
}

/* Let go of all that a run holds. */
static void
reset(struct mr_vm *vm)
{
	while (vm->nforks)
		mr_track_drop(vm, vm->forks[--vm->nforks].track);
	while (vm->newest)
		mr_vm_pop(vm);
	vm->frame = NULL;
	mr_track_drop(vm, vm->track);
	vm->track = NULL;
	mr_vm_close(vm);
	mr_value_free(vm->error);
	vm->error = MR_VALUE_NONE;
	vm->breaking = false;
	vm->labels = 0;
	vm->asked = NULL;
	vm->state = MR_VM_DONE;
}

void
mr_vm_free(struct mr_vm *vm)
{
	struct mr_vm_chunk *next;
	struct mr_track *t;

	if (!vm)
		return;
	reset(vm);
	mr_value_free(vm->env);
	while ((t = vm->spare)) {
		vm->spare = t->up;
		free(t);
	}
	while (vm->chunk && vm->chunk->before)
		vm->chunk = vm->chunk->before;
	for (; vm->chunk; vm->chunk = next) {
		next = vm->chunk->next;
		free(vm->chunk);
	}
	free(vm->forks);
	free(vm);
}

/* Room for size bytes on top of the stack; what was the top goes into the frame. */
static struct mr_frame *
frame_room(struct mr_vm *vm, size_t size)
{
	struct mr_vm_chunk *c = vm->chunk, *next;
	char *top = vm->top;
	struct mr_frame *f;

	if (!c || (size_t)(c->end - top) < size) {
		next = c ? c->next : NULL;
		if (next && (size_t)(next->end - (char *)next->bytes) < size) {
			/* too small for this frame: one that is large enough goes before it */
			next = NULL;
		}
		if (!next) {
			size_t room = size > CHUNK ? size : CHUNK;

			next = mr_xmalloc(sizeof *next + room);
			next->end = (char *)next->bytes + room;
			next->before = c;
			next->next = c ? c->next : NULL;
			if (next->next)
				next->next->before = next;
			if (c)
				c->next = next;
		}
		vm->chunk = next;
		vm->top = (char *)next->bytes;
	}
	f = (struct mr_frame *)vm->top;
	f->chunk = c;
	f->top = top;
	vm->top += size;
	return f;
}

struct mr_frame *
mr_vm_push(struct mr_vm *vm, uint32_t procedure, const struct mr_closure *closures, size_t n)
{
	const struct mr_procedure *p = &vm->code->procedures[procedure];
	size_t size = sizeof(struct mr_frame) + p->slots * sizeof(struct mr_value) +
	    n * sizeof *closures + p->iters * sizeof(struct mr_vm_iter);
	size_t align = sizeof(max_align_t);
	struct mr_frame *f = frame_room(vm, (size + align - 1) / align * align);

	f->below = vm->newest;
	f->height = f->below ? f->below->height + 1 : 1;
	f->forks = vm->nforks;
	f->off = NULL;
	f->slots = p->slots;
	f->iters = p->iters;
	f->closures = (uint32_t)n;
	for (uint32_t i = 0; i < p->slots; i++)
		f->at[i] = MR_VALUE_NONE;
	if (n)
		memcpy(mr_vm_closures(f), closures, n * sizeof *closures);
	vm->newest = f;
	return f;
}

void
mr_vm_pop(struct mr_vm *vm)
{
	struct mr_frame *f = vm->newest;

	for (uint32_t i = 0; i < f->slots; i++)
		mr_value_free(f->at[i]);
	mr_track_drop(vm, f->off);
	vm->newest = f->below;
	/* the first chunk stays the one in use */
	if (f->chunk) {
		vm->chunk = f->chunk;
		vm->top = f->top;
	} else {
		vm->top = (char *)vm->chunk->bytes;
	}
}

void
mr_vm_fork(struct mr_vm *vm, enum mr_fork_kind kind, const struct mr_ins *pc)
{
	struct mr_fork *f;

	if (vm->nforks == vm->fork_room) {
		vm->fork_room = vm->fork_room ? 2 * vm->fork_room : 32;
		vm->forks = mr_xrealloc(vm->forks, vm->fork_room * sizeof *vm->forks);
	}
	f = &vm->forks[vm->nforks++];
	f->kind = kind;
	f->pc = pc;
	f->frame = vm->frame;
	f->newest = vm->newest;
	f->track = mr_track_copy(vm->track);
}

/* Frames that only the fork points kept go with them. */
void
mr_vm_cut(struct mr_vm *vm, uint32_t forks)
{
	uint32_t keep = vm->frame->height;

	while (vm->nforks > forks)
		mr_track_drop(vm, vm->forks[--vm->nforks].track);
	if (vm->nforks && vm->forks[vm->nforks - 1].newest->height > keep)
		keep = vm->forks[vm->nforks - 1].newest->height;
	while (vm->newest->height > keep)
		mr_vm_pop(vm);
}

struct mr_frame *
mr_vm_out(struct mr_vm *vm, uint16_t level)
{
	struct mr_frame *f = vm->frame;

	if (level == MR_NO_LEVEL)
		return NULL;
	for (; level; level--)
		f = f->env;
	return f;
}

/* -- going back -- */

/* {"__jq": 3}: what a break looks like to somebody who catches it. */
static struct mr_value
break_value(struct mr_vm *vm)
{
	return mr_value_set_member(mr_value_object(1), mr_value_string("__jq", 4),
	    mr_value_number(vm->label));
}

/* An error that looks like a break is one: `try break $x catch error`. */
static void
recognize_break(struct mr_vm *vm)
{
	struct mr_value n;

	if (vm->error.type != MR_OBJECT || mr_value_count(&vm->error) != 1)
		return;
	n = mr_value_member(&vm->error, "__jq", 4);
	if (n.type == MR_NUMBER) {
		vm->breaking = true;
		vm->label = (uint32_t)mr_value_double(&n);
	}
	mr_value_free(n);
}

static void
settle_error(struct mr_vm *vm)
{
	mr_value_free(vm->error);
	vm->error = MR_VALUE_NONE;
	vm->breaking = false;
}

/* Does an error stop at a fork point?  wrapped: how many bodies of try it came from behind. */
static bool
stops(struct mr_vm *vm, const struct mr_fork *f, unsigned *wrapped)
{
	switch (f->kind) {
	case MR_F_TRY_DONE: ++*wrapped; return false;
	case MR_F_TRY:
		if (*wrapped) {
			--*wrapped;
			return false;
		}
		return !vm->run->halted;
	case MR_F_ALT: return !vm->run->halted;
	case MR_F_LABEL: return vm->breaking && vm->label == f->label;
	case MR_F_GO:
	case MR_F_AGAIN: break;
	}
	return false;
}

/* Make f's surroundings those of the machine. */
static void
resume(struct mr_vm *vm, const struct mr_fork *f)
{
	while (vm->newest != f->newest)
		mr_vm_pop(vm);
	vm->frame = f->frame;
	mr_track_drop(vm, vm->track);
	vm->track = f->track;
}

const struct mr_ins *
mr_vm_back(struct mr_vm *vm, bool raising, bool *again)
{
	unsigned wrapped = 0;
	struct mr_fork f;

	*again = false;
	if (raising && !vm->breaking)
		recognize_break(vm);
	while (vm->nforks) {
		f = vm->forks[--vm->nforks];
		if (!raising && f.kind <= MR_F_AGAIN) {
			resume(vm, &f);
			*again = f.kind == MR_F_AGAIN;
			return *again ? f.pc : f.pc + f.pc->d;
		}
		if (!raising || !stops(vm, &f, &wrapped)) {
			mr_track_drop(vm, f.track);
			continue;
		}
		if (f.kind == MR_F_LABEL) {
			mr_track_drop(vm, f.track);
			settle_error(vm);
			raising = false;
			continue;
		}
		resume(vm, &f);
		if (f.kind == MR_F_TRY) {
			if (vm->breaking && vm->error.type == MR_MISSING)
				vm->error = break_value(vm);
			mr_vm_put(vm, f.pc->a, vm->error);
			vm->error = MR_VALUE_NONE;
		}
		settle_error(vm);
		return f.pc + f.pc->d;
	}
	if (raising && vm->breaking && vm->error.type == MR_MISSING)
		vm->error = break_value(vm);
	return NULL;
}

/* -- calls -- */

static struct mr_closure
close(struct mr_vm *vm, const struct mr_closure_ref *r)
{
	struct mr_frame *f = mr_vm_out(vm, r->level);

	if (r->argument)
		return mr_vm_closures(f)[r->index];
	return (struct mr_closure){r->index, f};
}

/*
 * A frame whose call is the last thing it does, which no fork point and none of
 * the closures needs, goes before the new one comes.
 */
static bool
replaceable(struct mr_vm *vm, const struct mr_closure *to, const struct mr_closure *args, size_t n)
{
	struct mr_frame *f = vm->frame;

	if (f != vm->newest || f->forks != vm->nforks || to->env == f)
		return false;
	for (size_t i = 0; i < n; i++)
		if (args[i].env == f)
			return false;
	return true;
}

const struct mr_ins *
mr_vm_call(struct mr_vm *vm, const struct mr_ins *i, struct mr_value input)
{
	const struct mr_call *call = &vm->code->calls[i->d];
	struct mr_closure to = close(vm, &call->to), few[8], *args = few;
	struct mr_frame *back = vm->frame, *f;
	const struct mr_ins *ret = i;
	struct mr_track *off = NULL;

	if (call->n > sizeof few / sizeof few[0])
		args = mr_xmalloc(call->n * sizeof *args);
	for (uint32_t k = 0; k < call->n; k++)
		args[k] = close(vm, &vm->code->refs[call->from + k]);
	if (i->mode & MR_M_TAIL) {
		ret = back->ret;
		if (replaceable(vm, &to, args, call->n)) {
			f = back;
			back = f->back;
			off = f->off;
			f->off = NULL;
			mr_vm_pop(vm);
		} else {
			/* it returns past this frame, and must switch on what that one would */
			off = mr_track_copy(back->off);
			back = back->back;
		}
	} else if ((i->mode & MR_M_NO_PATH) && vm->track) {
		off = vm->track;
		vm->track = NULL;
	}
	f = mr_vm_push(vm, to.procedure, args, call->n);
	if (args != few)
		free(args);
	f->env = to.env;
	f->back = back;
	f->ret = ret;
	f->off = off;
	f->at[0] = input;
	vm->frame = f;
	return vm->code->ins + vm->code->procedures[to.procedure].entry;
}

/* The frame stays if a fork point may come back to it. */
const struct mr_ins *
mr_vm_return(struct mr_vm *vm, struct mr_value v)
{
	struct mr_frame *f = vm->frame;
	const struct mr_ins *ret = f->ret;

	if (f->off) {
		mr_track_drop(vm, vm->track);
		vm->track = mr_track_copy(f->off);
	}
	vm->frame = f->back;
	if (f == vm->newest && f->forks == vm->nforks)
		mr_vm_pop(vm);
	mr_vm_put(vm, ret->a, v);
	return ret + 1;
}

void
mr_vm_start(struct mr_vm *vm, struct mr_value input)
{
	struct mr_frame *f;

	reset(vm);
	f = mr_vm_push(vm, 0, NULL, 0);
	f->env = f->back = NULL;
	f->ret = NULL;
	f->at[0] = input;
	vm->frame = f;
	vm->state = MR_VM_READY;
}
