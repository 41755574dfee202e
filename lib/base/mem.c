/*
 * mem - the one place where running out of memory ends the process.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/mem.h"

static void *
need(void *p, size_t size)
{
	if (!p) {
		mr_say("out of memory: cannot get %zu bytes", size);
		exit(MR_EX_WORLD);
	}
	return p;
}

void *
mr_xmalloc(size_t size)
{
	return need(malloc(size ? size : 1), size);
}

void *
mr_xcalloc(size_t count, size_t size)
{
	return need(calloc(count ? count : 1, size ? size : 1), count * size);
}

void *
mr_xrealloc(void *old, size_t size)
{
	return need(realloc(old, size ? size : 1), size);
}

char *
mr_xstrdup(const char *s)
{
	return mr_xmemdup0(s, strlen(s));
}

char *
mr_xmemdup0(const void *at, size_t len)
{
	char *copy = mr_xmalloc(len + 1);

	if (len)
		memcpy(copy, at, len);
	copy[len] = '\0';
	return copy;
}

void *
mr_xmap(size_t align, size_t size)
{
	size_t all = size + align, before;
	char *at = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at == MAP_FAILED ? NULL : at, size);
	before = (align - ((uintptr_t)at & (align - 1))) & (align - 1);
	if (before)
		munmap(at, before);
	munmap(at + before + size, all - before - size);
	return at + before;
}

void
mr_xunmap(void *at, size_t size)
{
	munmap(at, size);
}
