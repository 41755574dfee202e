/*
 * What the parser's files share.  For ast.c, parse.c and term.c alone.
 *
 * A function that cannot go on returns NULL with the error set; the first one
 * counts.  All nodes belong to the tree from the moment they are made.
 */
#ifndef MR_JQ_LANG_PARSE_H
#define MR_JQ_LANG_PARSE_H

#include "jq/lang/ast.h"
#include "jq/lang/lex.h"

struct mr_parse {
	struct mr_lex lex;
	struct mr_ast *ast;
	bool *foreign;
	struct mr_err *err;
	unsigned nest; /* parse functions inside each other: the stack of C is not without end */
};

/* -- ast.c -- */
struct mr_ast *mr_ast_new(const char *text, size_t len);
void mr_ast_set_root(struct mr_ast *, struct mr_node *);
void *mr_ast_alloc(struct mr_ast *, size_t size);
const char *mr_ast_name(struct mr_ast *, const char *at, size_t len); /* kept, terminated */

struct mr_node *mr_node_new(struct mr_parse *, enum mr_node_kind, size_t at);
struct mr_node *mr_node_string(struct mr_parse *, const char *bytes, size_t len, size_t at);
struct mr_node *mr_node_number(struct mr_parse *, const char *spelling, size_t len, size_t at);
struct mr_node *mr_node_negative(struct mr_parse *, struct mr_node *number); /* a literal */
struct mr_node *mr_node_location(struct mr_parse *, size_t at);              /* $__loc__ */

/* Nodes in a row, gathered while their number is not known. */
struct mr_nodes {
	struct mr_node **at;
	size_t n, room;
};
void mr_nodes_add(struct mr_nodes *, struct mr_node *);
/* Move the row into n->kids; NULL when the tree became too deep. */
struct mr_node *mr_nodes_into(struct mr_parse *, struct mr_nodes *, struct mr_node *n);
/* Join the row by PIPE or COMMA. */
struct mr_node *mr_nodes_join(struct mr_parse *, struct mr_nodes *, enum mr_node_kind);

/* Note how deep a node is, once its kids are set; NULL: too deep. */
struct mr_node *mr_node_done(struct mr_parse *, struct mr_node *);

/* -- parse.c -- */
struct mr_node *mr_parse_query(struct mr_parse *); /* all of jq */
struct mr_node *mr_parse_expr(struct mr_parse *);  /* neither | nor , nor as, def, label */
struct mr_node *mr_parse_pattern(struct mr_parse *, struct mr_node *into); /* a ?// b: kids */
struct mr_node *mr_parse_key(struct mr_parse *);                           /* (key) */
bool mr_parse_take(struct mr_parse *, int token); /* step over it, if it is that */
bool mr_parse_need(struct mr_parse *, int token); /* or say that it is unexpected */
void *mr_parse_unexpected(struct mr_parse *);     /* NULL */
bool mr_parse_enter(struct mr_parse *);           /* one level deeper; false: too deep */

/* -- term.c -- */
struct mr_node *mr_parse_term(struct mr_parse *);   /* with what stands behind: .a [0] ? */
struct mr_node *mr_parse_string(struct mr_parse *); /* "..." or @format "..." */
const char *mr_parse_name(struct mr_parse *,
    size_t skip); /* the token's, without its first bytes */

#endif
