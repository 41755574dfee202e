/*
 * envelope - write and read Kafka records as JSON objects.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "json/num.h"
#include "json/scan.h"
#include "json/str.h"
#include "kafka/envelope.h"

static void
write_header_part(struct mr_buf *out, const struct mr_kbytes *b)
{
	if (!b->at) {
		mr_buf_adds(out, "null");
	} else if (mr_utf8_ok(b->at, b->len)) {
		mr_str_write(out, b->at, b->len);
	} else {
		mr_buf_adds(out, "{\"b64\":\"");
		mr_base64_write(out, b->at, b->len);
		mr_buf_adds(out, "\"}");
	}
}

static void
write_headers(struct mr_buf *out, const struct mr_krecord *r)
{
	mr_buf_adds(out, ",\"headers\":");
	for (size_t i = 0; i < r->nheaders; i++) {
		mr_buf_adds(out, i ? ",[" : "[[");
		write_header_part(out, &r->headers[i].name);
		mr_buf_addc(out, ',');
		write_header_part(out, &r->headers[i].value);
		mr_buf_addc(out, ']');
	}
	mr_buf_addc(out, ']');
}

static void
write_bytes(struct mr_buf *out, const char *name, const struct mr_kbytes *b)
{
	bool text = !b->at || mr_utf8_ok(b->at, b->len);

	mr_buf_adds(out, ",\"");
	mr_buf_adds(out, name);
	mr_buf_adds(out, text ? "\":" : "_b64\":\"");
	if (!b->at) {
		mr_buf_adds(out, "null");
	} else if (text) {
		mr_str_write(out, b->at, b->len);
	} else {
		mr_base64_write(out, b->at, b->len);
		mr_buf_addc(out, '"');
	}
}

static void
write_int(struct mr_buf *out, const char *name, int64_t n)
{
	mr_buf_adds(out, name);
	mr_num_write_int64(out, n);
}

void
mr_krecord_write(struct mr_buf *out, const struct mr_krecord *r)
{
	mr_buf_adds(out, "{\"topic\":");
	mr_str_write(out, r->topic.at, r->topic.len);
	write_int(out, ",\"partition\":", r->partition);
	write_int(out, ",\"offset\":", r->offset);
	if (r->ts >= 0) {
		mr_buf_adds(out, ",\"tstype\":\"");
		mr_buf_adds(out, r->tstype);
		write_int(out, "\",\"ts\":", r->ts);
	}
	write_int(out, ",\"broker\":", r->broker);
	if (r->nheaders)
		write_headers(out, r);
	write_bytes(out, "key", &r->key);
	write_bytes(out, "payload", &r->payload);
	mr_buf_addc(out, '}');
}

enum { TOPIC, PARTITION, OFFSET, TS, KEY, KEY_B64, PAYLOAD, PAYLOAD_B64, HEADERS, SLOTS };

struct mr_kreader {
	struct mr_scan *scan;
	/* Decoded strings, and bytes of base64 among them: never twice the line, so nothing moves. */
	struct mr_buf room;
	struct mr_kheader *headers;
	size_t cap;
};

struct mr_kreader *
mr_kreader_new(void)
{
	static const char *const paths[SLOTS] = {".topic", ".partition", ".offset", ".ts", ".key",
	    ".key_b64", ".payload", ".payload_b64", ".headers"};
	struct mr_kreader *r = mr_xcalloc(1, sizeof *r);
	struct mr_err err;

	r->scan = mr_scan_new();
	for (int i = 0; i < SLOTS; i++)
		if (mr_scan_path(r->scan, paths[i], &err) != i)
			abort(); /* the scanner numbers paths as they come */
	return r;
}

void
mr_kreader_free(struct mr_kreader *r)
{
	if (!r)
		return;
	mr_scan_free(r->scan);
	mr_buf_release(&r->room);
	free(r->headers);
	free(r);
}

static struct mr_kbytes
decode(struct mr_kreader *r, const struct mr_val *v)
{
	struct mr_kbytes b = {v->at, v->len};

	if (v->type == MR_MISSING || v->type == MR_NULL)
		return (struct mr_kbytes){NULL, 0};
	if (v->type != MR_STRING)
		return b;
	if (!v->escaped)
		return (struct mr_kbytes){v->at + 1, v->len - 2};
	b.at = r->room.at + r->room.len;
	mr_str_decode(v, &r->room);
	b.len = (size_t)(r->room.at + r->room.len - b.at);
	return b;
}

static int
decode_base64(struct mr_kreader *r, const char *name, const struct mr_val *v, struct mr_kbytes *b,
    struct mr_err *err)
{
	struct mr_kbytes text = decode(r, v);
	const char *at = r->room.at + r->room.len;

	if (v->type != MR_STRING || mr_base64_read(&r->room, text.at, text.len) < 0)
		return mr_err_set(err, MR_EX_DATA, "%s is not base64", name);
	*b = (struct mr_kbytes){at, (size_t)(r->room.at + r->room.len - at)};
	return 0;
}

/* A string, null, or {"b64":"..."}. */
static int
header_part(struct mr_kreader *r, const struct mr_val *v, struct mr_kbytes *b, struct mr_err *err)
{
	struct mr_members m;
	struct mr_val key, val;

	if (v->type == MR_STRING || v->type == MR_NULL) {
		*b = decode(r, v);
		return 0;
	}
	if (v->type == MR_OBJECT) {
		mr_members_init(&m, v);
		if (mr_members_next(&m, &key, &val) && mr_str_is(&key, "b64", 3))
			return decode_base64(r, "b64 of a header", &val, b, err);
	}
	return mr_err_set(err, MR_EX_DATA, "a header is neither string, null nor {\"b64\":...}");
}

static int
header(struct mr_kreader *r, struct mr_krecord *rec, const struct mr_val *name,
    const struct mr_val *value, struct mr_err *err)
{
	struct mr_kheader *h;

	if (rec->nheaders == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 8;
		r->headers = mr_xrealloc(r->headers, r->cap * sizeof *r->headers);
	}
	h = &r->headers[rec->nheaders];
	if (header_part(r, name, &h->name, err) < 0 || header_part(r, value, &h->value, err) < 0)
		return -1;
	if (!h->name.at)
		return mr_err_set(err, MR_EX_DATA, "the name of a header is null");
	rec->nheaders++;
	return 0;
}

static int
read_headers(struct mr_kreader *r, const struct mr_val *v, struct mr_krecord *rec,
    struct mr_err *err)
{
	struct mr_members m, pair;
	struct mr_val none, a, b;

	if (v->type == MR_MISSING || v->type == MR_NULL)
		return 0;
	if (v->type != MR_ARRAY)
		return mr_err_set(err, MR_EX_DATA, "headers is not an array");
	mr_members_init(&m, v);
	while (mr_members_next(&m, &none, &a)) {
		if (a.type == MR_ARRAY) {
			mr_members_init(&pair, &a);
			if (!mr_members_next(&pair, &none, &a) ||
			    !mr_members_next(&pair, &none, &b))
				return mr_err_set(err, MR_EX_DATA, "a header is not [name, value]");
		} else if (!mr_members_next(&m, &none, &b)) {
			return mr_err_set(err, MR_EX_DATA, "headers has a name without a value");
		}
		if (header(r, rec, &a, &b, err) < 0)
			return -1;
	}
	return 0;
}

static int
read_int(const char *name, const struct mr_val *v, int64_t min, int64_t max, int64_t *n,
    struct mr_err *err)
{
	*n = -1;
	if (v->type == MR_MISSING || v->type == MR_NULL)
		return 0;
	if (v->type == MR_NUMBER && mr_num_int64(v->at, v->len, n) && *n >= min && *n <= max)
		return 0;
	return mr_err_set(err, MR_EX_DATA, "%s is not a whole number that Kafka takes", name);
}

int
mr_kreader_line(struct mr_kreader *r, const char *at, size_t len, bool trusted,
    struct mr_krecord *rec, struct mr_err *err)
{
	unsigned flags = MR_SCAN_OBJECT | (trusted ? MR_SCAN_TRUSTED : 0);
	struct mr_val v[SLOTS];
	int64_t partition;

	*rec = (struct mr_krecord){.broker = -1};
	r->room.len = 0;
	mr_buf_grow(&r->room, 2 * len + 4);
	if (mr_scan_line(r->scan, at, len, flags, v, err) < 0)
		return -1;
	if (read_int("partition", &v[PARTITION], -1, INT32_MAX, &partition, err) < 0 ||
	    read_int("offset", &v[OFFSET], INT64_MIN, INT64_MAX, &rec->offset, err) < 0 ||
	    read_int("ts", &v[TS], -1, INT64_MAX, &rec->ts, err) < 0)
		return -1;
	rec->partition = (int32_t)partition;
	rec->topic = decode(r, &v[TOPIC]);
	rec->key = decode(r, &v[KEY]);
	rec->payload = decode(r, &v[PAYLOAD]);
	if (v[KEY_B64].type != MR_MISSING &&
	    decode_base64(r, "key_b64", &v[KEY_B64], &rec->key, err) < 0)
		return -1;
	if (v[PAYLOAD_B64].type != MR_MISSING) {
		if (decode_base64(r, "payload_b64", &v[PAYLOAD_B64], &rec->payload, err) < 0)
			return -1;
	} else if (v[PAYLOAD].type == MR_MISSING) {
		return mr_err_set(err, MR_EX_DATA, "no payload: is this an envelope of ksrc -J?");
	}
	if (read_headers(r, &v[HEADERS], rec, err) < 0)
		return -1;
	rec->headers = r->headers;
	return 0;
}
