/*
 * scan: any bytes beside jansson, all paths, members, strings and numbers;
 * trusted mode keeps within the bytes, whatever they are.  And as a stream of
 * lines, by rows with each kernel beside the exact walker.
 */
#include <stdio.h>

#include "../unit/json_oracle.h"
#include "../unit/json_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* jansson reads the members of a repeated key, we the bytes: both are JSON again. */
static void
check_members(const struct mr_val *v)
{
	struct mr_scan *none = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_members m;
	struct mr_val key, val;

	mr_members_init(&m, v);
	while (mr_members_next(&m, &key, &val)) {
		if (key.at && mr_scan_line(none, key.at, key.len, 0, NULL, &err) < 0)
			abort();
		if (mr_scan_line(none, val.at, val.len, 0, NULL, &err) < 0)
			abort();
	}
	mr_scan_free(none);
}

/* The bytes as a path: what is read finds the same slot again, what is refused has words. */
static void
check_path(const char *text)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	int slot = mr_scan_path(s, text, &err);

	if (slot >= 0 ? mr_scan_path(s, text, &err) != slot || mr_scan_count(s) != 1 :
	    err.status != MR_EX_USAGE || mr_scan_count(s) != 0)
		abort();
	mr_scan_free(s);
}

static struct mr_scan *
some_scan(unsigned few)
{
	static const char *const paths[] = {".a", ".status", ".b.a", "."};
	struct mr_scan *s = few ? mr_scan_new() : oracle_scan();
	struct mr_err err = MR_ERR_INIT;

	for (unsigned i = 0; i < few; i++)
		if (mr_scan_path(s, paths[i], &err) < 0)
			abort();
	return s;
}

/* The lines twice: what was learned from the first ones is used for the second. */
static void
check_rows(const uint8_t *data, size_t size)
{
	size_t len = 2 * size + 2;
	char *text = malloc(len + MR_SCAN_PAD);
	unsigned how = size ? data[size - 1] : 0;

	memcpy(text, data, size);
	text[size] = '\n';
	memcpy(text + size + 1, text, size + 1);
	for (size_t i = 0; i < MR_SCAN_PAD; i++)
		text[len + i] = text[i % len];
	for (size_t i = 0; mr_kernels[i]; i++) {
		struct rows_check c = {mr_kernels[i], some_scan(how >> 2 & 3), some_scan(how >> 2 & 3), text,
		    text + len, how & 3, how, NULL, 0};
		const char *why = mr_kernels[i]->lacks() ? NULL : rows_differ(&c);

		if (why) {
			fprintf(stderr, "%s, flags %u: %s: %.*s\n", mr_kernels[i]->name, c.flags, why, (int)c.len,
			    c.line);
			abort();
		}
		mr_scan_free((struct mr_scan *)c.exact);
		mr_scan_free(c.scan);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *why;
	struct mr_val vals[ORACLE_PATHS];
	struct mr_err err = MR_ERR_INIT;
	static struct mr_scan *s;		/* kept: compiling it costs more than the rest */

	if (!s)
		s = oracle_scan();
	if ((why = oracle(s, at, size))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	if (mr_scan_line(s, at, size, 0, vals, &err) == 0) {
		if (!mr_utf8_ok(at, size))
			abort();
		check_members(&vals[0]);
	}
	if (size > 0)
		check_rows(data, size);
	if (size < 200) {
		struct mr_buf text = MR_BUF_INIT;

		mr_buf_add(&text, data, size);
		check_path(mr_buf_str(&text));
		mr_buf_release(&text);
	}
	return 0;
}
