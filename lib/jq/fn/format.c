/*
 * format - @text @json @csv @tsv @html @uri @urid @sh @base64 @base64d,
 * and @base32 @base32d, which jq 1.8.2 does not have.
 */
#include "base/base64.h"
#include "jq/fn/own.h"
#include "json/scan.h"

typedef int format(struct mr_value, struct mr_buf *, struct mr_value *out);

/* The text of any value, in *v, which the caller frees. */
static const char *
text_of(struct mr_value *v, struct mr_buf *room, size_t *len)
{
	*v = mr_value_tostring(*v, room);
	return mr_value_bytes(v, room, len);
}

/* A text with some characters replaced: one(c) is what stands for c, or NULL. */
static void
replace(struct mr_buf *to, const char *at, size_t len, const char *one(char))
{
	const char *end = at + len, *from = at, *by;

	for (; at < end; at++)
		if ((by = one(*at))) {
			mr_buf_add(to, from, (size_t)(at - from));
			mr_buf_adds(to, by);
			from = at + 1;
		}
	mr_buf_add(to, from, (size_t)(at - from));
}

static const char *
csv_char(char c)
{
	return c == '"' ? "\"\"" : c == '\0' ? "\\0" : NULL;
}

static const char *
tsv_char(char c)
{
	switch (c) {
	case '\t': return "\\t";
	case '\r': return "\\r";
	case '\n': return "\\n";
	case '\\': return "\\\\";
	case '\0': return "\\0";
	default: return NULL;
	}
}

static const char *
html_char(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '\'': return "&apos;";
	case '"': return "&quot;";
	case '\0': return "\\0";
	default: return NULL;
	}
}

static const char *
sh_char(char c)
{
	return c == '\'' ? "'\\''" : c == '\0' ? "\\0" : NULL;
}

static int
format_text(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	*out = mr_value_tostring(v, to);
	to->len = 0;
	return 1; /* *out it is, not what is in the buffer */
}

static int
format_json(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	(void)out;
	mr_value_write(&v, false, to);
	mr_value_free(v);
	return 0;
}

/* One field of a row; false: it has no place in one. */
static bool
field(const struct mr_value *v, const char *quote, const char *one(char), struct mr_buf *to)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;

	if (v->type == MR_ARRAY || v->type == MR_OBJECT)
		return false;
	if (v->type == MR_STRING) {
		at = mr_value_bytes(v, &room, &len);
		mr_buf_adds(to, quote);
		replace(to, at, len, one);
		mr_buf_adds(to, quote);
		mr_buf_release(&room);
	} else {
		mr_value_write(v, false, to);
	}
	return true;
}

static int
row(struct mr_value v, bool csv, struct mr_buf *to, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value x;
	bool ok = true;

	if (v.type != MR_ARRAY)
		return mr_value_fail1(out, v,
		    csv ? "cannot be csv-formatted, only array" :
			  "cannot be tsv-formatted, only array");
	mr_value_iter_init(&it, &v);
	for (size_t i = 0; ok && mr_value_iter_next(&it, NULL, &x); i++) {
		if (i)
			mr_buf_addc(to, csv ? ',' : '\t');
		if (x.type != MR_NULL && !mr_value_nan(&x))
			ok = field(&x, csv ? "\"" : "", csv ? csv_char : tsv_char, to);
		if (ok)
			mr_value_free(x);
	}
	mr_value_free(v);
	return ok ? 0 : mr_value_fail1(out, x, "is not valid in a csv row");
}

static int
format_csv(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	return row(v, true, to, out);
}

static int
format_tsv(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	return row(v, false, to, out);
}

static int
format_sh(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value x;
	bool ok = true;

	if (v.type != MR_ARRAY)
		v = mr_value_push(mr_value_array(1), v);
	mr_value_iter_init(&it, &v);
	for (size_t i = 0; ok && mr_value_iter_next(&it, NULL, &x); i++) {
		if (i)
			mr_buf_addc(to, ' ');
		if ((ok = field(&x, "'", sh_char, to)))
			mr_value_free(x);
	}
	mr_value_free(v);
	return ok ? 0 : mr_value_fail1(out, x, "can not be escaped for shell");
}

static int
format_html(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;

	(void)out;
	at = text_of(&v, &room, &len);
	replace(to, at, len, html_char);
	mr_buf_release(&room);
	mr_value_free(v);
	return 0;
}

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_' || c == '.' || c == '~';
}

static int
format_uri(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	static const char hex[] = "0123456789ABCDEF";
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;

	(void)out;
	at = text_of(&v, &room, &len);
	for (const char *end = at + len; at < end; at++) {
		if (unreserved(*at)) {
			mr_buf_addc(to, *at);
		} else {
			mr_buf_addc(to, '%');
			mr_buf_addc(to, hex[(unsigned char)*at >> 4]);
			mr_buf_addc(to, hex[*at & 15]);
		}
	}
	mr_buf_release(&room);
	mr_value_free(v);
	return 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
format_urid(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;
	bool ok = true;

	at = text_of(&v, &room, &len);
	for (size_t i = 0; ok && i < len; i++) {
		int high, low;

		if (at[i] != '%') {
			mr_buf_addc(to, at[i]);
			continue;
		}
		ok = len - i > 2 && (high = hex_digit(at[i + 1])) >= 0 &&
		    (low = hex_digit(at[i + 2])) >= 0;
		if (ok)
			mr_buf_addc(to, (char)(high << 4 | low));
		i += 2;
	}
	ok = ok && mr_utf8_ok(to->at, to->len);
	mr_buf_release(&room);
	if (!ok)
		return mr_value_fail1(out, v, "is not a valid uri encoding");
	mr_value_free(v);
	return 0;
}

static int
format_base64(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;

	(void)out;
	at = text_of(&v, &room, &len);
	mr_base64_write(to, at, len);
	mr_buf_release(&room);
	mr_value_free(v);
	return 0;
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int
base32_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/*
 * Digits of so many bits up to the first '=': loosely, as jq reads base64;
 * padding and left-over bits are not looked at.
 */
static int
read_digits(struct mr_value v, int digit(char), int bits, struct mr_buf *to, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	unsigned code = 0;
	int have = 0, d = 0;
	size_t len, i;
	const char *at;

	at = text_of(&v, &room, &len);
	for (i = 0; i < len && at[i] != '=' && (d = digit(at[i])) >= 0; i++) {
		code = (code << bits | (unsigned)d) & 0xfff;
		have += bits;
		if (have >= 8) {
			have -= 8;
			mr_buf_addc(to, (char)(code >> have));
		}
	}
	mr_buf_release(&room);
	if (d < 0)
		return mr_value_fail1(out, v,
		    bits == 6 ? "is not valid base64 data" : "is not valid base32 data");
	if (have >= bits)
		return mr_value_fail1(out, v,
		    bits == 6 ? "trailing base64 byte found" : "trailing base32 byte found");
	mr_value_free(v);
	return 0;
}

static int
format_base64d(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	return read_digits(v, base64_digit, 6, to, out);
}

static int
format_base32d(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	return read_digits(v, base32_digit, 5, to, out);
}

static int
format_base32(struct mr_value v, struct mr_buf *to, struct mr_value *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct mr_buf room = MR_BUF_INIT;
	unsigned code = 0;
	const char *at;
	size_t len;
	int have = 0;

	(void)out;
	at = text_of(&v, &room, &len);
	for (const char *end = at + len; at < end; at++) {
		code = (code << 8 | (unsigned char)*at) & 0xffff;
		for (have += 8; have >= 5; have -= 5)
			mr_buf_addc(to, digits[code >> (have - 5) & 31]);
	}
	if (have)
		mr_buf_addc(to, digits[code << (5 - have) & 31]);
	while (to->len % 8)
		mr_buf_addc(to, '=');
	mr_buf_release(&room);
	mr_value_free(v);
	return 0;
}

static const struct {
	const char *name;
	format *write;
} formats[] = {
    {"text", format_text},
    {"json", format_json},
    {"csv", format_csv},
    {"tsv", format_tsv},
    {"html", format_html},
    {"uri", format_uri},
    {"urid", format_urid},
    {"sh", format_sh},
    {"base64", format_base64},
    {"base64d", format_base64d},
    {"base32", format_base32},
    {"base32d", format_base32d},
};

static format *
find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].write;
	return NULL;
}

int
mr_jq_format(const char *name, struct mr_value v, struct mr_value *out)
{
	struct mr_buf to = MR_BUF_INIT;
	format *f = find(name);
	int rc;

	if (!f) {
		mr_value_free(v);
		return mr_value_fail(out, "%s is not a valid format", name);
	}
	rc = f(v, &to, out);
	if (rc == 0)
		*out = mr_value_string(to.at, to.len);
	mr_buf_release(&to);
	return rc < 0 ? -1 : 0;
}

static int
fn_format(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_buf name = MR_BUF_INIT;
	const char *at;
	size_t len;
	int rc;

	(void)run;
	if (args[1].type != MR_STRING) {
		mr_value_free(args[0]);
		return mr_value_fail1(out, args[1], "is not a valid format");
	}
	at = mr_value_bytes(&args[1], &run->room, &len);
	mr_buf_add(&name, at, len);
	if (memchr(at, 0, len)) { /* no name of ours ends before its end */
		mr_buf_release(&name);
		mr_value_free(args[0]);
		*out = mr_value_append(args[1], " is not a valid format", 22);
		return -1;
	}
	rc = mr_jq_format(mr_buf_str(&name), args[0], out);
	mr_buf_release(&name);
	mr_value_free(args[1]);
	return rc;
}

const struct mr_jq_fn mr_jq_fn_format[] = {
    {"format", 1, fn_format, 0},
    {NULL, 0, NULL, 0},
};
