/*
 * Values on their way into COPY: what the server will read back is what the
 * record says, and a value never ends its field or line.
 */
#include <stdint.h>
#include <stdlib.h>

#include "json/str.h"
#include "pg/row.h"
#include "pg/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As the server reads a field of COPY's text format. */
static void
unescape(const struct mr_buf *in, struct mr_buf *out)
{
	for (size_t i = 0; i < in->len; i++) {
		char c = in->at[i];

		if (c == '\t' || c == '\n' || c == '\r')
			abort();
		if (c == '\\') {
			static const char from[] = "\\tnr", to[] = "\\\t\n\r";
			const char *at = ++i < in->len ? strchr(from, in->at[i]) : NULL;

			if (!at || !*at)
				abort();
			c = to[at - from];
		}
		mr_buf_addc(out, c);
	}
}

static void
check(struct mr_pg_row *row, const struct mr_val *v, enum mr_pg_write as)
{
	struct mr_pg_col col = {.write = as};
	struct mr_buf want = MR_BUF_INIT, copied = MR_BUF_INIT, got = MR_BUF_INIT;
	struct mr_err err;

	row->vals = (struct mr_val *)v;
	if (v->type == MR_STRING && as == MR_PG_AS_TEXT)
		mr_str_decode(v, &want);
	else
		mr_buf_add(&want, v->at, v->len);
	if (mr_pg_row_write(row, &col, 0, &copied, &err) < 0) {
		if (!want.len || !memchr(want.at, '\0', want.len))
			abort();
	} else if (v->type == MR_NULL) {
		if (copied.len != 2 || memcmp(copied.at, "\\N", 2) != 0)
			abort();
	} else {
		unescape(&copied, &got);
		if (got.len != want.len || (want.len && memcmp(got.at, want.at, want.len) != 0))
			abort();
	}
	row->vals = NULL;
	mr_buf_release(&want);
	mr_buf_release(&copied);
	mr_buf_release(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_pg_row row;
	struct mr_val whole, key, val;
	struct mr_members m;
	struct mr_err err;

	mr_pg_row_init(&row);
	if (mr_scan_line(row.whole, (const char *)data, size, MR_SCAN_OBJECT, &whole, &err) == 0) {
		mr_members_init(&m, &whole);
		while (mr_members_next(&m, &key, &val)) {
			enum mr_pg_type type = mr_pg_type_of(&val);

			check(&row, &val, MR_PG_AS_TEXT);
			check(&row, &val, MR_PG_AS_JSON);
			if ((type == MR_PG_BIGINT && val.len > 20) ||
			    (type == MR_PG_NONE) != (val.type == MR_NULL))
				abort();
		}
	}
	mr_pg_row_release(&row);
	return 0;
}
