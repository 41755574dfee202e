/*
 * From the tree of a program to the nodes of a plan.  For plan.c, make.c and names.c alone.
 */
#ifndef MR_JQ_PLAN_MAKE_H
#define MR_JQ_PLAN_MAKE_H

#include "jq/plan/node.h"

/* What a name means: a function with the names around it, or a variable. */
struct mr_make_scope {
	const struct mr_make_scope *outer;
	const char *name;
	int arity;                        /* -1: a variable */
	const struct mr_node *def;        /* DEF; NULL: an argument */
	const struct mr_node *arg;        /* the tree of an argument */
	const struct mr_make_scope *home; /* the names among which arg was written */
	int var;
};

struct mr_maker {
	struct mr_plan *plan;
	struct mr_scan *scan;
	const struct mr_value *named;
	int depth, vars;
	char *why;
};

/* Where a node stands. */
struct mr_make_place {
	const struct mr_make_scope *scope;
	bool event; /* `.` is the event */
};

/* -- make.c -- */
/* The node of a tree, and those below it.  NULL: there is no plan, and m->why says what has none. */
struct mr_pnode *mr_make(struct mr_maker *, const struct mr_node *, struct mr_make_place);
struct mr_pnode *mr_make_none(struct mr_maker *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* NULL, for this reason unless there is one */
struct mr_pnode *mr_make_node(struct mr_maker *, enum mr_plan_op);
struct mr_pnode *mr_make_constant(struct mr_maker *, struct mr_value);
/* op over a, b, c, those that are there in the tree; NULL when one of them has no plan. */
struct mr_pnode *mr_make_of(struct mr_maker *, enum mr_plan_op op, const struct mr_node *a,
    const struct mr_node *b, const struct mr_node *c, struct mr_make_place);
/* The same over the tree's kids. */
struct mr_pnode *mr_make_kids(struct mr_maker *, enum mr_plan_op, const struct mr_node *,
    struct mr_make_place);
/* Does it yield `.` itself, whenever it yields? */
bool mr_plan_yields_dot(const struct mr_pnode *);

/* -- names.c -- */
/* What a name means there; NULL: nothing of the program's own.  arity: -1 for a variable. */
const struct mr_make_scope *mr_make_find(const struct mr_make_scope *, const char *name, int arity);
struct mr_pnode *mr_make_variable(struct mr_maker *, const struct mr_node *, struct mr_make_place);
struct mr_pnode *mr_make_call(struct mr_maker *, const struct mr_node *, struct mr_make_place);
struct mr_pnode *mr_make_def(struct mr_maker *, const struct mr_node *, struct mr_make_place);
struct mr_pnode *mr_make_as(struct mr_maker *, const struct mr_node *, struct mr_make_place);

#endif
