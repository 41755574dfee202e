/*
 * The syntax tree of a jq program.  For lib/jq alone.
 */
#ifndef MR_JQ_LANG_AST_H
#define MR_JQ_LANG_AST_H

#include "jq/value/value.h"

enum mr_node_kind {
	MR_N_IDENTITY, /* . */
	MR_N_RECURSE,  /* .. */
	MR_N_LITERAL,  /* value: null true false, a number, a string without interpolation */
	MR_N_FORMAT,   /* name: @base64, without the @ and without a string behind it */
	MR_N_STRING, /* kids: literals and expressions in turn; name: the format in front, NULL is @text */
	MR_N_INDEX, /* a[b]; .x is a=IDENTITY, b=LITERAL.  b is evaluated on what `.` is outside */
	MR_N_SLICE, /* a[b:c], b or c may be NULL */
	MR_N_ITERATE, /* a[].  INDEX, SLICE, ITERATE with op 1 have a ? behind: an error of this
	                 very step, not of a or b, is no output */
	MR_N_TRY,     /* try a catch b; b NULL: `try a`, and `a?` behind anything else */
	MR_N_ARRAY,   /* [a], a NULL: [] */
	MR_N_OBJECT,  /* kids: key, value, key, value...; value NULL: .[key], of {"a\(1)"} */
	MR_N_NEGATE,  /* -a */
	MR_N_PIPE,    /* a | b; long chains are balanced, which means the same */
	MR_N_COMMA,   /* a , b; likewise */
	MR_N_BINOP,   /* a op b, op: + - * / % and enum mr_node_op's comparisons */
	MR_N_AND,
	MR_N_OR,
	MR_N_ALTERNATIVE, /* a // b */
	MR_N_ASSIGN,      /* a op b; op: '=' MR_OP_UPDATE (|=) + - * / % MR_OP_ALT (//=) */
	MR_N_IF,          /* if a then b else c; c NULL: identity */
	MR_N_REDUCE,      /* reduce a as kids[0] ?// kids[1]... (b; c) */
	MR_N_FOREACH,     /* foreach a as kids[..] (b; c; d), d may be NULL */
	MR_N_AS,          /* a as kids[0] ?// kids[1]... | b */
	MR_N_VAR,         /* $name; $__loc__ is a LITERAL already */
	MR_N_LABEL,       /* label $name | a */
	MR_N_BREAK,       /* break $name */
	MR_N_DEF,         /* def name(params): a; b.  params: kids are PARAM nodes */
	MR_N_PARAM,       /* name; op 1: $name, a value */
	MR_N_CALL,        /* name(kids) */

	/* patterns of as, reduce, foreach; $name is a VAR */
	MR_N_P_ARRAY, /* kids */
	MR_N_P_OBJECT, /* kids: key, pattern...; {$x} is key VAR x, pattern VAR x; pattern NULL never */
};

enum mr_node_op {
	MR_OP_EQ = 256,
	MR_OP_NE,
	MR_OP_LT,
	MR_OP_LE,
	MR_OP_GT,
	MR_OP_GE,
	MR_OP_UPDATE,
	MR_OP_ALT
};

#define MR_AST_DEPTH 2000 /* no tree is deeper: whoever walks one may recurse */

struct mr_node {
	enum mr_node_kind kind;
	int op;
	unsigned depth;        /* of the tree below, itself included */
	size_t at;             /* where it begins in the text, for messages */
	const char *name;      /* NUL-terminated */
	struct mr_value value; /* plain, or a text within the tree: gone with it */
	struct mr_node *a, *b, *c, *d;
	struct mr_node **kids;
	size_t nkids;
};

struct mr_ast; /* a tree and all its memory */

/*
 * NULL: err set, MR_EX_USAGE, `syntax error: unexpected ')' at character 17 of
 * the expression` and the like.  Module directives (import, include) and what
 * else the engine leaves to libjq parse or fail here; *foreign is then true
 * and err says why.
 */
struct mr_ast *mr_ast_parse(const char *text, size_t len, bool *foreign, struct mr_err *err);
void mr_ast_free(struct mr_ast *);
struct mr_node *mr_ast_root(const struct mr_ast *);

/* Set err, MR_EX_USAGE: `WHAT at character 17 of the expression`; -1. */
int mr_ast_fail(const struct mr_ast *, size_t at, struct mr_err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
