/*
 * Memory that is there or the process is not: out of memory ends it with
 * MR_EX_WORLD and a line that says how much was asked for.  The results are
 * never NULL; free() them.
 */
#ifndef MR_BASE_MEM_H
#define MR_BASE_MEM_H

#include <stddef.h>

void *mr_xmalloc(size_t size);
void *mr_xcalloc(size_t count, size_t size); /* zeroed; overflow-checked */
void *mr_xrealloc(void *old, size_t size);
char *mr_xstrdup(const char *s);
char *mr_xmemdup0(const void *at, size_t len); /* a copy with a NUL behind it */

/* Whole pages at a multiple of align, a power of two; zeroed.  Given back at once by mr_xunmap(). */
void *mr_xmap(size_t align, size_t size);
void mr_xunmap(void *at, size_t size);

#endif
