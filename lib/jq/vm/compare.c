/*
 * compare - the instructions that compare, and those that jump on it.
 */
#include "jq/vm/own.h"
#include "json/num.h"

/* Neither is infinite or no number at all, and each says all there is to say of its number. */
static bool
numbers(const struct mr_value *a, const struct mr_value *b)
{
	return a->form == MR_PLAIN && b->form == MR_PLAIN && a->type == MR_NUMBER &&
	    b->type == MR_NUMBER && a->u.number == a->u.number && b->u.number == b->u.number;
}

static bool
ordered(enum mr_opcode op, double x, double y)
{
	switch (op) {
	case MR_I_EQ: return x == y;
	case MR_I_NE: return x != y;
	case MR_I_LT: return x < y;
	case MR_I_LE: return x <= y;
	case MR_I_GT: return x > y;
	default: return x >= y;
	}
}

/*
 * A number of the program stands for what is written there: where the other
 * one is the text of an event too, they compare as decimals.  With 15 digits
 * or less their doubles tell as much.
 */
static const struct mr_value *
spelled(const struct mr_value *v, bool constant, const struct mr_value *other,
    struct mr_value *text, struct mr_buf *room)
{
	if (!constant || v->type != MR_NUMBER || v->form != MR_PLAIN || other->type != MR_NUMBER ||
	    other->form == MR_PLAIN ||
	    (other->form == MR_TEXT && other->len <= 15 &&
		!memchr(other->u.text, 'e', other->len) && !memchr(other->u.text, 'E', other->len)))
		return v;
	room->len = 0;
	mr_num_write_double(room, v->u.number);
	*text = (struct mr_value){.type = MR_NUMBER,
	    .form = MR_TEXT,
	    .len = (uint32_t)room->len,
	    .u.text = mr_buf_str(room)};
	room->len = 0;
	return text;
}

/* 1, 0, or -1: the error is set (the values are too deep to compare). */
static int
holds(struct mr_vm *vm, enum mr_opcode op, const struct mr_ins *i)
{
	const struct mr_value *a = mr_vm_look(vm, i->b), *b = mr_vm_look(vm, i->c);
	struct mr_value text;
	int same;

	if (numbers(a, b))
		return ordered(op, a->u.number, b->u.number);
	a = spelled(a, i->b & MR_CONST, b, &text, &vm->run->room);
	b = spelled(b, i->c & MR_CONST, a, &text, &vm->run->room);
	if (op > MR_I_NE)
		return ordered(op, mr_value_cmp(a, b), 0);
	same = mr_value_same(a, b);
	if (same < 0)
		return mr_value_fail(&vm->error, "Equality check too deep");
	return same == (op == MR_I_EQ);
}

/* The compiler frees no slot that is compared; what was the last use is emptied here. */
int
mr_vm_compared(struct mr_vm *vm, const struct mr_ins *i, enum mr_opcode op)
{
	int is = holds(vm, op, i);

	if (i->mode & MR_M_TAKE_B)
		mr_vm_put(vm, i->b, MR_VALUE_NONE);
	if (i->mode & MR_M_TAKE_C)
		mr_vm_put(vm, i->c, MR_VALUE_NONE);
	return is;
}
