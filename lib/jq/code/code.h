/*
 * Compiled programs: a tree turned into code for a backtracking machine (vm.h).
 * For lib/jq alone.
 */
#ifndef MR_JQ_CODE_H
#define MR_JQ_CODE_H

#include "jq/lang/ast.h"

struct mr_code; /* immutable, but for the counts of vars: all its machines run in one thread */

/*
 * Of the tree or, root, of a part of it.  vars: an object, each member a $name
 * the program may use.
 * NULL: err set; *foreign: libjq may know what the engine does not.
 */
struct mr_code *mr_code_compile(const struct mr_ast *, const struct mr_node *root,
    const struct mr_value *vars, bool *foreign, struct mr_err *err);
void mr_code_free(struct mr_code *);

unsigned mr_code_uses(const struct mr_code *); /* MR_FN_... of the functions called in it */

/* One instruction a line, for --explain. */
void mr_code_dump(const struct mr_code *, struct mr_buf *);

#endif
