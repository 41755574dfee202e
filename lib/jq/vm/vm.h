/*
 * The machine that runs compiled programs, backtracking.  For lib/jq alone.
 */
#ifndef MR_JQ_VM_H
#define MR_JQ_VM_H

#include "jq/code/code.h"
#include "jq/fn/fn.h"

struct mr_vm; /* one run of a program at a time */

#define MR_VM_WAITS 2
#define MR_VM_FRAMES 1000000 /* calls inside each other; one more is an error of the program */

struct mr_vm *mr_vm_new(const struct mr_code *, struct mr_jq_run *);
void mr_vm_free(struct mr_vm *);

/* Begin a run over an input (consumed); what an unfinished run held is let go. */
void mr_vm_start(struct mr_vm *, struct mr_value input);

/*
 * The next output.
 * Return: 1 *out is it; 0 no more; -1 *out is the value of an uncaught error;
 *         MR_VM_WAITS: run->waits() was true when it asked for an event: the
 *         next call asks again.
 * halt and halt_error end a run with -1 and run->halted, which no try catches.
 */
int mr_vm_next(struct mr_vm *, struct mr_value *out);

#endif
