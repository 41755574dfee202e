/*
 * run - the loop that runs instructions.
 *
 * An instruction falls through to the next one, jumps, raises (the error is in
 * vm->error) or backtracks.
 */
#include "jq/vm/own.h"

/*
 * What leaves a value or an error in *out: put it where it belongs.  By
 * pointer: it is filled in by the call that is the argument beside it.
 */
static int
settle(struct mr_vm *vm, const struct mr_ins *i, int got, const struct mr_value *out)
{
	if (got < 0)
		vm->error = *out;
	else
		mr_vm_put(vm, i->a, *out);
	return got;
}

static int
arithmetic(struct mr_vm *vm, const struct mr_ins *i)
{
	static const char ops[] = "+-*/%";
	const struct mr_value *a = mr_vm_look(vm, i->b), *b = mr_vm_look(vm, i->c);
	struct mr_value x, y, out;
	double n, m;

	if (a->type == MR_NUMBER && b->type == MR_NUMBER && i->op <= MR_I_MUL) {
		n = mr_value_double(a);
		m = mr_value_double(b);
		out = mr_value_number(i->op == MR_I_ADD ? n + m :
			i->op == MR_I_SUB               ? n - m :
							  n * m);
		mr_vm_put(vm, i->a, out);
		return 0;
	}
	y = mr_vm_get(vm, i->c, i->mode & MR_M_TAKE_C);
	x = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
	return settle(vm, i, mr_value_binop(ops[i->op - MR_I_ADD], x, y, &out), &out);
}

/* .name of an object or null, by far the most frequent; the rest is an ordinary index. */
static int
field(struct mr_vm *vm, const struct mr_ins *i)
{
	const struct mr_key *key = &vm->code->keys[i->d];
	const struct mr_value *of = mr_vm_look(vm, i->b);
	struct mr_value v;

	if (of->type == MR_OBJECT) {
		v = mr_value_member(mr_vm_opened(vm, of), key->at, key->len);
		if (v.type == MR_MISSING)
			v.type = MR_NULL;
		if (i->mode & MR_M_TAKE_B)
			mr_vm_put(vm, i->b, MR_VALUE_NONE);
	} else if (of->type == MR_NULL) {
		v = MR_VALUE_NULL;
	} else if (mr_value_index(mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B),
		       mr_value_copy(&vm->code->constants[key->constant]), &v) < 0) {
		vm->error = v;
		return -1;
	}
	mr_vm_put(vm, i->a, v);
	return 0;
}

/* -2: an error that the step's own ? does not hide. */
static int
index_at(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value key = mr_vm_get(vm, i->c, i->mode & MR_M_TAKE_C), out;
	struct mr_value of = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
	int got = i->op == MR_I_INDEX || !vm->track ?
	    mr_value_index(mr_vm_open(vm, of), key, &out) :
	    mr_vm_index_path(vm, of, key, &out);

	return settle(vm, i, got, &out);
}

static int
slice(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value to = mr_vm_get(vm, i->e, i->mode & MR_M_TAKE_E), out;
	struct mr_value from = mr_vm_get(vm, i->c, i->mode & MR_M_TAKE_C);
	struct mr_value of = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
	int got = i->op == MR_I_SLICE ? mr_value_slice_of(of, from, to, &out) :
					mr_vm_slice_path(vm, of, from, to, &out);

	return settle(vm, i, got, &out);
}

/* Begin to iterate: 0, or an error as of index_at(). */
static int
each_begin(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value of = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
	struct mr_vm_iter *it;

	if (i->op == MR_I_EACH_PATH && !mr_vm_on_path(vm, &of)) {
		mr_vm_off_path(&of, "iterate through", &vm->error);
		mr_value_free(of);
		return -2;
	}
	if (of.type != MR_ARRAY && of.type != MR_OBJECT)
		return mr_fail_iterate(of, &vm->error);
	mr_vm_put(vm, i->c, of);
	it = &mr_vm_iters(vm->frame)[i->d];
	it->n = 0;
	mr_value_iter_init(&it->it, &vm->frame->at[i->c]);
	return 0;
}

/* The next element; the fork point that will bring the one behind it comes first. */
static bool
each_next(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_vm_iter *it = &mr_vm_iters(vm->frame)[i->d];
	bool path = i->op == MR_I_EACH_PATH && vm->track;
	struct mr_value key = MR_VALUE_NONE, v;

	if (mr_value_iter_next(&it->it, path ? &key : NULL, &v) == 0) {
		mr_vm_put(vm, i->c, MR_VALUE_NONE);
		return false;
	}
	mr_vm_fork(vm, MR_F_AGAIN, i);
	if (path)
		mr_vm_step(vm, key.type ? key : mr_value_number((double)it->n), &v);
	it->n++;
	mr_vm_put(vm, i->a, v);
	return true;
}

static int
range_begin(struct mr_vm *vm, const struct mr_ins *i)
{
	const struct mr_value *from = mr_vm_look(vm, i->b), *upto = mr_vm_look(vm, i->c);
	struct mr_value first, last;

	if (from->type != MR_NUMBER || upto->type != MR_NUMBER)
		return mr_value_fail(&vm->error, "Range bounds must be numeric");
	first = mr_value_number(mr_value_double(from));
	last = mr_value_number(mr_value_double(upto));
	mr_vm_put(vm, (uint16_t)i->d, first);
	mr_vm_put(vm, i->e, last);
	return 0;
}

/* The first number is the very one that was given. */
static bool
range_next(struct mr_vm *vm, const struct mr_ins *i, bool again)
{
	double *count = &vm->frame->at[i->d].u.number, now = *count;
	double limit = vm->frame->at[i->e].u.number;

	if (now >= limit)
		return false;
	*count = now + 1;
	if (!(*count >= limit))
		mr_vm_fork(vm, MR_F_AGAIN, i);
	mr_vm_put(vm, i->a, again ? mr_value_number(now) : mr_vm_get(vm, i->b, false));
	return true;
}

static void
off_path(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value pair = mr_value_array(2);

	pair = mr_value_push(pair, mr_vm_get(vm, i->b, false));
	pair = mr_value_push(pair, mr_vm_get(vm, i->c, false));
	mr_vm_index_path(vm, pair, mr_value_number(0), &vm->error);
}

static int
set_path(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value v = mr_vm_get(vm, i->e, i->mode & MR_M_TAKE_E), out;
	struct mr_value path = mr_vm_get(vm, i->c, i->mode & MR_M_TAKE_C);
	struct mr_value of = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);

	return settle(vm, i, mr_value_setpath(of, path, v, &out), &out);
}

static int
del_paths(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value paths = mr_vm_get(vm, i->c, i->mode & MR_M_TAKE_C), out;
	struct mr_value of = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);

	return settle(vm, i, mr_value_delpaths(of, paths, &out), &out);
}

/* The rest of the instructions that have a value or an error: one call each. */
static int
valued(struct mr_vm *vm, const struct mr_ins *i)
{
	bool take = i->mode & MR_M_TAKE_B;
	struct mr_value out;

	switch (i->op) {
	case MR_I_NEG: return settle(vm, i, mr_value_negate(mr_vm_get(vm, i->b, take), &out), &out);
	case MR_I_OBJECT: return settle(vm, i, mr_vm_object(vm, i, &out), &out);
	case MR_I_CONCAT: return settle(vm, i, mr_vm_concat(vm, i, &out), &out);
	case MR_I_NATIVE: return settle(vm, i, mr_vm_native(vm, i, &out), &out);
	case MR_I_GET_PATH: return settle(vm, i, mr_vm_take_path(vm, i, &out), &out);
	case MR_I_FORMAT:
		return settle(vm, i,
		    mr_jq_format(vm->code->formats[i->d], mr_vm_get(vm, i->b, take), &out), &out);
	case MR_I_PATH_DONE:
		return settle(vm, i, mr_vm_path_done(vm, mr_vm_get(vm, i->b, take), &out), &out);
	case MR_I_GETPATH_PATH:
		return settle(vm, i,
		    mr_vm_getpath(vm, mr_vm_get(vm, i->b, false), mr_vm_get(vm, i->c, false), &out),
		    &out);
	default: return 0;
	}
}

/* Instructions about fork points that go on with the next one. */
static void
bookkeeping(struct mr_vm *vm, const struct mr_ins *i)
{
	switch (i->op) {
	case MR_I_TRY:
		mr_vm_put(vm, i->b, mr_value_number(vm->nforks));
		mr_vm_fork(vm, MR_F_TRY, i);
		break;
	case MR_I_TRY_DONE:
		if (vm->nforks == (uint32_t)vm->frame->at[i->b].u.number + 1)
			mr_track_drop(vm, vm->forks[--vm->nforks].track);
		else
			mr_vm_fork(vm, MR_F_TRY_DONE, i);
		break;
	case MR_I_LABEL:
		mr_vm_put(vm, i->a, mr_value_number(vm->labels));
		mr_vm_fork(vm, MR_F_LABEL, i);
		vm->forks[vm->nforks - 1].label = vm->labels++;
		break;
	case MR_I_MARK: mr_vm_put(vm, i->a, mr_value_number(vm->nforks)); break;
	case MR_I_CUT: mr_vm_cut(vm, (uint32_t)vm->frame->at[i->b].u.number); break;
	default: break;
	}
}

static struct mr_value *
counter(struct mr_vm *vm, uint16_t slot)
{
	struct mr_value *count = &vm->frame->at[slot];

	if (count->form != MR_PLAIN)
		mr_vm_put(vm, slot, mr_value_number(mr_value_double(count)));
	return count;
}

static void
simple(struct mr_vm *vm, const struct mr_ins *i)
{
	struct mr_value v;

	switch (i->op) {
	case MR_I_TAKE_NULL:
		v = mr_vm_get(vm, i->b, true);
		vm->frame->at[i->b] = MR_VALUE_NULL;
		mr_vm_put(vm, i->a, v);
		break;
	case MR_I_CONST: mr_vm_put(vm, i->a, mr_value_copy(&vm->code->constants[i->d])); break;
	case MR_I_OUTER: mr_vm_put(vm, i->a, mr_value_copy(&mr_vm_out(vm, i->c)->at[i->b])); break;
	case MR_I_ENV: mr_vm_put(vm, i->a, mr_vm_env(vm)); break;
	case MR_I_ARGS: mr_vm_put(vm, i->a, mr_value_copy(&vm->run->named)); break;
	case MR_I_NULLS: mr_vm_put(vm, i->a, MR_VALUE_NULL); break;
	case MR_I_ARRAY: mr_vm_put(vm, i->a, mr_value_array(0)); break;
	case MR_I_APPEND:
		v = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
		vm->frame->at[i->a] = mr_value_push(vm->frame->at[i->a], v);
		break;
	case MR_I_PATH: mr_vm_path_begin(vm, mr_vm_get(vm, i->b, false)); break;
	default: break;
	}
}

static void
truth(struct mr_vm *vm, const struct mr_ins *i)
{
	bool is = mr_value_true(mr_vm_look(vm, i->b));

	if (i->mode & MR_M_TAKE_B)
		mr_vm_put(vm, i->b, MR_VALUE_NONE);
	mr_vm_put(vm, i->a, mr_value_bool(i->op == MR_I_TRUTH ? is : !is));
}

/*
 * Where every endless program comes by: is it to go on?  True: no, vm->error
 * says why.
 */
static bool
tired(struct mr_vm *vm)
{
	if (vm->frame->height > MR_VM_FRAMES) {
		mr_value_fail(&vm->error, "recursion deeper than %d calls", MR_VM_FRAMES);
		return true;
	}
	if (vm->patience-- > 0)
		return false;
	vm->patience = 10000;
	if (!vm->run->stops || !vm->run->stops())
		return false;
	mr_value_fail(&vm->error, "stopped by a signal");
	vm->run->halted = true;
	return true;
}

/* The program's own return is an output: 1 and *out. */
static int
loop(struct mr_vm *vm, const struct mr_ins *i, bool again, struct mr_value *out)
{
	int got;

	for (;;) {
		switch ((enum mr_opcode)i->op) {
		case MR_I_NOP: break;
		case MR_I_MOVE:
			mr_vm_put(vm, i->a, mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B));
			break;
		case MR_I_TAKE_NULL:
		case MR_I_CONST:
		case MR_I_OUTER:
		case MR_I_ENV:
		case MR_I_ARGS:
		case MR_I_NULLS:
		case MR_I_ARRAY:
		case MR_I_APPEND:
		case MR_I_PATH: simple(vm, i); break;
		case MR_I_INDEX_KEY:
			if (field(vm, i) == 0)
				break;
			goto step_error;
		case MR_I_INDEX:
		case MR_I_INDEX_PATH:
			got = index_at(vm, i);
			if (got == 0)
				break;
			if (got == -2)
				goto raise;
			goto step_error;
		case MR_I_SLICE:
		case MR_I_SLICE_PATH:
			got = slice(vm, i);
			if (got == 0)
				break;
			if (got == -2)
				goto raise;
			goto step_error;
		case MR_I_EACH:
		case MR_I_EACH_PATH:
			got = again ? 0 : each_begin(vm, i);
			again = false;
			if (got == -1)
				goto step_error;
			if (got == -2)
				goto raise;
			if (!each_next(vm, i))
				goto back;
			break;
		case MR_I_RANGE:
			if (!again && range_begin(vm, i) < 0)
				goto raise;
			got = range_next(vm, i, again);
			again = false;
			if (!got)
				goto back;
			break;
		case MR_I_ADD:
		case MR_I_SUB:
		case MR_I_MUL:
		case MR_I_DIV:
		case MR_I_MOD:
			if (arithmetic(vm, i) < 0)
				goto raise;
			break;
		case MR_I_EQ:
		case MR_I_NE:
		case MR_I_LT:
		case MR_I_LE:
		case MR_I_GT:
		case MR_I_GE:
			got = mr_vm_compared(vm, i, i->op);
			if (got < 0)
				goto raise;
			mr_vm_put(vm, i->a, mr_value_bool(got));
			break;
		case MR_I_JUMP_EQ:
		case MR_I_JUMP_NE:
		case MR_I_JUMP_LT:
		case MR_I_JUMP_LE:
		case MR_I_JUMP_GT:
		case MR_I_JUMP_GE:
			got = mr_vm_compared(vm, i, i->op - MR_I_JUMP_EQ + MR_I_EQ);
			if (got < 0)
				goto raise;
			if (got == !!(i->mode & MR_M_SENSE)) {
				i += i->d;
				continue;
			}
			break;
		case MR_I_NOT:
		case MR_I_TRUTH: truth(vm, i); break;
		case MR_I_COUNT:
			if (--counter(vm, i->a)->u.number > 0) {
				i += i->d;
				continue;
			}
			break;
		case MR_I_JUMP: i += i->d; continue;
		case MR_I_JUMP_IF:
			if (mr_value_true(mr_vm_look(vm, i->b)) == !!(i->mode & MR_M_SENSE)) {
				i += i->d;
				continue;
			}
			break;
		case MR_I_CHECK_KEY:
			if (mr_vm_look(vm, i->b)->type == MR_STRING)
				break;
			mr_fail_key(mr_value_copy(mr_vm_look(vm, i->b)), &vm->error);
			goto raise;
		case MR_I_NEG:
		case MR_I_OBJECT:
		case MR_I_CONCAT:
		case MR_I_FORMAT:
		case MR_I_PATH_DONE:
		case MR_I_GET_PATH:
		case MR_I_NATIVE:
			if (i->mode & MR_M_READS && vm->run->waits &&
			    vm->run->waits(vm->run->input_self)) {
				vm->asked = i;
				return MR_VM_WAITS;
			}
			if (valued(vm, i) < 0)
				goto raise;
			break;
		case MR_I_GETPATH_PATH:
			if (valued(vm, i) < 0)
				goto raise;
			break;
		case MR_I_SET_PATH:
			if (set_path(vm, i) < 0)
				goto raise;
			break;
		case MR_I_DEL_PATHS:
			if (del_paths(vm, i) < 0)
				goto raise;
			break;
		case MR_I_OFF_PATH:
			if (!vm->track)
				break;
			off_path(vm, i);
			goto raise;
		case MR_I_FORK: mr_vm_fork(vm, MR_F_GO, i); break;
		case MR_I_ALT: mr_vm_fork(vm, MR_F_ALT, i); break;
		case MR_I_TRY:
		case MR_I_TRY_DONE:
		case MR_I_LABEL:
		case MR_I_MARK:
		case MR_I_CUT: bookkeeping(vm, i); break;
		case MR_I_BACKTRACK: goto back;
		case MR_I_BREAK:
			vm->breaking = true;
			vm->label = (uint32_t)mr_vm_out(vm, i->c)->at[i->b].u.number;
			goto raise;
		case MR_I_RAISE: vm->error = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B); goto raise;
		case MR_I_CALL:
			if (tired(vm))
				goto raise;
			i = mr_vm_call(vm, i, mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B));
			continue;
		case MR_I_RET:
			if (!vm->frame->ret) {
				*out = mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B);
				return 1;
			}
			i = mr_vm_return(vm, mr_vm_get(vm, i->b, i->mode & MR_M_TAKE_B));
			continue;
		}
		i++;
		continue;
	step_error:
		if (!(i->mode & MR_M_OPT))
			goto raise;
		mr_value_free(vm->error);
		vm->error = MR_VALUE_NONE;
	back:
		if (tired(vm))
			goto raise;
		i = mr_vm_back(vm, false, &again);
		if (!i)
			return 0;
		continue;
	raise:
		i = mr_vm_back(vm, true, &again);
		if (i)
			continue;
		if (vm->error.type == MR_MISSING && !vm->breaking)
			return 0;
		*out = vm->error;
		vm->error = MR_VALUE_NONE;
		vm->breaking = false;
		return -1;
	}
}

int
mr_vm_next(struct mr_vm *vm, struct mr_value *out)
{
	const struct mr_ins *i = vm->code->ins;
	bool again = false;
	int got;

	if (vm->state == MR_VM_DONE)
		return 0;
	if (tired(vm)) { /* a run may also have no end of outputs */
		*out = vm->error;
		vm->error = MR_VALUE_NONE;
		vm->state = MR_VM_DONE;
		return -1;
	}
	if (vm->asked)
		i = vm->asked;
	else if (vm->state == MR_VM_RUNS)
		i = mr_vm_back(vm, false, &again);
	vm->asked = NULL;
	vm->state = MR_VM_RUNS;
	got = i ? loop(vm, i, again, out) : 0;
	if (got <= 0)
		vm->state = MR_VM_DONE;
	return got;
}
