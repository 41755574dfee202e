/*
 * explain - a plan as lines for people, a node each, what it is made of below it.
 */
#include "jq/plan/node.h"

static const char *
op_name(int op)
{
	static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
	static const struct {
		int op;
		const char *name;
	} arithmetic[] = {{'+', "+"}, {'-', "-"}, {'*', "*"}, {'/', "/"}, {'%', "%"}};

	if (op >= MR_OP_EQ)
		return comparisons[op - MR_OP_EQ];
	for (size_t i = 0; i < sizeof arithmetic / sizeof *arithmetic; i++)
		if (arithmetic[i].op == op)
			return arithmetic[i].name;
	return "?";
}

static void
head(const struct mr_pnode *n, struct mr_buf *b)
{
	static const char *const names[] = {[MR_P_DOT] = ".",
	    [MR_P_INDEX] = "index",
	    [MR_P_SLICE] = "slice",
	    [MR_P_EMPTY] = "empty",
	    [MR_P_PIPE] = "pipe",
	    [MR_P_KEEP] = "pipe, the event kept",
	    [MR_P_SELECT] = "select",
	    [MR_P_AND] = "and",
	    [MR_P_OR] = "or",
	    [MR_P_NOT] = "not",
	    [MR_P_ALT] = "//",
	    [MR_P_IF] = "if",
	    [MR_P_TRY] = "try",
	    [MR_P_NEGATE] = "-",
	    [MR_P_ARRAY] = "array",
	    [MR_P_STRING] = "string"};

	switch (n->op) {
	case MR_P_CONST: mr_value_write(&n->value, false, b); break;
	case MR_P_SLOT: mr_buf_printf(b, "slot %s", n->text); break;
	case MR_P_CMP:
	case MR_P_BINOP: mr_buf_adds(b, op_name(n->cmp)); break;
	case MR_P_CMP_STR:
	case MR_P_CMP_NUM: mr_buf_printf(b, "%s, bytes compared in place", op_name(n->cmp)); break;
	case MR_P_OBJECT:
		mr_buf_adds(b, n->keys ? "object, written without being built" : "object");
		break;
	case MR_P_FORMAT: mr_buf_adds(b, n->text); break;
	case MR_P_CALL: mr_buf_printf(b, "%s/%d", n->fn->name, n->fn->arity); break;
	case MR_P_BIND: mr_buf_printf(b, "variable %d", n->var); break;
	case MR_P_VAR: mr_buf_printf(b, "variable %d", n->var); break;
	default: mr_buf_adds(b, names[n->op]); break;
	}
}

static void
show(const struct mr_pnode *n, int depth, struct mr_buf *b)
{
	if (!n)
		return;
	mr_buf_printf(b, "%*s", 2 * depth, "");
	head(n, b);
	mr_buf_addc(b, '\n');
	show(n->a, depth + 1, b);
	show(n->b, depth + 1, b);
	show(n->c, depth + 1, b);
	for (size_t i = 0; i < n->nkids; i++)
		show(n->kids[i], depth + 1, b);
}

void
mr_plan_explain(const struct mr_plan *p, struct mr_buf *b)
{
	show(p->root, 1, b);
}
