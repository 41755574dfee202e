/*
 * Differences from jq 1.8 that are meant; millrace-expr(7) documents them.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

enum { EXPLANATIONS = 8 };

/* The first one is told by another run, too: see compare() of differ.c. */
extern const char *const explanations[EXPLANATIONS];

/* Why these outputs differ, one of explanations[]; NULL: nothing explains it. */
const char *explain(const char *program, const char *ours, const char *theirs);
int explained_as(const char *explanation);

#endif
