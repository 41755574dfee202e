/*
 * Compiled programs: a tree turned into code for a backtracking machine, and
 * the machine.  For lib/jq alone.
 */
#ifndef MR_JQ_VM_H
#define MR_JQ_VM_H

#include "jq/fn/fn.h"
#include "jq/lang/ast.h"

struct mr_code; /* immutable, but for the counts of vars: all its machines run in one thread */
struct mr_vm;   /* one run of it at a time */

/* Of the tree or, root, of a part of it.  vars: an object, each member a $name the program may use.  NULL: err set; *foreign: libjq may know what the engine does not. */
struct mr_code *mr_code_compile(const struct mr_ast *, const struct mr_node *root,
    const struct mr_value *vars, bool *foreign, struct mr_err *err);
void mr_code_free(struct mr_code *);
void mr_code_dump(const struct mr_code *,
    struct mr_buf *); /* one instruction a line, for --explain */

#define MR_VM_WAITS 2
#define MR_VM_FRAMES 1000000 /* calls inside each other; one more is an error of the program */

struct mr_vm *mr_vm_new(const struct mr_code *, struct mr_jq_run *);
void mr_vm_free(struct mr_vm *);

/* Begin a run over an input (consumed); what an unfinished run held is let go. */
void mr_vm_start(struct mr_vm *, struct mr_value input);

bool mr_code_reads(const struct mr_code *); /* does it ask for events, by input? */

/*
 * The next output.
 * Return: 1 *out is it; 0 no more; -1 *out is the value of an uncaught error;
 *         MR_VM_WAITS: run->waits() was true when it asked for an event: the
 *         next call asks again.
 * halt and halt_error end a run with -1 and run->halted, which no try catches.
 */
int mr_vm_next(struct mr_vm *, struct mr_value *out);

#endif
