/*
 * term - jq's grammar, from the operand down: paths, strings, objects
 * and the constructs with words.
 */
#include "jq/lang/parse.h"

#include <stdlib.h>

const char *
mr_parse_name(struct mr_parse *p, size_t skip)
{
	const char *at = p->lex.text + p->lex.at + skip;
	size_t len = p->lex.end - p->lex.at - skip;

	return mr_ast_name(p->ast, at, len);
}

/* The stretches and interpolations behind an opening quote; the closing one is stepped over. */
static bool
string_parts(struct mr_parse *p, struct mr_nodes *row)
{
	struct mr_buf text = MR_BUF_INIT;
	size_t quote = p->lex.at, at;
	struct mr_node *n;
	int end = 0;

	for (;;) {
		at = p->lex.end;
		text.len = 0;
		end = mr_lex_string(&p->lex, at, &text);
		if (end <= 0)
			break;
		if (text.len || (end == '"' && row->n == 0))
			mr_nodes_add(row, mr_node_string(p, text.at, text.len, at));
		if (end == '"')
			break;
		mr_lex_next(&p->lex);
		n = mr_parse_query(p);
		if (n && p->lex.token != ')')
			n = mr_parse_unexpected(p);
		if (!n)
			break;
		/* a literal in the row is text, an expression never: so `"a"` of "\("a")" is wrapped */
		if (n->kind == MR_N_LITERAL) {
			struct mr_node *all = mr_node_new(p, MR_N_PIPE, n->at);

			all->a = mr_node_new(p, MR_N_IDENTITY, n->at);
			all->b = n;
			n = mr_node_done(p, all);
			if (!n)
				break;
		}
		mr_nodes_add(row, n);
	}
	if (end == 0)
		mr_ast_fail(p->ast, quote, p->err, "syntax error: a string without end begins");
	else if (end < 0)
		mr_ast_fail(p->ast, p->lex.at, p->err, "syntax error: malformed escape");
	mr_buf_release(&text);
	if (end == '"')
		mr_lex_next(&p->lex);
	return end == '"';
}

struct mr_node *
mr_parse_string(struct mr_parse *p)
{
	struct mr_nodes row = {0};
	struct mr_node *n = mr_node_new(p, MR_N_STRING, p->lex.at);

	if (p->lex.token == MR_T_FORMAT) {
		n->name = mr_parse_name(p, 1);
		mr_lex_next(&p->lex);
	}
	if (p->lex.token != MR_T_QUOTE)
		return mr_parse_unexpected(p);
	if (!string_parts(p, &row))
		n = NULL;
	else if (row.n == 1 && row.at[0]->kind == MR_N_LITERAL)
		n = row.at[0];
	else
		n = mr_nodes_into(p, &row, n);
	free(row.at);
	return n;
}

static struct mr_node *
field_of(struct mr_parse *p, struct mr_node *of, struct mr_node *key, size_t at)
{
	struct mr_node *n = mr_node_new(p, MR_N_INDEX, at);

	n->a = of ? of : mr_node_new(p, MR_N_IDENTITY, at);
	n->b = key;
	return key ? mr_node_done(p, n) : NULL;
}

/* What stands in brackets behind a term; the `[` is the token at hand. */
static struct mr_node *
brackets(struct mr_parse *p, struct mr_node *of)
{
	struct mr_node *n = mr_node_new(p, MR_N_INDEX, p->lex.at);

	mr_lex_next(&p->lex);
	n->a = of;
	if (mr_parse_take(p, ']')) {
		n->kind = MR_N_ITERATE;
		return mr_node_done(p, n);
	}
	if (p->lex.token != ':' && !(n->b = mr_parse_query(p)))
		return NULL;
	if (mr_parse_take(p, ':')) {
		n->kind = MR_N_SLICE;
		if ((p->lex.token != ']' || !n->b) && !(n->c = mr_parse_query(p)))
			return NULL;
	}
	return mr_parse_need(p, ']') ? mr_node_done(p, n) : NULL;
}

static struct mr_node *
optional(struct mr_parse *p, struct mr_node *n, bool *fresh)
{
	struct mr_node *try;

	mr_lex_next(&p->lex);
	if (*fresh) {
		n->op = 1;
		*fresh = false;
		return n;
	}
	try = mr_node_new(p, MR_N_TRY, n->at);
	try->a = n;
	return mr_node_done(p, try);
}

/* .a ."a" [0] .[0] ? behind a term; fresh: n is a step of a path itself, without ? yet. */
static struct mr_node *
postfix(struct mr_parse *p, struct mr_node *n, bool fresh)
{
	struct mr_node *key;

	while (n) {
		size_t at = p->lex.at;

		if (p->lex.token == '?') {
			n = optional(p, n, &fresh);
			continue;
		}
		if (p->lex.token == MR_T_FIELD) {
			key = mr_node_string(p, p->lex.text + at + 1, p->lex.end - at - 1, at);
			mr_lex_next(&p->lex);
			n = field_of(p, n, key, n->at);
		} else if (p->lex.token == '[') {
			n = brackets(p, n);
		} else if (p->lex.token == '.') {
			mr_lex_next(&p->lex);
			if (p->lex.token == '[')
				n = brackets(p, n);
			else
				n = field_of(p, n, mr_parse_string(p), n->at);
		} else {
			break;
		}
		fresh = true;
	}
	return n;
}

/* . .a ."a" .[0] at the beginning of a term */
static struct mr_node *
path(struct mr_parse *p)
{
	size_t at = p->lex.at;
	struct mr_node *key, *n;

	if (p->lex.token == MR_T_FIELD) {
		key = mr_node_string(p, p->lex.text + at + 1, p->lex.end - at - 1, at);
		mr_lex_next(&p->lex);
		return postfix(p, field_of(p, NULL, key, at), true);
	}
	mr_lex_next(&p->lex);
	if (p->lex.token == MR_T_QUOTE || p->lex.token == MR_T_FORMAT)
		return postfix(p, field_of(p, NULL, mr_parse_string(p), at), true);
	n = mr_node_new(p, MR_N_IDENTITY, at);
	if (p->lex.token == '[')
		return postfix(p, brackets(p, n), true);
	return postfix(p, n, false);
}

/* An object's value: an expression, or a pipe of them without a comma. */
static struct mr_node *
member_value(struct mr_parse *p)
{
	struct mr_nodes row = {0};
	struct mr_node *n;

	do {
		n = mr_parse_expr(p);
		if (n)
			mr_nodes_add(&row, n);
	} while (n && mr_parse_take(p, '|'));
	if (n)
		n = mr_nodes_join(p, &row, MR_N_PIPE);
	free(row.at);
	return n;
}

/* {a} {$a} {"a"} {$__loc__}: what the value is when none is written. */
static struct mr_node *
implied_value(struct mr_parse *p, int token, struct mr_node *key, const char *name)
{
	struct mr_node *n;

	if (token == MR_T_LOC)
		return mr_node_location(p, key->at);
	if (token != MR_T_BINDING)
		return field_of(p, NULL, key, key->at);
	n = mr_node_new(p, MR_N_VAR, key->at);
	n->name = name;
	return n;
}

static bool
member(struct mr_parse *p, struct mr_nodes *row)
{
	size_t at = p->lex.at, skip;
	int token = p->lex.token;
	struct mr_node *key, *value = NULL;
	const char *name = NULL;

	if (token == '(') {
		key = mr_parse_key(p);
	} else if (token == MR_T_QUOTE || token == MR_T_FORMAT) {
		key = mr_parse_string(p);
	} else if (token == MR_T_IDENT || token == MR_T_BINDING || token == MR_T_LOC ||
	    mr_lex_is_keyword(token)) {
		skip = token == MR_T_BINDING || token == MR_T_LOC;
		name = mr_parse_name(p, skip);
		key = mr_node_string(p, name, p->lex.end - at - skip, at);
		mr_lex_next(&p->lex);
	} else {
		key = mr_parse_unexpected(p);
	}
	if (!key)
		return false;
	if (token == MR_T_BINDING && p->lex.token == ':') {
		key = mr_node_new(p, MR_N_VAR, at);
		key->name = name;
	}
	if (token == '(' || (p->lex.token == ':' && token != MR_T_LOC)) {
		if (!mr_parse_need(p, ':') || !(value = member_value(p)))
			return false;
	} else if (key->kind == MR_N_LITERAL) {
		value = implied_value(p, token, key, name);
	}
	mr_nodes_add(row, key);
	mr_nodes_add(row, value);
	return true;
}

static struct mr_node *
object(struct mr_parse *p)
{
	struct mr_node *n = mr_node_new(p, MR_N_OBJECT, p->lex.at);
	struct mr_nodes row = {0};
	bool ok = true;

	mr_lex_next(&p->lex);
	while (ok && p->lex.token != '}') {
		ok = member(p, &row);
		if (ok && !mr_parse_take(p, ','))
			break;
	}
	ok = ok && mr_parse_need(p, '}');
	n = ok ? mr_nodes_into(p, &row, n) : NULL;
	free(row.at);
	return n;
}

static struct mr_node *
array(struct mr_parse *p)
{
	struct mr_node *n = mr_node_new(p, MR_N_ARRAY, p->lex.at);

	mr_lex_next(&p->lex);
	if (mr_parse_take(p, ']'))
		return n;
	n->a = mr_parse_query(p);
	return n->a && mr_parse_need(p, ']') ? mr_node_done(p, n) : NULL;
}

static struct mr_node *
parentheses(struct mr_parse *p)
{
	struct mr_node *n;

	mr_lex_next(&p->lex);
	n = mr_parse_query(p);
	return n && mr_parse_need(p, ')') ? n : NULL;
}

/* if, with its elifs in a chain of else: each is a level deeper. */
static struct mr_node *
condition(struct mr_parse *p)
{
	struct mr_node *n = mr_node_new(p, MR_N_IF, p->lex.at);

	mr_lex_next(&p->lex);
	if (!mr_parse_enter(p) || !(n->a = mr_parse_query(p)) || !mr_parse_need(p, MR_T_THEN) ||
	    !(n->b = mr_parse_query(p)))
		return NULL;
	if (p->lex.token == MR_T_ELIF) {
		n->c = condition(p); /* takes the `end` */
		if (!n->c)
			return NULL;
	} else if ((mr_parse_take(p, MR_T_ELSE) && !(n->c = mr_parse_query(p))) ||
	    !mr_parse_need(p, MR_T_END_IF)) {
		return NULL;
	}
	p->nest--;
	return mr_node_done(p, n);
}

/* reduce and foreach */
static struct mr_node *
fold(struct mr_parse *p)
{
	bool each = p->lex.token == MR_T_FOREACH;
	struct mr_node *n = mr_node_new(p, each ? MR_N_FOREACH : MR_N_REDUCE, p->lex.at);

	mr_lex_next(&p->lex);
	if (!(n->a = mr_parse_expr(p)) || !mr_parse_pattern(p, n) || !mr_parse_need(p, '(') ||
	    !(n->b = mr_parse_query(p)) || !mr_parse_need(p, ';') || !(n->c = mr_parse_query(p)))
		return NULL;
	if (each && mr_parse_take(p, ';') && !(n->d = mr_parse_query(p)))
		return NULL;
	return mr_parse_need(p, ')') ? mr_node_done(p, n) : NULL;
}

static struct mr_node *
attempt(struct mr_parse *p)
{
	struct mr_node *n = mr_node_new(p, MR_N_TRY, p->lex.at);

	mr_lex_next(&p->lex);
	n->a = mr_parse_term(p);
	if (!n->a || (mr_parse_take(p, MR_T_CATCH) && !(n->b = mr_parse_term(p))))
		return NULL;
	return mr_node_done(p, n);
}

static struct mr_node *
call(struct mr_parse *p)
{
	static const char *const constants[] = {"null", "false", "true"};
	struct mr_node *n = mr_node_new(p, MR_N_CALL, p->lex.at), *arg;
	struct mr_nodes row = {0};

	n->name = mr_parse_name(p, 0);
	mr_lex_next(&p->lex);
	if (p->lex.token != '(') {
		for (int i = 0; i < 3; i++)
			if (strcmp(n->name, constants[i]) == 0) {
				n->kind = MR_N_LITERAL;
				n->value.type = (uint8_t)(MR_NULL + i);
			}
		return n;
	}
	do {
		mr_lex_next(&p->lex);
		arg = mr_parse_query(p);
		mr_nodes_add(&row, arg);
	} while (arg && p->lex.token == ';');
	n = arg && mr_parse_need(p, ')') ? mr_nodes_into(p, &row, n) : NULL;
	free(row.at);
	return n;
}

static struct mr_node *
named(struct mr_parse *p, enum mr_node_kind kind)
{
	struct mr_node *n = mr_node_new(p, kind, p->lex.at);

	if (kind == MR_N_BREAK) {
		mr_lex_next(&p->lex);
		if (p->lex.token != MR_T_BINDING)
			return mr_parse_unexpected(p);
	}
	n->name = mr_parse_name(p, 1);
	mr_lex_next(&p->lex);
	return n;
}

static struct mr_node *
format(struct mr_parse *p)
{
	struct mr_lex ahead = p->lex;

	mr_lex_next(&ahead);
	return ahead.token == MR_T_QUOTE ? mr_parse_string(p) : named(p, MR_N_FORMAT);
}

static struct mr_node *
negation(struct mr_parse *p)
{
	struct mr_node *n = mr_node_new(p, MR_N_NEGATE, p->lex.at);

	mr_lex_next(&p->lex);
	n->a = mr_parse_term(p);
	if (n->a && n->a->kind == MR_N_LITERAL && n->a->value.type == MR_NUMBER)
		return mr_node_negative(p, n->a);
	return n->a ? mr_node_done(p, n) : NULL;
}

static struct mr_node *
simple(struct mr_parse *p, struct mr_node *n)
{
	mr_lex_next(&p->lex);
	return n;
}

static struct mr_node *
number(struct mr_parse *p)
{
	size_t at = p->lex.at;

	return simple(p, mr_node_number(p, p->lex.text + at, p->lex.end - at, at));
}

static struct mr_node *
primary(struct mr_parse *p)
{
	size_t at = p->lex.at;

	switch (p->lex.token) {
	case MR_T_REC: return simple(p, mr_node_new(p, MR_N_RECURSE, at));
	case MR_T_NUMBER: return number(p);
	case MR_T_QUOTE: return mr_parse_string(p);
	case MR_T_FORMAT: return format(p);
	case MR_T_BINDING: return named(p, MR_N_VAR);
	case MR_T_LOC: return simple(p, mr_node_location(p, at));
	case MR_T_IDENT: return call(p);
	case MR_T_BREAK: return named(p, MR_N_BREAK);
	case MR_T_IF: return condition(p);
	case MR_T_REDUCE:
	case MR_T_FOREACH: return fold(p);
	case MR_T_TRY: return attempt(p);
	case '-': return negation(p);
	case '(': return parentheses(p);
	case '[': return array(p);
	case '{': return object(p);
	default: return mr_parse_unexpected(p);
	}
}

struct mr_node *
mr_parse_term(struct mr_parse *p)
{
	struct mr_node *n;

	if (!mr_parse_enter(p))
		return NULL;
	if (p->lex.token == '.' || p->lex.token == MR_T_FIELD)
		n = path(p);
	else
		n = postfix(p, primary(p), false);
	p->nest--;
	return n;
}
