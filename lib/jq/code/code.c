/*
 * code - a whole program compiled, and its listing.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/code/compile.h"

void
mr_code_free(struct mr_code *code)
{
	if (!code)
		return;
	for (size_t i = 0; i < code->nconstants; i++)
		mr_value_free(code->constants[i]);
	free(code->constants);
	free(code->ins);
	free(code->operands);
	free(code->lists);
	free(code->calls);
	free(code->refs);
	free(code->procedures);
	free(code->keys);
	free(code->natives);
	free(code->formats);
	mr_code_drop(code->arena);
	free(code);
}

/* The procedures one behind the other; jumps are distances and stay right. */
static void
assemble(struct mr_comp *c)
{
	struct mr_code *code = c->code;
	size_t n = 0;

	for (size_t i = 0; i < code->nprocedures; i++)
		n += c->procs[i]->n;
	code->ins = mr_xmalloc(n * sizeof *code->ins);
	for (size_t i = 0; i < code->nprocedures; i++) {
		struct mr_proc *p = c->procs[i];
		struct mr_procedure *to = &code->procedures[i];

		to->entry = (uint32_t)code->nins;
		to->slots = p->slots;
		to->iters = p->iters;
		memcpy(code->ins + code->nins, p->ins, p->n * sizeof *code->ins);
		code->nins += p->n;
	}
}

struct mr_code *
mr_code_compile(const struct mr_ast *ast, const struct mr_node *root, const struct mr_value *vars,
    bool *foreign, struct mr_err *err)
{
	struct mr_comp c = {.ast = ast, .vars = vars, .foreign = foreign, .err = err};
	struct mr_work main = {.node = root};

	*foreign = false;
	c.code = mr_xcalloc(1, sizeof *c.code);
	main.proc = mr_proc_new(&c, NULL, NULL);
	c.work = &main;
	c.work_end = &main.next;
	mr_comp_work(&c);
	if (!c.failed)
		assemble(&c);
	for (size_t i = 0; i < c.code->nprocedures; i++) {
		free(c.procs[i]->ins);
		free(c.procs[i]);
	}
	free(c.procs);
	for (size_t i = 0; i < c.nasts; i++)
		mr_ast_free(c.asts[i]);
	free(c.asts);
	mr_code_drop(c.arena);
	if (!c.failed)
		return c.code;
	mr_code_free(c.code);
	return NULL;
}

/* -- listing -- */

static const char *const names[] = {[MR_I_NOP] = "nop",
    [MR_I_MOVE] = "move",
    [MR_I_TAKE_NULL] = "take",
    [MR_I_CONST] = "const",
    [MR_I_OUTER] = "outer",
    [MR_I_ENV] = "env",
    [MR_I_ARGS] = "args",
    [MR_I_NULLS] = "null",
    [MR_I_INDEX_KEY] = "field",
    [MR_I_INDEX] = "index",
    [MR_I_SLICE] = "slice",
    [MR_I_EACH] = "each",
    [MR_I_INDEX_PATH] = "index*",
    [MR_I_SLICE_PATH] = "slice*",
    [MR_I_EACH_PATH] = "each*",
    [MR_I_RANGE] = "range",
    [MR_I_ADD] = "+",
    [MR_I_SUB] = "-",
    [MR_I_MUL] = "*",
    [MR_I_DIV] = "/",
    [MR_I_MOD] = "%",
    [MR_I_NEG] = "neg",
    [MR_I_EQ] = "==",
    [MR_I_NE] = "!=",
    [MR_I_LT] = "<",
    [MR_I_LE] = "<=",
    [MR_I_GT] = ">",
    [MR_I_GE] = ">=",
    [MR_I_JUMP_EQ] = "jump ==",
    [MR_I_JUMP_NE] = "jump !=",
    [MR_I_JUMP_LT] = "jump <",
    [MR_I_JUMP_LE] = "jump <=",
    [MR_I_JUMP_GT] = "jump >",
    [MR_I_JUMP_GE] = "jump >=",
    [MR_I_NOT] = "not",
    [MR_I_TRUTH] = "truth",
    [MR_I_JUMP] = "jump",
    [MR_I_JUMP_IF] = "jump if",
    [MR_I_ARRAY] = "array",
    [MR_I_APPEND] = "append",
    [MR_I_OBJECT] = "object",
    [MR_I_CHECK_KEY] = "check key",
    [MR_I_CONCAT] = "concat",
    [MR_I_FORMAT] = "format",
    [MR_I_FORK] = "fork",
    [MR_I_BACKTRACK] = "backtrack",
    [MR_I_TRY] = "try",
    [MR_I_TRY_DONE] = "try done",
    [MR_I_ALT] = "alternative",
    [MR_I_LABEL] = "label",
    [MR_I_BREAK] = "break",
    [MR_I_MARK] = "mark",
    [MR_I_CUT] = "cut",
    [MR_I_COUNT] = "count",
    [MR_I_RAISE] = "error",
    [MR_I_PATH] = "path",
    [MR_I_PATH_DONE] = "path done",
    [MR_I_OFF_PATH] = "off path",
    [MR_I_GET_PATH] = "get path",
    [MR_I_SET_PATH] = "set path",
    [MR_I_DEL_PATHS] = "delete paths",
    [MR_I_NATIVE] = "function",
    [MR_I_GETPATH_PATH] = "getpath*",
    [MR_I_CALL] = "call",
    [MR_I_RET] = "return"};

static void
dump_operand(const struct mr_code *code, uint16_t o, struct mr_buf *out)
{
	mr_buf_addc(out, ' ');
	if (!(o & MR_CONST))
		mr_buf_printf(out, "%u", o);
	else
		mr_value_write(&code->constants[o & (MR_CONST - 1)], false, out);
}

static bool
jumps(const struct mr_ins *i)
{
	return (i->op >= MR_I_JUMP_EQ && i->op <= MR_I_JUMP_GE) || i->op == MR_I_JUMP ||
	    i->op == MR_I_JUMP_IF || i->op == MR_I_FORK || i->op == MR_I_TRY || i->op == MR_I_ALT ||
	    i->op == MR_I_COUNT;
}

static void
dump_list(const struct mr_code *code, const struct mr_list *l, struct mr_buf *out)
{
	for (uint32_t i = 0; i < l->n; i++)
		dump_operand(code, code->operands[l->from + i].at, out);
}

static void
dump_call(const struct mr_code *code, const struct mr_closure_ref *r, struct mr_buf *out)
{
	if (r->argument)
		mr_buf_printf(out, " argument %u, %u out", r->index, r->level);
	else if (code->procedures[r->index].name)
		mr_buf_printf(out, " %s", code->procedures[r->index].name);
	else
		mr_buf_printf(out, " procedure %u", r->index);
}

static void
dump_one(const struct mr_code *code, size_t at, struct mr_buf *out)
{
	const struct mr_ins *i = code->ins + at;

	mr_buf_printf(out, "%5zu  %-12s %3u", at, names[i->op], i->a);
	if (i->op == MR_I_OBJECT || i->op == MR_I_CONCAT || i->op == MR_I_NATIVE) {
		if (i->op == MR_I_NATIVE)
			mr_buf_printf(out, " %s", code->natives[i->e]->name);
		dump_list(code, &code->lists[i->d], out);
	} else {
		dump_operand(code, i->b, out);
		if (i->op == MR_I_INDEX_KEY)
			mr_buf_printf(out, " .%.*s", (int)code->keys[i->d].len,
			    code->keys[i->d].at);
		else if (i->op == MR_I_FORMAT)
			mr_buf_printf(out, " @%s", code->formats[i->d]);
		else if (i->op == MR_I_CALL)
			dump_call(code, &code->calls[i->d].to, out);
		else
			dump_operand(code, i->c, out);
	}
	if (jumps(i))
		mr_buf_printf(out, " -> %zu%s", at + (size_t)(ptrdiff_t)i->d,
		    i->mode & MR_M_SENSE ? " if so" : "");
	mr_buf_addc(out, '\n');
}

void
mr_code_dump(const struct mr_code *code, struct mr_buf *out)
{
	size_t p = 0;

	for (size_t i = 0; i < code->nins; i++) {
		if (p < code->nprocedures && code->procedures[p].entry == i) {
			if (p)
				mr_buf_printf(out, "%s:\n",
				    code->procedures[p].name ? code->procedures[p].name :
							       "closure");
			p++;
		}
		dump_one(code, i, out);
	}
}

unsigned
mr_code_uses(const struct mr_code *c)
{
	return c->uses;
}
