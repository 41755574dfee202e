/*
 * What lib/json says of a text beside what jansson says of it.
 *
 * They agree but where scan.h says so: a NUL in a key, numbers beyond a
 * double or 63 bits, nesting; and jansson 2.14 overlooks a raw NUL behind a
 * number or a word, which its lexer puts back and then takes for the end of
 * its buffer.  Used by the unit test with made-up texts and
 * by the fuzz target with any bytes.
 */
#ifndef MR_JSON_ORACLE_H
#define MR_JSON_ORACLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/num.h"
#include "json/scan.h"
#include "json/str.h"

static const char *const oracle_paths[] = {".", ".a", ".b", ".a.b", ".a.a", ".a.b.a", ".a[0]", ".a[-1]",
	".a[1].b", ".a[-2][-1]", ".[0]", ".[-1]", ".[-1].a", ".[0][0]", ".ab", ".abcdefgh", ".abcdefghi",
	".status", ".pickup.lat", ".[-1][-1][-1]", ".a[-1].a[-1]", ".a[0].b", ".[2]", ".[-3].b", ".b[1][0]"};

#define ORACLE_PATHS (sizeof oracle_paths / sizeof *oracle_paths)

static inline struct mr_scan *
oracle_scan(void)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; i < ORACLE_PATHS; i++)
		if (mr_scan_path(s, oracle_paths[i], &err) != (int)i)
			abort();
	return s;
}

/* A path looked up in jansson's tree; its steps are read apart from path.c. */
static inline json_t *
oracle_lookup(json_t *j, const char *path)
{
	char key[32];
	size_t n;
	long i;
	char *end;

	while (j && *path) {
		if (*path == '[') {
			i = strtol(path + 1, &end, 10);
			if (i < 0)
				i += (long)json_array_size(j);
			j = i < 0 ? NULL : json_array_get(j, (size_t)i);
			path = end + 1;
			continue;
		}
		n = strcspn(++path, ".[");
		memcpy(key, path, n);
		key[n] = '\0';
		path += n;
		if (n)
			j = json_object_get(j, key);
	}
	return j;
}

static inline enum mr_type
oracle_type(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_NULL: return MR_NULL;
	case JSON_FALSE: return MR_FALSE;
	case JSON_TRUE: return MR_TRUE;
	case JSON_STRING: return MR_STRING;
	case JSON_ARRAY: return MR_ARRAY;
	case JSON_OBJECT: return MR_OBJECT;
	default: return MR_NUMBER;
	}
}

static inline const char *
oracle_string(const struct mr_val *v, const json_t *j)
{
	struct mr_buf room = MR_BUF_INIT, again = MR_BUF_INIT;
	const char *want = json_string_value(j), *bytes, *why = NULL;
	size_t len, want_len = json_string_length(j);
	struct mr_val back;

	bytes = mr_str_bytes(v, &room, &len);
	if (len != want_len || memcmp(bytes, want, len) != 0)
		why = "string";
	else if (!mr_str_is(v, want, want_len) || mr_str_is(v, want, want_len + 1) ||
	    (want_len && mr_str_is(v, want, want_len - 1)))
		why = "mr_str_is";
	else if (v->escaped != (memchr(v->at, '\\', v->len) != NULL))
		why = "escaped";
	mr_str_write(&again, want, want_len);
	back = (struct mr_val){again.at, again.len, MR_STRING, true};
	room.len = 0;
	mr_str_decode(&back, &room);
	if (room.len != want_len || memcmp(room.at ? room.at : "", want, want_len) != 0)
		why = "written and read back";
	mr_buf_release(&room);
	mr_buf_release(&again);
	return why;
}

static inline const char *
oracle_number(const struct mr_val *v, const json_t *j)
{
	int64_t n;
	double x = mr_num_double(v->at, v->len);
	struct mr_dec dec;
	struct mr_buf b = MR_BUF_INIT;
	bool is_int = mr_num_int64(v->at, v->len, &n);
	const char *why = NULL;

	if (json_is_integer(j) ? !is_int || n != json_integer_value(j) : x != json_real_value(j))
		why = "number";
	if (mr_num_cmp(v->at, v->len, v->at, v->len) != 0)
		why = "a number is not itself";
	if (mr_num_dec(v->at, v->len, &dec)) {
		mr_num_write_dec(&b, &dec);
		if (mr_num_cmp(v->at, v->len, b.at, b.len) != 0)
			why = "decimal";
		b.len = 0;
	}
	mr_num_write_double(&b, x);
	if (mr_num_double(b.at, b.len) != x)
		why = "double written and read back";
	mr_buf_release(&b);
	return why;
}

static inline const char *oracle_value(const struct mr_val *v, json_t *j);

static inline const char *
oracle_members(const struct mr_val *v, json_t *j)
{
	struct mr_members m;
	struct mr_val key, val;
	struct mr_buf name = MR_BUF_INIT;
	const char *why = NULL;
	json_t *seen = json_object();
	size_t count = 0;

	mr_members_init(&m, v);
	while (!why && mr_members_next(&m, &key, &val)) {
		if (v->type == MR_ARRAY) {
			why = key.type != MR_MISSING ? "key in array" :
			    oracle_value(&val, json_array_get(j, count++));
			continue;
		}
		name.len = 0;
		mr_str_decode(&key, &name);
		json_object_set_new(seen, mr_buf_str(&name), json_integer(0));
		if (!json_object_get(j, name.at))
			why = "unknown member";
		else if (oracle_type(json_object_get(j, name.at)) == val.type)
			(void)oracle_value(&val, json_object_get(j, name.at));	/* maybe not the last */
	}
	if (!why && v->type == MR_ARRAY && count != json_array_size(j))
		why = "count of elements";
	if (!why && v->type == MR_OBJECT && json_object_size(seen) != json_object_size(j))
		why = "count of members";
	json_decref(seen);
	mr_buf_release(&name);
	return why;
}

static inline const char *
oracle_value(const struct mr_val *v, json_t *j)
{
	json_t *mine;
	const char *why = NULL;

	if (!j || !v->at)
		return j || v->at ? "missing" : NULL;
	if (oracle_type(j) != v->type)
		return "type";
	mine = json_loadb(v->at, v->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!mine || !json_equal(mine, j))
		why = "value";
	json_decref(mine);
	if (why)
		return why;
	switch (v->type) {
	case MR_STRING: return oracle_string(v, j);
	case MR_NUMBER: return oracle_number(v, j);
	case MR_ARRAY:
	case MR_OBJECT: return oracle_members(v, j);
	default: return NULL;
	}
}

/* Whatever the bytes were: every function keeps within them. */
static inline void
oracle_touch(const struct mr_val *v, int depth)
{
	struct mr_buf room = MR_BUF_INIT;
	struct mr_members m;
	struct mr_val key, val;
	struct mr_dec dec;
	int64_t n;

	if (v->type == MR_STRING) {
		mr_str_decode(v, &room);
		(void)mr_str_is(v, "abc", 3);
	} else if (v->type == MR_NUMBER) {
		(void)mr_num_dec(v->at, v->len, &dec);
		(void)mr_num_int64(v->at, v->len, &n);
		(void)mr_num_double(v->at, v->len);
		(void)mr_num_cmp(v->at, v->len, "1e99999999999999999999", 22);
	} else if (v->type >= MR_ARRAY) {
		mr_members_init(&m, v);
		while (mr_members_next(&m, &key, &val) && depth < 8) {
			if (key.type == MR_STRING)
				oracle_touch(&key, depth + 1);
			oracle_touch(&val, depth + 1);
		}
	}
	mr_buf_release(&room);
}

/* Where lib/json and jansson disagree about a text, in words; NULL: nowhere. */
static inline const char *
oracle(const struct mr_scan *scan, const char *at, size_t len)
{
	struct mr_val vals[ORACLE_PATHS], trusted[ORACLE_PATHS];
	struct mr_err err = MR_ERR_INIT;
	json_error_t jerr;
	json_t *j = json_loadb(at, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &jerr);
	enum json_error_code code = j ? json_error_unknown : json_error_code(&jerr);
	int mine = mr_scan_line(scan, at, len, 0, vals, &err);
	int again = mr_scan_line(scan, at, len, MR_SCAN_TRUSTED, trusted, &err);
	const char *why = NULL;

	if (again == 0)
		for (size_t i = 0; i < ORACLE_PATHS; i++) {
			if (trusted[i].at && (trusted[i].at < at || trusted[i].len > len ||
			    trusted[i].at + trusted[i].len > at + len))
				why = "outside of the line";
			else if (trusted[i].at)
				oracle_touch(&trusted[i], 0);
		}
	if (!j && (code == json_error_null_byte_in_key || code == json_error_numeric_overflow ||
	    code == json_error_stack_overflow))
		return why;
	if (mine == 0 && again != 0)
		why = "trusted refuses";
	for (size_t i = 0; mine == 0 && i < ORACLE_PATHS; i++)
		if (vals[i].at != trusted[i].at || vals[i].len != trusted[i].len ||
		    vals[i].type != trusted[i].type || vals[i].escaped != trusted[i].escaped)
			why = "trusted differs";
	if (mine < 0 && (err.status != MR_EX_DATA || strncmp(err.text, "cannot parse record: ", 21) != 0))
		why = "error text";
	if (j && mine < 0 && !strstr(err.text, "nested deeper") && !memchr(at, '\0', len))
		why = "refused, jansson accepts";
	if (!j && mine == 0)
		why = "accepted, jansson refuses";
	for (size_t i = 0; !why && j && mine == 0 && i < ORACLE_PATHS; i++)
		why = oracle_value(&vals[i], oracle_lookup(j, oracle_paths[i]));
	json_decref(j);
	return why;
}

#endif
