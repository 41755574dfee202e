/*
 * control - control lines, written canonically and read strictly.
 *
 * A line is read by parsing it and writing it again: what does not come out
 * byte for byte is not canonical.  That is slow beside the data path and rare
 * beside it too.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/crc.h"
#include "base/mem.h"
#include "json/str.h"
#include "stream/control.h"

#define TAIL_LEN (sizeof ",\"c\":\"01234567\"}" - 1)
#define INT_MOST ((int64_t)1 << 53) /* integers lie between this and its negative */
#define NONCE_WINDOW 64 /* a nonce this near to the start is control or an attack on it */

static const char *const type_names[] = {
    [MR_CTL_HELLO] = "hello",
    [MR_CTL_RESTORE] = "restore",
    [MR_CTL_WM] = "wm",
    [MR_CTL_DEAD] = "dead",
    [MR_CTL_BARRIER] = "barrier",
    [MR_CTL_END] = "end",
    [MR_CTL_EOS] = "eos",
};

void
mr_hello_init(struct mr_hello *h)
{
	unsigned char random[MR_NONCE_LEN / 2];

	memset(h, 0, sizeof *h);
	if (getentropy(random, sizeof random) < 0)
		abort(); /* no kernel we run on refuses 16 bytes */
	for (size_t i = 0; i < sizeof random; i++) {
		h->nonce[2 * i] = "0123456789abcdef"[random[i] >> 4];
		h->nonce[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
	}
	h->there = true;
	h->pipeline = mr_xstrdup("");
	h->uid = mr_xstrdup("");
	h->path = mr_xstrdup("[]");
}

void
mr_hello_release(struct mr_hello *h)
{
	free(h->pipeline);
	free(h->uid);
	free(h->path);
	memset(h, 0, sizeof *h);
}

void
mr_hello_copy(struct mr_hello *to, const struct mr_hello *from)
{
	*to = *from;
	to->pipeline = mr_xstrdup(from->pipeline);
	to->uid = mr_xstrdup(from->uid);
	to->path = mr_xstrdup(from->path);
}

/* `jfilter`, or `jfilter.2` for the second of its kind, as a JSON string. */
static void
stage_id(struct mr_buf *b, const char *tool, int n)
{
	struct mr_buf id = MR_BUF_INIT;

	mr_buf_adds(&id, tool);
	if (n > 1)
		mr_buf_printf(&id, ".%d", n);
	b->len = 0;
	mr_str_write(b, id.at, id.len);
	mr_buf_release(&id);
}

void
mr_hello_add(struct mr_hello *h, const char *tool)
{
	struct mr_buf id = MR_BUF_INIT, path = MR_BUF_INIT;
	int n = 1;

	do
		stage_id(&id, tool, n++);
	while (strstr(h->path, mr_buf_str(&id)));
	mr_buf_add(&path, h->path, strlen(h->path) - 1);
	if (path.len > 1)
		mr_buf_addc(&path, ',');
	mr_buf_add(&path, id.at, id.len);
	mr_buf_addc(&path, ']');
	free(h->path);
	h->path = mr_xmemdup0(path.at, path.len);
	mr_buf_release(&path);
	mr_buf_release(&id);
}

static void
begin(struct mr_buf *b, const char *nonce, enum mr_control_type type)
{
	mr_buf_printf(b, MR_CONTROL_PREFIX "%s\",\"t\":\"%s\"", nonce, type_names[type]);
}

static void
finish(struct mr_buf *b, size_t start)
{
	mr_buf_printf(b, ",\"c\":\"%08" PRIx32 "\"}\n", mr_crc32c(b->at + start, b->len - start));
}

static void
text_field(struct mr_buf *b, const char *key, const char *value)
{
	mr_buf_printf(b, ",\"%s\":", key);
	mr_str_write(b, value, strlen(value));
}

void
mr_hello_write(struct mr_buf *out, const struct mr_hello *h)
{
	size_t start = out->len;

	begin(out, h->nonce, MR_CTL_HELLO);
	mr_buf_adds(out, ",\"v\":1");
	text_field(out, "p", h->pipeline);
	text_field(out, "uid", h->uid);
	mr_buf_printf(out, ",\"r\":%" PRId64 ",\"path\":%s,\"wm\":%d,\"ok\":%d", h->run, h->path,
	    h->wm, h->ok);
	finish(out, start);
}

void
mr_control_write(struct mr_buf *out, const struct mr_hello *h, const struct mr_control *c)
{
	size_t start = out->len;

	begin(out, h->nonce, c->type);
	if (c->type == MR_CTL_WM)
		mr_buf_printf(out, ",\"ts\":%" PRId64 ",\"idle\":%d", c->ts, c->idle);
	else if (c->type == MR_CTL_EOS)
		mr_buf_printf(out, ",\"how\":\"%s\",\"id\":%" PRId64, c->stopped ? "stop" : "end",
		    c->id);
	finish(out, start);
}

/* Is the crc at the end of the line the one of what stands before it? */
static bool
crc_holds(const char *at, size_t len)
{
	char tail[TAIL_LEN + 1];

	if (len <= TAIL_LEN)
		return false;
	snprintf(tail, sizeof tail, ",\"c\":\"%08" PRIx32 "\"}", mr_crc32c(at, len - TAIL_LEN));
	return memcmp(at + len - TAIL_LEN, tail, TAIL_LEN) == 0;
}

static const char *
text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static int64_t
int_of(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static int
broken(struct mr_err *err, const char *why)
{
	return mr_err_set(err, MR_EX_WORLD, "broken control line: %s", why);
}

/* Parse a line whose crc holds; its type, or -1. */
static int
parse(const char *at, size_t len, json_t **o)
{
	const char *type;

	if (!(*o = json_loadb(at, len, JSON_REJECT_DUPLICATES, NULL)))
		return -1;
	type = text_of(*o, "t");
	for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
		if (strcmp(type, type_names[i]) == 0)
			return (int)i;
	return -1;
}

/* Written again, is it the same line? */
static bool
same(const struct mr_buf *again, const char *at, size_t len)
{
	return again->len == len + 1 && memcmp(again->at, at, len) == 0;
}

static void
hello_fields(struct mr_hello *h, json_t *o)
{
	char *path = json_dumps(json_object_get(o, "path"), JSON_COMPACT);

	memset(h, 0, sizeof *h);
	h->there = true;
	snprintf(h->nonce, sizeof h->nonce, "%s", text_of(o, "$mr"));
	h->pipeline = mr_xstrdup(text_of(o, "p"));
	h->uid = mr_xstrdup(text_of(o, "uid"));
	h->run = int_of(o, "r");
	h->path = mr_xstrdup(path && *path == '[' ? path : "[]");
	h->wm = int_of(o, "wm") == 1;
	h->ok = int_of(o, "ok") == 1;
	free(path);
}

int
mr_hello_parse(const char *at, size_t len, struct mr_hello *hello, struct mr_err *err)
{
	static const char looks[] = "\",\"t\":\"hello\",";
	const size_t prefix = sizeof MR_CONTROL_PREFIX - 1;
	struct mr_buf again = MR_BUF_INIT;
	struct mr_hello h;
	json_t *o;
	int r = 1;

	if (len < prefix + MR_NONCE_LEN + sizeof looks - 1 ||
	    memcmp(at, MR_CONTROL_PREFIX, prefix) != 0 ||
	    memcmp(at + prefix + MR_NONCE_LEN, looks, sizeof looks - 1) != 0)
		return 0;
	if (strspn(at + prefix, "0123456789abcdef") != MR_NONCE_LEN)
		return 0;
	if (!crc_holds(at, len))
		return broken(err, "wrong crc in hello");
	if (parse(at, len, &o) != MR_CTL_HELLO) {
		json_decref(o);
		return broken(err, "hello is not JSON");
	}
	if (int_of(o, "v") != 1) {
		r = mr_err_set(err, MR_EX_WORLD,
		    "the stream has protocol version %" PRId64 ", this program speaks 1",
		    int_of(o, "v"));
		json_decref(o);
		return r;
	}
	hello_fields(&h, o);
	json_decref(o);
	mr_hello_write(&again, &h);
	if (!same(&again, at, len)) {
		mr_hello_release(&h);
		r = broken(err, "hello is not canonical");
	} else {
		*hello = h;
	}
	mr_buf_release(&again);
	return r;
}

/* Eight hex digits? */
static bool
hex8(const char *p)
{
	for (int i = 0; i < 8; i++)
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
			return false;
	return true;
}

/* A nonce within the window covers bytes 24 to 31 of the line or 32 to 39: most data shows there that it has none. */
bool
mr_control_maybe(const struct mr_hello *h, const char *at, size_t len)
{
	if (len < MR_NONCE_LEN || (len >= 40 && !hex8(at + 24) && !hex8(at + 32)))
		return false;
	return memmem(at, len < NONCE_WINDOW ? len : NONCE_WINDOW, h->nonce, MR_NONCE_LEN) != NULL;
}

int
mr_control_parse(const struct mr_hello *h, const char *at, size_t len, struct mr_control *c,
    struct mr_err *err)
{
	struct mr_buf again = MR_BUF_INIT;
	json_t *o = NULL;
	bool ok;
	int type;

	if (!mr_control_maybe(h, at, len))
		return 0;
	if (memcmp(at, MR_CONTROL_PREFIX, sizeof MR_CONTROL_PREFIX - 1) != 0)
		return broken(err, "a stage upstream has rewritten it");
	if (!crc_holds(at, len))
		return broken(err, "wrong crc");
	if ((type = parse(at, len, &o)) < 0) {
		json_decref(o);
		return broken(err, "unknown type");
	}
	*c = (struct mr_control){.type = (enum mr_control_type)type,
	    .ts = int_of(o, "ts"),
	    .idle = int_of(o, "idle") == 1,
	    .stopped = strcmp(text_of(o, "how"), "stop") == 0,
	    .id = int_of(o, "id")};
	json_decref(o);
	ok = c->ts > -INT_MOST && c->ts < INT_MOST && c->id > -INT_MOST && c->id < INT_MOST;
	if (ok && (type == MR_CTL_WM || type == MR_CTL_END || type == MR_CTL_EOS)) {
		mr_control_write(&again, h, c);
		ok = same(&again, at, len);
		mr_buf_release(&again);
	}
	if (!ok)
		return broken(err, "not canonical");
	if (type == MR_CTL_HELLO)
		return broken(err, "a second hello");
	return 1;
}
