/*
 * core - builtins on values of any type: order, paths, conversions.
 *
 * Most are value.h under jq's names; the loops over elements that jq
 * defines in its own language are here as one pass in C.
 */
#include "jq/fn/own.h"

static int
give(struct mr_value *args, struct mr_value v, struct mr_value *out)
{
	mr_value_free(args[0]);
	*out = v;
	return 0;
}

static int
fn_length(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_length(args[0], out);
}

static int
fn_keys(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_keys(args[0], true, out);
}

static int
fn_keys_unsorted(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_keys(args[0], false, out);
}

static int
fn_has(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_has(args[0], args[1], out);
}

static int
fn_contains(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_contains(args[0], args[1], out);
}

static int
fn_getpath(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_getpath(args[0], args[1], out);
}

static int
fn_setpath(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_setpath(args[0], args[1], args[2], out);
}

static int
fn_delpaths(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_delpaths(args[0], args[1], out);
}

static int
fn_type(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return give(args, mr_value_word(mr_value_kind(&args[0])), out);
}

static int
fn_not(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return give(args, mr_value_bool(!mr_value_true(&args[0])), out);
}

static int
fn_sort(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_sort(args[0], out);
}

static int
fn_sort_by(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_sort_by(args[0], args[1], out);
}

static int
fn_group_by(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_group_by(args[0], args[1], out);
}

static int
fn_unique_by(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_unique_by(args[0], args[1], out);
}

static int
fn_unique(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	if (args[0].type != MR_ARRAY)
		return mr_value_fail1(out, args[0], "cannot be sorted, as it is not an array");
	return mr_value_unique_by(args[0], mr_value_copy(&args[0]), out);
}

static int
fn_min_by(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_min_by(args[0], args[1], false, out);
}

static int
fn_max_by(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_min_by(args[0], args[1], true, out);
}

static int
fn_min(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_min_by(args[0], mr_value_copy(&args[0]), false, out);
}

static int
fn_max(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_min_by(args[0], mr_value_copy(&args[0]), true, out);
}

static int
fn_bsearch(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	size_t low = 0, high;
	bool found = false;

	(void)run;
	if (args[0].type != MR_ARRAY) {
		mr_value_free(args[1]);
		return mr_value_fail1(out, args[0], "cannot be searched from");
	}
	high = mr_value_count(&args[0]);
	while (low < high && !found) {
		size_t mid = low + (high - low) / 2;
		struct mr_value v = mr_value_elem(&args[0], mid);
		int c = mr_value_cmp(&args[1], &v);

		mr_value_free(v);
		if (c == MR_VALUE_DEEP) {
			mr_args_free(args, 1);
			return mr_value_fail(out, "Comparison too deep");
		}
		if (c == 0) {
			found = true;
			low = mid;
		} else if (c < 0) {
			high = mid;
		} else {
			low = mid + 1;
		}
	}
	mr_args_free(args, 1);
	*out = mr_value_number(found ? (double)low : -1 - (double)low);
	return 0;
}

static bool
holds_array(struct mr_value *of)
{
	struct mr_value_iter it;
	struct mr_value v;
	bool yes = false;

	mr_value_iter_init(&it, of);
	while (!yes && mr_value_iter_next(&it, NULL, &v)) {
		yes = v.type == MR_ARRAY;
		mr_value_free(v);
	}
	return yes;
}

static int
fn_flatten(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value zero = mr_value_number(0);
	double depth;

	(void)run;
	if (mr_value_cmp(&args[1], &zero) < 0) {
		mr_args_free(args, 1);
		return mr_value_fail(out, "flatten depth must not be negative");
	}
	if (args[1].type != MR_NUMBER && holds_array(&args[0])) {
		mr_value_free(args[0]); /* jq counts the depth down when it meets one */
		return mr_value_binop('-', args[1], mr_value_number(1), out);
	}
	/* what is no whole number never counts down to 0 */
	depth = args[1].type == MR_NUMBER ? mr_value_double(&args[1]) : 0;
	if (!(depth < 1e9) || depth != (double)(int)depth)
		depth = 1e9;
	mr_value_free(args[1]);
	return mr_value_flatten(args[0], mr_value_number(depth), out);
}

static int
fn_flatten_all(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return mr_value_flatten(args[0], mr_value_number(1e9), out);
}

static int
fn_add(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value sum = MR_VALUE_NULL, v;
	struct mr_value_iter it;
	int rc = 0;

	(void)run;
	if (!mr_iterable(&args[0]))
		return mr_fail_iterate(args[0], out);
	mr_value_iter_init(&it, &args[0]);
	while (rc == 0 && mr_value_iter_next(&it, NULL, &v)) {
		rc = mr_value_binop('+', sum, v, out);
		sum = *out;
	}
	mr_value_free(args[0]);
	*out = sum;
	return rc;
}

/* any and all without arguments: is there an element whose truth is `want`? */
static int
exists(struct mr_value of, bool want, bool *found, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value v;

	*found = false;
	if (!mr_iterable(&of))
		return mr_fail_iterate(of, out);
	mr_value_iter_init(&it, &of);
	while (!*found && mr_value_iter_next(&it, NULL, &v)) {
		*found = mr_value_true(&v) == want;
		mr_value_free(v);
	}
	mr_value_free(of);
	return 0;
}

static int
fn_any(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool found;

	(void)run;
	if (exists(args[0], true, &found, out) < 0)
		return -1;
	*out = mr_value_bool(found);
	return 0;
}

static int
fn_all(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool found;

	(void)run;
	if (exists(args[0], false, &found, out) < 0)
		return -1;
	*out = mr_value_bool(!found);
	return 0;
}

static int
fn_reverse(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value length, v;
	double last;

	(void)run;
	if (args[0].type == MR_ARRAY) {
		size_t n = mr_value_count(&args[0]);

		*out = mr_value_array(n);
		for (mr_value_iter_init(&it, &args[0]); mr_value_iter_next(&it, NULL, &v);)
			*out = mr_value_set_elem(*out, --n,
			    v); /* the last one first: it makes the room */
		mr_value_free(args[0]);
		return 0;
	}
	/* jq indexes what has a length from behind: only what is empty survives that */
	if (mr_value_length(mr_value_copy(&args[0]), &length) < 0) {
		mr_value_free(args[0]);
		*out = length;
		return -1;
	}
	last = mr_value_double(&length) - 1;
	mr_value_free(length);
	if (last > -1)
		return mr_value_index(args[0], mr_value_number(last), out);
	return give(args, mr_value_array(0), out);
}

static int
fn_to_entries(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value keys, key, v, pair;

	(void)run;
	if (args[0].type != MR_OBJECT) {
		if (mr_value_keys(mr_value_copy(&args[0]), false, &keys) < 0) {
			mr_value_free(args[0]);
			*out = keys;
			return -1;
		}
		mr_value_free(keys);
	}
	*out = mr_value_array(mr_value_count(&args[0]));
	mr_value_iter_init(&it, &args[0]);
	for (size_t i = 0; mr_value_iter_next(&it, &key, &v); i++) {
		if (key.type == MR_MISSING)
			key = mr_value_number((double)i);
		pair = mr_value_object(2);
		pair = mr_value_set_member(pair, mr_value_word("key"), key);
		pair = mr_value_set_member(pair, mr_value_word("value"), v);
		*out = mr_value_push(*out, pair);
	}
	mr_value_free(args[0]);
	return 0;
}

/* The first of some members that is neither null nor false, else the last of them. */
static int
first_true(const struct mr_value *of, const char *const names[], struct mr_value *out)
{
	*out = MR_VALUE_NULL;
	for (; *names; names++) {
		mr_value_free(*out);
		if (mr_value_index(mr_value_copy(of), mr_value_word(*names), out) < 0)
			return -1;
		if (mr_value_true(out))
			break;
	}
	return 0;
}

static int
entry(const struct mr_value *of, struct mr_value *key, struct mr_value *val)
{
	static const char *const names[] = {"key", "Key", "name", "Name", NULL};
	struct mr_value has;
	bool lower;

	if (first_true(of, names, key) < 0)
		return -1;
	if (mr_value_has(mr_value_copy(of), mr_value_word("value"), &has) < 0) {
		mr_value_free(*key);
		*key = has;
		return -1;
	}
	lower = mr_value_true(&has);
	if (mr_value_index(mr_value_copy(of), mr_value_word(lower ? "value" : "Value"), val) < 0) {
		mr_value_free(*key);
		*key = *val;
		return -1;
	}
	if (key->type != MR_STRING) {
		char room[32];
		struct mr_value bad = *key;

		mr_value_free(*val);
		*key = mr_value_format("Cannot use %s (%s) as object key", mr_value_kind(&bad),
		    mr_value_show(&bad, room));
		mr_value_free(bad);
		return -1;
	}
	return 0;
}

static int
fn_from_entries(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value object, v, key, val;
	struct mr_value_iter it;
	int rc = 0;

	(void)run;
	if (!mr_iterable(&args[0]))
		return mr_fail_iterate(args[0], out);
	object = mr_value_object(mr_value_count(&args[0]));
	mr_value_iter_init(&it, &args[0]);
	while (rc == 0 && mr_value_iter_next(&it, NULL, &v)) {
		if ((rc = entry(&v, &key, &val)) == 0)
			object = mr_value_set_member(object, key, val);
		mr_value_free(v);
	}
	mr_value_free(args[0]);
	if (rc < 0) {
		mr_value_free(object);
		object = key;
	}
	*out = object;
	return rc;
}

static int
fn_tojson(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	run->room.len = 0;
	mr_value_write(&args[0], false, &run->room);
	*out = mr_value_string(run->room.at, run->room.len);
	run->room.len = 0;
	mr_value_free(args[0]);
	return 0;
}

static int
fn_tostring(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	*out = mr_value_tostring(args[0], &run->room);
	return 0;
}

static int
fn_fromjson(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	const char *at;
	size_t len;
	int rc;

	if (args[0].type != MR_STRING)
		return mr_value_fail1(out, args[0], "only strings can be parsed");
	at = mr_value_bytes(&args[0], &run->room, &len);
	rc = mr_value_parse(at, len, out);
	run->room.len = 0;
	mr_value_free(args[0]);
	return rc;
}

static int
fn_toarray(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	*out = args[0].type == MR_ARRAY ? args[0] : mr_value_push(mr_value_array(1), args[0]);
	return 0;
}

static int
fn_builtins(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	static const char *const own[] = {"empty/0", "path/1", "range/2"}; /* the compiler's */
	const char *name;
	int arity;

	(void)run;
	mr_value_free(args[0]);
	*out = mr_value_array(256);
	for (size_t i = 0; (name = mr_jq_builtin_name(i, &arity)); i++)
		*out = mr_value_push(*out, mr_value_format("%s/%d", name, arity));
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		*out = mr_value_push(*out, mr_value_word(own[i]));
	return 0;
}

static int
fn_error(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	*out = args[0];
	return -1;
}

static int
fn_error_with(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	mr_value_free(args[0]);
	*out = args[1];
	return -1;
}

static int
fn_yes(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return give(args, mr_value_bool(true), out);
}

const struct mr_jq_fn mr_jq_fn_core[] = {
    {"length", 0, fn_length, 0},
    {"keys", 0, fn_keys, 0},
    {"keys_unsorted", 0, fn_keys_unsorted, 0},
    {"has", 1, fn_has, 0},
    {"contains", 1, fn_contains, 0},
    {"getpath", 1, fn_getpath, 0},
    {"setpath", 2, fn_setpath, 0},
    {"delpaths", 1, fn_delpaths, 0},
    {"type", 0, fn_type, 0},
    {"not", 0, fn_not, 0},
    {"sort", 0, fn_sort, 0},
    {"_sort_by", 1, fn_sort_by, 0},
    {"_group_by", 1, fn_group_by, 0},
    {"unique", 0, fn_unique, 0},
    {"_unique_by", 1, fn_unique_by, 0},
    {"_min_by", 1, fn_min_by, 0},
    {"_max_by", 1, fn_max_by, 0},
    {"min", 0, fn_min, 0},
    {"max", 0, fn_max, 0},
    {"bsearch", 1, fn_bsearch, 0},
    {"flatten", 1, fn_flatten, 0},
    {"flatten", 0, fn_flatten_all, 0},
    {"add", 0, fn_add, 0},
    {"any", 0, fn_any, 0},
    {"all", 0, fn_all, 0},
    {"reverse", 0, fn_reverse, 0},
    {"to_entries", 0, fn_to_entries, 0},
    {"from_entries", 0, fn_from_entries, 0},
    {"tojson", 0, fn_tojson, 0},
    {"tostring", 0, fn_tostring, 0},
    {"fromjson", 0, fn_fromjson, 0},
    {"toarray", 0, fn_toarray, 0},
    {"builtins", 0, fn_builtins, 0},
    {"error", 0, fn_error, 0},
    {"error", 1, fn_error_with, 0},
    {"have_decnum", 0, fn_yes, 0},
    {"have_literal_numbers", 0, fn_yes, 0},
    {NULL, 0, NULL, 0},
};
