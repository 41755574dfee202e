/*
 * The kernels of mr_scan_rows().  For lib/json and its tests alone.
 */
#ifndef MR_JSON_KERNEL_H
#define MR_JSON_KERNEL_H

#include "json/path.h"

struct mr_kernel {
	const char *name;
	/* NULL: this processor has what it needs, else what is missing. */
	const char *(*lacks)(void);
	/* mr_scan_rows() by this kernel. */
	size_t (*rows)(struct mr_scan *, const char **at, const char *end, unsigned flags,
	    struct mr_scan_row *rows, size_t max, struct mr_val *vals);
};

/* Those of this build, the best first, then NULL. */
extern const struct mr_kernel *const mr_kernels[];

#endif
