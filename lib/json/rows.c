/*
 * rows - scan many lines a call, by the best kernel that the processor runs.
 *
 * This file has the choice and the plain kernel, which is the exact walker of
 * scan.c line by line.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "json/kernel.h"
#include "json/scan.h"

static const char *
lacks_nothing(void)
{
	return NULL;
}

static size_t
plain_rows(struct mr_scan *s, const char **at, const char *end, unsigned flags,
    struct mr_scan_row *rows, size_t max, struct mr_val *vals)
{
	struct mr_err err = MR_ERR_INIT;
	size_t n = 0;

	while (n < max && *at < end) {
		const char *lf = memchr(*at, '\n', (size_t)(end - *at));
		size_t len = lf ? (size_t)(lf - *at) : 0;

		if (!lf || mr_scan_line(s, *at, len, flags, vals, &err) < 0)
			break;
		rows[n++] = (struct mr_scan_row){*at, len};
		vals += s->count;
		*at = lf + 1;
	}
	return n;
}

static const struct mr_kernel plain = {"plain", lacks_nothing, plain_rows};

extern const struct mr_kernel mr_kernel_avx512, mr_kernel_avx2, mr_kernel_sse2, mr_kernel_neon;

const struct mr_kernel *const mr_kernels[] = {
#if defined __x86_64__
    &mr_kernel_avx512,
    &mr_kernel_avx2,
    &mr_kernel_sse2,
#endif
#if defined __aarch64__ && !defined __AARCH64EB__
    &mr_kernel_neon,
#endif
    &plain,
    NULL,
};

/* The kernel that MILLRACE_SIMD names, or the best one; NULL when it cannot be, with the reason. */
static const struct mr_kernel *
choose(const char **why)
{
	const char *name = getenv("MILLRACE_SIMD");

	*why = "this build has no such kernel";
	for (size_t i = 0; mr_kernels[i]; i++) {
		if (name && *name && strcmp(name, mr_kernels[i]->name) != 0)
			continue;
		*why = mr_kernels[i]->lacks();
		if (!*why)
			return mr_kernels[i];
		if (name && *name)
			return NULL;
	}
	return NULL;
}

/* Asked once: several threads may do so at the same time, and find the same. */
static const struct mr_kernel *
in_use(void)
{
	static _Atomic(const struct mr_kernel *) chosen;
	const struct mr_kernel *k = atomic_load_explicit(&chosen, memory_order_relaxed);
	const char *why;

	if (k)
		return k;
	k = choose(&why);
	if (!k)
		k = &plain; /* mr_scan_kernel() says what is wrong */
	atomic_store_explicit(&chosen, k, memory_order_relaxed);
	return k;
}

size_t
mr_scan_rows(struct mr_scan *s, const char **at, const char *end, unsigned flags,
    struct mr_scan_row *rows, size_t max, struct mr_val *vals)
{
	return in_use()->rows(s, at, end, flags, rows, max, vals);
}

const char *
mr_scan_kernel(struct mr_err *err)
{
	const char *why;
	const struct mr_kernel *k = choose(&why);

	if (k)
		return k->name;
	mr_err_set(err, MR_EX_USAGE, "cannot use MILLRACE_SIMD '%s': %s", getenv("MILLRACE_SIMD"),
	    why);
	return NULL;
}
