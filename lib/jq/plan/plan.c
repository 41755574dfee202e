/*
 * plan - from the tree of a program to a plan, where there is one.
 *
 * Two things are known of each place in a program as it is walked (make.c):
 * whether `.` is the event there, so that a path is a slot of the scan, and
 * what its names mean (names.c).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/plan/make.h"

/* `.` may be computed where it stands; that is not told apart. */
static bool
takes_dot(const struct mr_pnode *n)
{
	return n->op == MR_P_DOT || n->op == MR_P_SELECT || n->op == MR_P_FORMAT ||
	    n->op == MR_P_CALL || (n->op == MR_P_NOT && !n->a);
}

unsigned
mr_plan_uses(const struct mr_plan *p)
{
	return p->uses;
}

bool
mr_plan_whole(const struct mr_plan *p)
{
	return p->whole;
}

struct mr_plan *
mr_plan_new(const struct mr_node *root, const struct mr_value *named_values, struct mr_scan *scan,
    char why[96])
{
	struct mr_maker m = {.plan = mr_xcalloc(1, sizeof(struct mr_plan)),
	    .scan = scan,
	    .named = named_values,
	    .why = why};

	why[0] = '\0';
	m.plan->root = mr_make(&m, root, (struct mr_make_place){NULL, true});
	if (!m.plan->root) {
		mr_plan_free(m.plan);
		return NULL;
	}
	m.plan->transparent = mr_plan_yields_dot(m.plan->root);
	m.plan->columnar = mr_plan_columnar(m.plan->root);
	m.plan->check = mr_scan_new();
	m.plan->steps = mr_steps_new(m.plan->root, false);
	m.plan->raw = mr_steps_new(m.plan->root, true);
	for (size_t i = 0; i < m.plan->nall; i++)
		m.plan->whole |= takes_dot(m.plan->all[i]);
	return m.plan;
}

void
mr_plan_free(struct mr_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nall; i++) {
		struct mr_pnode *n = p->all[i];

		for (size_t s = 0; s < n->npath; s++)
			mr_value_free(n->path[s]);
		free((void *)(uintptr_t)n->path);
		mr_value_free(n->value);
		free(n->kids);
		free(n->text);
		free(n->quoted);
		free(n);
	}
	free(p->all);
	mr_scan_free(p->check);
	mr_steps_free(p->steps);
	mr_steps_free(p->raw);
	for (size_t i = 0; i < p->nasts; i++)
		mr_ast_free(p->asts[i]);
	free(p->asts);
	free(p);
}

bool
mr_plan_transparent(const struct mr_plan *p)
{
	return p->transparent;
}
