/*
 * emit - instructions, slots and constants.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jq/code/compile.h"

struct mr_code_chunk {
	struct mr_code_chunk *next;
	size_t used, size;
	max_align_t bytes[];
};

void *
mr_code_alloc(struct mr_code_chunk **chunks, size_t size)
{
	struct mr_code_chunk *c = *chunks;
	size_t align = sizeof(max_align_t), room = 1000;

	size = (size + align - 1) / align * align;
	if (!c || c->size - c->used < size) {
		if (size > room)
			room = size;
		c = mr_xmalloc(sizeof *c + room);
		*c = (struct mr_code_chunk){.next = *chunks, .size = room};
		*chunks = c;
	}
	c->used += size;
	return (char *)c->bytes + c->used - size;
}

void
mr_code_drop(struct mr_code_chunk *c)
{
	struct mr_code_chunk *next;

	for (; c; c = next) {
		next = c->next;
		free(c);
	}
}

void *
mr_code_more(void *at, size_t n, size_t size)
{
	if (n == 0)
		return mr_xrealloc(at, 8 * size);
	if (n >= 8 && (n & (n - 1)) == 0)
		return mr_xrealloc(at, 2 * n * size);
	return at;
}

/* The first failure counts; everything compiled behind it is thrown away. */
struct mr_opnd
mr_comp_fail(struct mr_comp *c, size_t at, const char *fmt, ...)
{
	char what[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (!c->failed && c->builtin)
		mr_err_set(c->err, MR_EX_USAGE, "%s, which a builtin uses", what);
	else if (!c->failed)
		mr_ast_fail(c->ast, at, c->err, "%s", what);
	c->failed = true;
	return (struct mr_opnd){.never = true};
}

size_t
mr_emit(struct mr_comp *c, enum mr_opcode op, unsigned mode, uint16_t a, uint16_t b, uint16_t c3)
{
	struct mr_proc *p = c->cur;

	p->ins = mr_code_more(p->ins, p->n, sizeof *p->ins);
	p->ins[p->n] =
	    (struct mr_ins){.op = (uint16_t)op, .mode = (uint16_t)mode, .a = a, .b = b, .c = c3};
	c->emitted++;
	return p->n++;
}

struct mr_ins *
mr_last(struct mr_comp *c)
{
	return c->cur->ins + c->cur->n - 1;
}

uint16_t
mr_slot(struct mr_comp *c)
{
	struct mr_proc *p = c->cur;

	if (p->next >= MR_CONST) {
		mr_comp_fail(c, 0, "the expression is too long");
		return 0;
	}
	if (++p->next > p->slots)
		p->slots = p->next;
	return (uint16_t)(p->next - 1);
}

uint16_t
mr_dest(struct mr_comp *c, const struct mr_where *w)
{
	return w->dest < 0 ? mr_slot(c) : (uint16_t)w->dest;
}

struct mr_opnd
mr_fresh(struct mr_comp *c, uint16_t slot)
{
	return (struct mr_opnd){.at = slot, .dead = true, .born = c->cur->epoch};
}

struct mr_opnd
mr_kept(struct mr_opnd o)
{
	o.dead = false;
	return o;
}

bool
mr_takes(struct mr_comp *c, struct mr_opnd o)
{
	return o.dead && o.born == c->cur->epoch && !mr_opnd_constant(o);
}

struct mr_opnd
mr_deliver(struct mr_comp *c, struct mr_opnd o, const struct mr_where *w)
{
	if (o.never || w->dest < 0 || o.at == w->dest)
		return o;
	mr_emit(c, MR_I_MOVE, mr_takes(c, o) ? MR_M_TAKE_B : 0, (uint16_t)w->dest, o.at, 0);
	return mr_fresh(c, (uint16_t)w->dest);
}

static bool
same_constant(const struct mr_value *a, const struct mr_value *b)
{
	if (a->type != b->type || a->form != b->form)
		return false;
	if (a->form == MR_TEXT)
		return a->len == b->len && memcmp(a->u.text, b->u.text, a->len) == 0;
	if (a->form == MR_CELL)
		return a->u.cell == b->u.cell;
	return a->type != MR_NUMBER || memcmp(&a->u.number, &b->u.number, sizeof a->u.number) == 0;
}

/* A text is copied: the code outlives the tree. */
static size_t
constant_index(struct mr_comp *c, const struct mr_value *v)
{
	struct mr_code *code = c->code;
	size_t i = code->nconstants > 100 ? code->nconstants - 100 : 0;
	struct mr_value own = *v;
	char *text;

	for (; i < code->nconstants; i++)
		if (same_constant(code->constants + i, v))
			return i;
	if (v->form == MR_TEXT) {
		text = mr_code_alloc(&code->arena, v->len + 1);
		memcpy(text, v->u.text, v->len);
		text[v->len] = '\0';
		own.u.text = text;
	} else {
		own = mr_value_copy(v);
	}
	code->constants = mr_code_more(code->constants, i, sizeof own);
	code->constants[i] = own;
	code->nconstants++;
	return i;
}

/* Beyond what an operand can name, a constant needs an instruction to get it. */
struct mr_opnd
mr_constant(struct mr_comp *c, const struct mr_value *v)
{
	size_t i = constant_index(c, v);
	uint16_t slot;

	if (i < MR_CONST)
		return (struct mr_opnd){.at = (uint16_t)(i | MR_CONST)};
	slot = mr_slot(c);
	mr_emit(c, MR_I_CONST, 0, slot, 0, 0);
	mr_last(c)->d = (int32_t)i;
	return mr_fresh(c, slot);
}

struct mr_opnd
mr_constant_string(struct mr_comp *c, const char *s)
{
	struct mr_buf json = MR_BUF_INIT;
	struct mr_value v = {.type = MR_STRING, .form = MR_TEXT};
	struct mr_opnd o;

	mr_buf_printf(&json, "\"%s\"", s);
	v.len = (uint32_t)json.len;
	v.u.text = json.at;
	o = mr_constant(c, &v);
	mr_buf_release(&json);
	return o;
}

/* The bytes of a constant string, decoded once. */
int32_t
mr_key(struct mr_comp *c, struct mr_opnd constant)
{
	struct mr_code *code = c->code;
	uint32_t i = constant.at & (MR_CONST - 1);
	struct mr_buf room = MR_BUF_INIT;
	const char *bytes;
	size_t len;
	char *copy;

	for (size_t k = 0; k < code->nkeys; k++)
		if (code->keys[k].constant == i)
			return (int32_t)k;
	bytes = mr_value_bytes(&code->constants[i], &room, &len);
	copy = mr_code_alloc(&code->arena, len);
	memcpy(copy, bytes, len);
	mr_buf_release(&room);
	code->keys = mr_code_more(code->keys, code->nkeys, sizeof *code->keys);
	code->keys[code->nkeys] = (struct mr_key){copy, (uint32_t)len, i};
	return (int32_t)code->nkeys++;
}

int32_t
mr_operands(struct mr_comp *c, const struct mr_opnd *o, size_t n)
{
	struct mr_code *code = c->code;

	code->lists = mr_code_more(code->lists, code->nlists, sizeof *code->lists);
	code->lists[code->nlists] = (struct mr_list){(uint32_t)code->noperands, (uint32_t)n};
	for (size_t i = 0; i < n; i++) {
		code->operands = mr_code_more(code->operands, code->noperands,
		    sizeof *code->operands);
		code->operands[code->noperands++] = (struct mr_operand){o[i].at, mr_takes(c, o[i])};
	}
	return (int32_t)code->nlists++;
}

void
mr_jump(struct mr_comp *c, size_t at, struct mr_label *to)
{
	c->cur->ins[at].d = to->head;
	to->head = (int32_t)at;
}

/* Distances count from the instruction itself. */
void
mr_here(struct mr_comp *c, struct mr_label *l)
{
	int32_t here = (int32_t)c->cur->n, next;

	for (int32_t at = l->head; at >= 0; at = next) {
		next = c->cur->ins[at].d;
		c->cur->ins[at].d = here - at;
	}
	l->head = -1;
}

void
mr_fork_epoch(struct mr_comp *c)
{
	c->cur->epoch = ++c->cur->last_epoch;
}

/* Behind two branches that began in epoch `before` and ended in a and b. */
void
mr_join_epoch(struct mr_comp *c, uint32_t before, uint32_t a, uint32_t b)
{
	if (a == before && b == before)
		c->cur->epoch = before;
	else
		mr_fork_epoch(c);
}
