/*
 * ast - the nodes of a tree and their memory.
 *
 * Everything lives in a few chunks that go at once.  Literals are texts in
 * them too (MR_TEXT), as if they stood in a line: a constant is copied, compared
 * and written without counting holders.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jq/lang/parse.h"
#include "json/num.h"
#include "json/str.h"

#define CHUNK 4000

struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t bytes[];
};

struct mr_ast {
	struct chunk *chunks;
	struct mr_node *root;
	const char *text;
	size_t len;
};

void *
mr_ast_alloc(struct mr_ast *ast, size_t size)
{
	struct chunk *c = ast->chunks;
	size_t align = sizeof(max_align_t);

	size = (size + align - 1) / align * align;
	if (!c || c->size - c->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		c = mr_xmalloc(sizeof *c + room);
		*c = (struct chunk){.next = ast->chunks, .size = room};
		ast->chunks = c;
	}
	c->used += size;
	return (char *)c->bytes + c->used - size;
}

const char *
mr_ast_name(struct mr_ast *ast, const char *at, size_t len)
{
	char *copy = mr_ast_alloc(ast, len + 1);

	memcpy(copy, at, len);
	copy[len] = '\0';
	return copy;
}

/* The text is kept: messages that come after parsing count its characters. */
struct mr_ast *
mr_ast_new(const char *text, size_t len)
{
	struct mr_ast *ast = mr_xcalloc(1, sizeof *ast);

	ast->text = mr_ast_name(ast, text, len);
	ast->len = len;
	return ast;
}

void
mr_ast_free(struct mr_ast *ast)
{
	struct chunk *next;

	if (!ast)
		return;
	for (struct chunk *c = ast->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(ast);
}

void
mr_ast_set_root(struct mr_ast *ast, struct mr_node *root)
{
	ast->root = root;
}

struct mr_node *
mr_ast_root(const struct mr_ast *ast)
{
	return ast->root;
}

int
mr_ast_fail(const struct mr_ast *ast, size_t at, struct mr_err *err, const char *fmt, ...)
{
	char what[400];
	size_t character = 1;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < at && i < ast->len; i++)
		character += ((unsigned char)ast->text[i] & 0xc0) != 0x80;
	if (at >= ast->len)
		return mr_err_set(err, MR_EX_USAGE, "%s at the end of the expression", what);
	return mr_err_set(err, MR_EX_USAGE, "%s at character %zu of the expression", what,
	    character);
}

struct mr_node *
mr_node_new(struct mr_parse *p, enum mr_node_kind kind, size_t at)
{
	struct mr_node *n = mr_ast_alloc(p->ast, sizeof *n);

	memset(n, 0, sizeof *n);
	n->kind = kind;
	n->at = at;
	n->depth = 1;
	return n;
}

struct mr_node *
mr_node_done(struct mr_parse *p, struct mr_node *n)
{
	struct mr_node *kid[] = {n->a, n->b, n->c, n->d};
	unsigned depth = 0;

	for (size_t i = 0; i < 4; i++)
		if (kid[i] && kid[i]->depth > depth)
			depth = kid[i]->depth;
	for (size_t i = 0; i < n->nkids; i++)
		if (n->kids[i] && n->kids[i]->depth > depth)
			depth = n->kids[i]->depth;
	n->depth = depth + 1;
	if (n->depth <= MR_AST_DEPTH)
		return n;
	mr_ast_fail(p->ast, n->at, p->err, "the expression is nested too deeply");
	return NULL;
}

/* A text that the tree owns, as a value. */
static struct mr_node *
literal(struct mr_parse *p, enum mr_type type, struct mr_buf *json, size_t at)
{
	struct mr_node *n = mr_node_new(p, MR_N_LITERAL, at);

	n->value.type = (uint8_t)type;
	n->value.form = MR_TEXT;
	n->value.len = (uint32_t)json->len;
	n->value.u.text = mr_ast_name(p->ast, json->at, json->len);
	n->value.escaped = type == MR_STRING && memchr(json->at, '\\', json->len) != NULL;
	mr_buf_release(json);
	return n;
}

/* Malformed UTF-8 becomes U+FFFD, as everywhere in jq. */
struct mr_node *
mr_node_string(struct mr_parse *p, const char *bytes, size_t len, size_t at)
{
	struct mr_buf json = MR_BUF_INIT, room = MR_BUF_INIT;

	if (mr_utf8_ok(bytes, len)) {
		mr_str_write(&json, bytes, len);
	} else {
		struct mr_value v = mr_value_string(bytes, len);

		bytes = mr_value_bytes(&v, &room, &len);
		mr_str_write(&json, bytes, len);
		mr_value_free(v);
		mr_buf_release(&room);
	}
	return literal(p, MR_STRING, &json, at);
}

/* A spelling of jq (007, .5, 1., 1.e3) as JSON has it. */
static void
respell(const char *at, size_t len, struct mr_buf *json)
{
	size_t i = 0;

	while (i + 1 < len && at[i] == '0' && at[i + 1] >= '0' && at[i + 1] <= '9')
		i++;
	if (at[i] == '.')
		mr_buf_addc(json, '0');
	for (; i < len; i++)
		if (at[i] != '.' || (i + 1 < len && at[i + 1] >= '0' && at[i + 1] <= '9'))
			mr_buf_addc(json, at[i]);
}

/*
 * A double where it says all that the spelling says: written again it is the
 * same, and it compares as the decimal number does.  Else a text.
 */
struct mr_node *
mr_node_number(struct mr_parse *p, const char *spelling, size_t len, size_t at)
{
	struct mr_buf json = MR_BUF_INIT, own = MR_BUF_INIT;
	struct mr_node *n;
	double x;

	respell(spelling, len, &json);
	x = mr_num_double(json.at, json.len);
	mr_num_write_double(&own, x);
	if (own.len == json.len && json.len <= 15 && memcmp(own.at, json.at, own.len) == 0) {
		n = mr_node_new(p, MR_N_LITERAL, at);
		n->value = mr_value_number(x);
		n->value.exact = true;
		mr_buf_release(&json);
	} else {
		n = literal(p, MR_NUMBER, &json, at);
	}
	mr_buf_release(&own);
	return n;
}

/* As jq 1.8 negates literals: -0 is 0. */
struct mr_node *
mr_node_negative(struct mr_parse *p, struct mr_node *n)
{
	struct mr_value *v = &n->value;
	struct mr_buf json = MR_BUF_INIT;

	if (v->form == MR_PLAIN) {
		v->u.number = v->u.number == 0 ? 0 : -v->u.number;
		return n;
	}
	if (*v->u.text == '-')
		mr_buf_add(&json, v->u.text + 1, v->len - 1);
	else if (mr_num_double(v->u.text, v->len) != 0)
		mr_buf_addc(&json, '-');
	if (*v->u.text != '-')
		mr_buf_add(&json, v->u.text, v->len);
	return literal(p, MR_NUMBER, &json, n->at);
}

struct mr_node *
mr_node_location(struct mr_parse *p, size_t at)
{
	struct mr_buf json = MR_BUF_INIT;
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += p->lex.text[i] == '\n';
	mr_buf_printf(&json, "{\"file\":\"<top-level>\",\"line\":%zu}", line);
	return literal(p, MR_OBJECT, &json, at);
}

void
mr_nodes_add(struct mr_nodes *row, struct mr_node *n)
{
	if (row->n == row->room) {
		row->room = row->room ? 2 * row->room : 8;
		row->at = mr_xrealloc(row->at, row->room * sizeof(struct mr_node *));
	}
	row->at[row->n++] = n;
}

struct mr_node *
mr_nodes_into(struct mr_parse *p, struct mr_nodes *row, struct mr_node *n)
{
	size_t size = row->n * sizeof(struct mr_node *);

	if (row->n) {
		n->kids = mr_ast_alloc(p->ast, size);
		memcpy(n->kids, row->at, size);
		n->nkids = row->n;
	}
	free(row->at);
	*row = (struct mr_nodes){0};
	return mr_node_done(p, n);
}

static struct mr_node *
join(struct mr_parse *p, struct mr_node **at, size_t n, enum mr_node_kind kind)
{
	struct mr_node *both;

	if (n == 1)
		return at[0];
	both = mr_node_new(p, kind, at[0]->at);
	both->a = join(p, at, n / 2, kind);
	both->b = join(p, at + n / 2, n - n / 2, kind);
	return both->a && both->b ? mr_node_done(p, both) : NULL;
}

/* Both operators are associative: a balanced tree keeps a long chain shallow. */
struct mr_node *
mr_nodes_join(struct mr_parse *p, struct mr_nodes *row, enum mr_node_kind kind)
{
	struct mr_node *all = join(p, row->at, row->n, kind);

	free(row->at);
	*row = (struct mr_nodes){0};
	return all;
}
