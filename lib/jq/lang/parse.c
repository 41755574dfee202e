/*
 * parse - jq's grammar, from the pipe down to the operators.
 *
 * Precedence, loosest first: def, |, comma, // (right), = and its kin (none),
 * or, and, comparisons (none), + -, * / %.  `as` and `label` take all that
 * follows, up to a closing bracket.
 */
#include "jq/lang/parse.h"

#include <math.h>
#include <stdlib.h>

/* The levels of nesting that the C stack is made for; parentheses cost three. */
#define NEST_MAX 3000

bool
mr_parse_enter(struct mr_parse *p)
{
	if (++p->nest <= NEST_MAX)
		return true;
	mr_ast_fail(p->ast, p->lex.at, p->err, "the expression is nested too deeply");
	return false;
}

void *
mr_parse_unexpected(struct mr_parse *p)
{
	const char *at = p->lex.text + p->lex.at;
	size_t len = p->lex.end - p->lex.at;
	unsigned char c;

	if (p->lex.token == MR_T_END) {
		mr_ast_fail(p->ast, p->lex.at, p->err, "syntax error: something is missing");
		return NULL;
	}
	c = (unsigned char)*at;
	if (c < 0x20 || c >= 0x7f)
		mr_ast_fail(p->ast, p->lex.at, p->err, "syntax error: unexpected character");
	else
		mr_ast_fail(p->ast, p->lex.at, p->err, "syntax error: unexpected '%.*s'",
		    (int)(len < 40 ? len : 40), at);
	return NULL;
}

bool
mr_parse_take(struct mr_parse *p, int token)
{
	if (p->lex.token != token)
		return false;
	mr_lex_next(&p->lex);
	return true;
}

bool
mr_parse_need(struct mr_parse *p, int token)
{
	if (mr_parse_take(p, token))
		return true;
	mr_parse_unexpected(p);
	return false;
}

struct op {
	int prec; /* 0: no operator */
	enum { LEFT, RIGHT, NONE } assoc;
	enum mr_node_kind kind;
	int op;
};

static struct op
operator_of(int token)
{
	switch (token) {
	case MR_T_ALT: return (struct op){1, RIGHT, MR_N_ALTERNATIVE, 0};
	case '=': return (struct op){2, NONE, MR_N_ASSIGN, '='};
	case MR_T_SET_PIPE: return (struct op){2, NONE, MR_N_ASSIGN, MR_OP_UPDATE};
	case MR_T_SET_PLUS: return (struct op){2, NONE, MR_N_ASSIGN, '+'};
	case MR_T_SET_MINUS: return (struct op){2, NONE, MR_N_ASSIGN, '-'};
	case MR_T_SET_MUL: return (struct op){2, NONE, MR_N_ASSIGN, '*'};
	case MR_T_SET_DIV: return (struct op){2, NONE, MR_N_ASSIGN, '/'};
	case MR_T_SET_MOD: return (struct op){2, NONE, MR_N_ASSIGN, '%'};
	case MR_T_SET_ALT: return (struct op){2, NONE, MR_N_ASSIGN, MR_OP_ALT};
	case MR_T_OR: return (struct op){3, LEFT, MR_N_OR, 0};
	case MR_T_AND: return (struct op){4, LEFT, MR_N_AND, 0};
	case MR_T_EQ: return (struct op){5, NONE, MR_N_BINOP, MR_OP_EQ};
	case MR_T_NE: return (struct op){5, NONE, MR_N_BINOP, MR_OP_NE};
	case '<': return (struct op){5, NONE, MR_N_BINOP, MR_OP_LT};
	case '>': return (struct op){5, NONE, MR_N_BINOP, MR_OP_GT};
	case MR_T_LE: return (struct op){5, NONE, MR_N_BINOP, MR_OP_LE};
	case MR_T_GE: return (struct op){5, NONE, MR_N_BINOP, MR_OP_GE};
	case '+':
	case '-': return (struct op){6, LEFT, MR_N_BINOP, token};
	case '*':
	case '/':
	case '%': return (struct op){7, LEFT, MR_N_BINOP, token};
	default: return (struct op){0};
	}
}

/* Operators that bind at least as tightly as prec. */
static struct mr_node *
operators(struct mr_parse *p, int prec)
{
	struct mr_node *n, *both;
	int none = 0; /* the level on which an operator stood that does not associate */

	if (!mr_parse_enter(p))
		return NULL;
	n = mr_parse_term(p);
	while (n) {
		struct op op = operator_of(p->lex.token);

		if (!op.prec || op.prec < prec)
			break;
		if (op.prec == none)
			return mr_parse_unexpected(p);
		none = op.assoc == NONE ? op.prec : 0;
		mr_lex_next(&p->lex);
		both = mr_node_new(p, op.kind, n->at);
		both->op = op.op;
		both->a = n;
		both->b = operators(p, op.assoc == RIGHT ? op.prec : op.prec + 1);
		n = both->b ? mr_node_done(p, both) : NULL;
	}
	p->nest--;
	return n;
}

struct mr_node *
mr_parse_expr(struct mr_parse *p)
{
	return operators(p, 1);
}

/* name(params): body;  behind `def`. */
static struct mr_node *
definition(struct mr_parse *p)
{
	struct mr_node *def = mr_node_new(p, MR_N_DEF, p->lex.at), *param;
	struct mr_nodes params = {0};

	mr_lex_next(&p->lex);
	if (p->lex.token != MR_T_IDENT)
		return mr_parse_unexpected(p);
	def->name = mr_parse_name(p, 0);
	mr_lex_next(&p->lex);
	if (mr_parse_take(p, '(')) {
		do {
			if (p->lex.token != MR_T_IDENT && p->lex.token != MR_T_BINDING)
				return free(params.at), mr_parse_unexpected(p);
			param = mr_node_new(p, MR_N_PARAM, p->lex.at);
			param->op = p->lex.token == MR_T_BINDING;
			param->name = mr_parse_name(p, (size_t)param->op);
			mr_nodes_add(&params, param);
			mr_lex_next(&p->lex);
		} while (mr_parse_take(p, ';'));
		mr_nodes_into(p, &params, def);
		if (!mr_parse_need(p, ')'))
			return NULL;
	}
	if (!mr_parse_need(p, ':'))
		return NULL;
	def->a = mr_parse_query(p);
	return def->a && mr_parse_need(p, ';') ? def : NULL;
}

/* One stage of a pipe: an expression, or what takes all that follows. */
static struct mr_node *
stage(struct mr_parse *p)
{
	struct mr_node *n, *as;

	if (p->lex.token == MR_T_DEF) {
		n = definition(p);
		if (n)
			n->b = mr_parse_query(p);
		return n && n->b ? mr_node_done(p, n) : NULL;
	}
	if (p->lex.token == MR_T_LABEL) {
		n = mr_node_new(p, MR_N_LABEL, p->lex.at);
		mr_lex_next(&p->lex);
		if (p->lex.token != MR_T_BINDING)
			return mr_parse_unexpected(p);
		n->name = mr_parse_name(p, 1);
		mr_lex_next(&p->lex);
		n->a = mr_parse_need(p, '|') ? mr_parse_query(p) : NULL;
		return n->a ? mr_node_done(p, n) : NULL;
	}
	n = mr_parse_expr(p);
	if (!n || p->lex.token != MR_T_AS)
		return n;
	as = mr_node_new(p, MR_N_AS, n->at);
	as->a = n;
	if (!mr_parse_pattern(p, as) || !mr_parse_need(p, '|'))
		return NULL;
	as->b = mr_parse_query(p);
	return as->b ? mr_node_done(p, as) : NULL;
}

/* Stages joined by commas, and those rows by pipes. */
struct mr_node *
mr_parse_query(struct mr_parse *p)
{
	struct mr_nodes pipe = {0}, comma = {0};
	struct mr_node *n = NULL;

	if (!mr_parse_enter(p))
		return NULL;
	do {
		do {
			n = stage(p);
			if (n)
				mr_nodes_add(&comma, n);
		} while (n && mr_parse_take(p, ','));
		if (n)
			n = mr_nodes_join(p, &comma, MR_N_COMMA);
		if (n)
			mr_nodes_add(&pipe, n);
	} while (n && mr_parse_take(p, '|'));
	if (n)
		n = mr_nodes_join(p, &pipe, MR_N_PIPE);
	free(comma.at);
	free(pipe.at);
	p->nest--;
	return n;
}

/* A number with a sign is not a constant to jq, but an expression. */
static bool
signed_number(const struct mr_value *v)
{
	return v->type == MR_NUMBER && signbit(mr_value_double(v));
}

/* (key), the parenthesis is the token.  jq says before anything runs that a constant must be a string. */
struct mr_node *
mr_parse_key(struct mr_parse *p)
{
	struct mr_node *key;
	char room[32];

	mr_lex_next(&p->lex);
	key = mr_parse_query(p);
	if (key && key->kind == MR_N_LITERAL && key->value.type != MR_STRING &&
	    !signed_number(&key->value)) {
		mr_ast_fail(p->ast, key->at, p->err, "cannot use %s (%s) as object key",
		    mr_value_kind(&key->value), mr_value_show(&key->value, room));
		return NULL;
	}
	return key && mr_parse_need(p, ')') ? key : NULL;
}

static struct mr_node *pattern(struct mr_parse *p);

/* A variable as a key is an expression, and no name for what is there. */
static struct mr_node *
computed(struct mr_parse *p)
{
	struct mr_node *key = mr_parse_key(p), *pipe;

	if (!key || key->kind != MR_N_VAR)
		return key;
	pipe = mr_node_new(p, MR_N_PIPE, key->at);
	pipe->a = mr_node_new(p, MR_N_IDENTITY, key->at);
	pipe->b = key;
	return mr_node_done(p, pipe);
}

/* One `key: pattern` or `$name`; both go to the row. */
static bool
member_pattern(struct mr_parse *p, struct mr_nodes *row)
{
	struct mr_node *key, *to = NULL;
	size_t at = p->lex.at;
	int token = p->lex.token;

	if (token == MR_T_BINDING) {
		key = mr_node_new(p, MR_N_VAR, at);
		key->name = mr_parse_name(p, 1);
		mr_lex_next(&p->lex);
		if (p->lex.token != ':') {
			to = mr_node_new(p, MR_N_VAR, at);
			to->name = key->name;
		}
	} else if (token == MR_T_IDENT || mr_lex_is_keyword(token)) {
		key = mr_node_string(p, p->lex.text + at, p->lex.end - at, at);
		mr_lex_next(&p->lex);
	} else if (token == '(') {
		key = computed(p);
	} else {
		key = mr_parse_string(p);
	}
	if (!key || (!to && (!mr_parse_need(p, ':') || !(to = pattern(p)))))
		return false;
	mr_nodes_add(row, key);
	mr_nodes_add(row, to);
	return true;
}

static struct mr_node *
pattern(struct mr_parse *p)
{
	int open = p->lex.token;
	struct mr_node *n, *kid;
	struct mr_nodes row = {0};
	bool ok;

	n = mr_node_new(p, open == '[' ? MR_N_P_ARRAY : MR_N_P_OBJECT, p->lex.at);
	if (open == MR_T_BINDING) {
		n->kind = MR_N_VAR;
		n->name = mr_parse_name(p, 1);
		mr_lex_next(&p->lex);
		return n;
	}
	if (open != '[' && open != '{')
		return mr_parse_unexpected(p);
	if (!mr_parse_enter(p))
		return NULL;
	do {
		mr_lex_next(&p->lex);
		if (open == '{') {
			ok = member_pattern(p, &row);
		} else {
			kid = pattern(p);
			ok = kid != NULL;
			mr_nodes_add(&row, kid);
		}
	} while (ok && p->lex.token == ',');
	p->nest--;
	ok = ok && mr_parse_need(p, open == '[' ? ']' : '}');
	n = ok ? mr_nodes_into(p, &row, n) : NULL;
	free(row.at);
	return n;
}

/* Behind the `as`, which is the token at hand. */
struct mr_node *
mr_parse_pattern(struct mr_parse *p, struct mr_node *into)
{
	struct mr_nodes row = {0};
	struct mr_node *n;

	if (p->lex.token != MR_T_AS)
		return mr_parse_unexpected(p);
	do {
		mr_lex_next(&p->lex);
		n = pattern(p);
		mr_nodes_add(&row, n);
	} while (n && p->lex.token == MR_T_ALTPAT);
	if (n)
		n = mr_nodes_into(p, &row, into);
	free(row.at);
	return n;
}

/* Modules are libjq's. */
static struct mr_node *
module(struct mr_parse *p)
{
	*p->foreign = true;
	mr_ast_fail(p->ast, p->lex.at, p->err, "modules are not supported: '%.*s'",
	    (int)(p->lex.end - p->lex.at), p->lex.text + p->lex.at);
	return NULL;
}

/* A builtin's own text ends behind its definition: what it would be for is the identity. */
static struct mr_node *
program(struct mr_parse *p)
{
	struct mr_node *n;

	mr_lex_next(&p->lex);
	if (p->lex.token == MR_T_IMPORT || p->lex.token == MR_T_INCLUDE ||
	    p->lex.token == MR_T_MODULE)
		return module(p);
	if (p->lex.token == MR_T_END) {
		mr_err_set(p->err, MR_EX_USAGE, "the expression is empty");
		return NULL;
	}
	n = mr_parse_query(p);
	if (n && p->lex.token != MR_T_END)
		return mr_parse_unexpected(p);
	return n;
}

struct mr_ast *
mr_ast_parse(const char *text, size_t len, bool *foreign, struct mr_err *err)
{
	struct mr_parse p = {.foreign = foreign, .err = err};
	struct mr_node *root;

	*foreign = false;
	p.ast = mr_ast_new(text, len);
	p.lex = (struct mr_lex){.text = text, .len = len};
	root = program(&p);
	if (!root) {
		mr_ast_free(p.ast);
		return NULL;
	}
	mr_ast_set_root(p.ast, root);
	return p.ast;
}
