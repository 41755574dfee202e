/*
 * expr - where the key and the headers of a record come from.
 */
#include <string.h>

#include "base/mem.h"
#include "json/str.h"
#include "kafka/expr.h"

int
mr_kexpr_parse(struct mr_kexpr *e, struct mr_scan *scan, const char *text, struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT;
	struct mr_scan *whole;
	struct mr_val v;
	int r = 0;

	if (text[0] == '.')
		return (e->slot = mr_scan_path(scan, text, err)) < 0 ? -1 : 0;
	e->slot = -1;
	if (text[0] == '"') {
		whole = mr_scan_new();
		mr_scan_path(whole, ".", err);
		r = mr_scan_line(whole, text, strlen(text), 0, &v, err);
		if (r == 0)
			mr_str_decode(&v, &b);
		else
			err->status = MR_EX_USAGE;
		mr_scan_free(whole);
	} else {
		mr_buf_adds(&b, text);
	}
	e->len = b.len;
	e->text = mr_xmemdup0(b.at, b.len);
	mr_buf_release(&b);
	return r;
}

struct mr_kbytes
mr_kexpr_eval(const struct mr_kexpr *e, const struct mr_val *vals, struct mr_buf *room)
{
	const struct mr_val *v;
	size_t from = room->len;

	if (e->slot < 0)
		return (struct mr_kbytes){e->text, e->len};
	v = &vals[e->slot];
	if (v->type == MR_MISSING || v->type == MR_NULL)
		return (struct mr_kbytes){NULL, 0};
	if (v->type != MR_STRING)
		return (struct mr_kbytes){v->at, v->len};
	if (!v->escaped)
		return (struct mr_kbytes){v->at + 1, v->len - 2};
	mr_str_decode(v, room);
	return (struct mr_kbytes){room->at + from, room->len - from};
}
