/*
 * paths - getpath, setpath and delpaths.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"

static int
bad_path(struct mr_value *path, struct mr_value *out)
{
	if (path->type != MR_ARRAY)
		return mr_value_fail(out, "Path must be specified as an array");
	*path = mr_array_cell_of(*path);
	if (mr_value_count(path) > MR_VALUE_DEPTH)
		return mr_value_fail(out, "Path too deep");
	return 0;
}

int
mr_value_getpath(struct mr_value of, struct mr_value path, struct mr_value *out)
{
	struct mr_value *keys;
	size_t n;
	int r = bad_path(&path, out);

	if (r != 0) {
		mr_value_free(of);
		mr_value_free(path);
		return r;
	}
	keys = mr_array_at(&path, &n);
	for (size_t i = 0; i < n && r == 0; i++) {
		r = mr_value_index(of, mr_value_copy(&keys[i]), out);
		of = *out;
	}
	*out = of;
	mr_value_free(path);
	return r;
}

/*
 * Step down to what the path leads to, taking each value out of what holds it,
 * so that it has no other holder and is changed in place.
 * Return: 0 and above[i], what keys[i] is to be put into.
 */
static int
take_out(struct mr_value of, const struct mr_value *keys, size_t n, struct mr_value *above,
    struct mr_value *out)
{
	struct mr_value sub;
	size_t i;

	for (i = 0; i < n; i++) {
		if (mr_value_index(mr_value_copy(&of), mr_value_copy(&keys[i]), &sub) != 0) {
			mr_value_free(of);
			of = sub;
			break;
		}
		if (keys[i].type != MR_OBJECT && /* a slice has no place to empty */
		    mr_value_put(of, mr_value_copy(&keys[i]), MR_VALUE_NULL, &of) != 0) {
			mr_value_free(sub);
			break;
		}
		above[i] = of;
		of = sub;
	}
	if (i == n) {
		mr_value_free(of); /* what the new value replaces */
		return 0;
	}
	*out = of;
	while (i > 0)
		mr_value_free(above[--i]);
	return -1;
}

int
mr_value_setpath(struct mr_value of, struct mr_value path, struct mr_value val,
    struct mr_value *out)
{
	struct mr_value few[8], *above = few, *keys;
	size_t n;
	int r = bad_path(&path, out);

	if (r != 0) {
		mr_value_free(of);
		mr_value_free(path);
		mr_value_free(val);
		return r;
	}
	keys = mr_array_at(&path, &n);
	if (n > sizeof few / sizeof *few)
		above = mr_xmalloc(n * sizeof *above);
	if ((r = take_out(of, keys, n, above, out)) != 0) {
		mr_value_free(val);
	} else {
		while (n > 0 && r == 0) {
			n--;
			r = mr_value_put(above[n], mr_value_copy(&keys[n]), val, &val);
		}
		while (n > 0)
			mr_value_free(above[--n]);
		*out = val;
	}
	if (above != few)
		free(above);
	mr_value_free(path);
	return r;
}

/* Which elements of an array go. */
static int
mark_deleted(const struct mr_value *keys, size_t n, bool *gone, size_t len, struct mr_value *out)
{
	size_t from, to;

	for (size_t i = 0; i < n; i++) {
		if (keys[i].type == MR_NUMBER) {
			double x = trunc(mr_value_double(&keys[i]));

			if (mr_value_double(&keys[i]) < 0)
				x += (double)len;
			if (x >= 0 && x < (double)len)
				gone[(size_t)x] = true;
		} else if (keys[i].type == MR_OBJECT) {
			if (mr_slice_borders(&keys[i], len, &from, &to, out) != 0)
				return -1;
			for (; from < to; from++)
				gone[from] = true;
		} else {
			return mr_value_fail(out, "Cannot delete %s element of array",
			    mr_value_kind(&keys[i]));
		}
	}
	return 0;
}

static int
delete_elements(struct mr_value of, const struct mr_value *keys, size_t n, struct mr_value *out)
{
	struct mr_array_cell *a = mr_array_own(&of, 0);
	bool *gone = mr_xcalloc(a->count, sizeof *gone);
	size_t left = 0;
	int r = mark_deleted(keys, n, gone, a->count, out);

	if (r != 0) {
		mr_value_free(of);
	} else {
		for (size_t i = 0; i < a->count; i++)
			if (gone[i])
				mr_value_free(a->at[i]);
			else
				a->at[left++] = a->at[i];
		a->count = left;
		*out = of;
	}
	free(gone);
	return r;
}

static int
delete_members(struct mr_value of, const struct mr_value *keys, size_t n, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len;

	for (size_t i = 0; i < n; i++) {
		if (keys[i].type != MR_STRING) {
			mr_value_free(of);
			mr_buf_release(&room);
			return mr_value_fail(out, "Cannot delete %s field of object",
			    mr_value_kind(&keys[i]));
		}
		at = mr_value_bytes(&keys[i], &room, &len);
		of = mr_value_drop_member(of, at, len);
	}
	mr_buf_release(&room);
	*out = of;
	return 0;
}

/* Delete what the keys, sorted, lead to in one value. */
static int
delete_keys(struct mr_value of, const struct mr_value *keys, size_t n, struct mr_value *out)
{
	*out = of;
	if (of.type <= MR_NULL || n == 0)
		return 0;
	if (of.type == MR_ARRAY)
		return delete_elements(of, keys, n, out);
	if (of.type == MR_OBJECT)
		return delete_members(of, keys, n, out);
	mr_value_fail(out, "Cannot delete fields from %s", mr_value_kind(&of));
	mr_value_free(of);
	return -1;
}

static int delete_below(struct mr_value of, const struct mr_value *paths, size_t n, size_t start,
    struct mr_value *out);

/* Delete in what `key` leads to. */
static int
delete_inside(struct mr_value *of, const struct mr_value *key, const struct mr_value *paths,
    size_t n, size_t start, struct mr_value *out)
{
	struct mr_value sub;

	if (mr_value_index(mr_value_copy(of), mr_value_copy(key), &sub) != 0) {
		*out = sub;
		return -1;
	}
	if (sub.type <= MR_NULL)
		return 0;
	if (key->type == MR_STRING ||
	    key->type == MR_NUMBER) { /* out, so that it is changed there */
		if (mr_value_put(*of, mr_value_copy(key), MR_VALUE_NULL, of) != 0) {
			mr_value_free(sub);
			*out = *of;
			*of = MR_VALUE_NULL;
			return -1;
		}
	}
	if (delete_below(sub, paths, n, start, &sub) != 0) {
		*out = sub;
		return -1;
	}
	if (mr_value_put(*of, mr_value_copy(key), sub, of) != 0) {
		*out = *of;
		*of = MR_VALUE_NULL;
		return -1;
	}
	return 0;
}

/* paths[0..n-1], sorted arrays that begin alike and are longer than start. */
static int
delete_below(struct mr_value of, const struct mr_value *paths, size_t n, size_t start,
    struct mr_value *out)
{
	struct mr_value *keys = mr_xmalloc(n * sizeof *keys), *path, *other;
	size_t nkeys = 0, len, other_len, j;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i = j) {
		path = mr_array_at(&paths[i], &len);
		for (j = i + 1; j < n; j++) {
			other = mr_array_at(&paths[j], &other_len);
			if (!mr_value_equal(&path[start], &other[start]))
				break;
		}
		if (len == start + 1) /* all of it: what else is said of it does not matter */
			keys[nkeys++] = path[start];
		else
			r = delete_inside(&of, &path[start], &paths[i], j - i, start + 1, out);
	}
	if (r == 0)
		r = delete_keys(of, keys, nkeys, out);
	else
		mr_value_free(of);
	free(keys);
	return r;
}

/* Paths sorted and each of them a cell. */
static int
check_paths(struct mr_value *paths, struct mr_value *out)
{
	struct mr_array_cell *a;

	if (paths->type != MR_ARRAY)
		return mr_value_fail(out, "Paths must be specified as an array");
	if (mr_value_sort(*paths, paths) != 0) {
		*out = *paths;
		*paths = MR_VALUE_NULL;
		return -1;
	}
	a = mr_array_own(paths, 0);
	for (size_t i = 0; i < a->count; i++) {
		if (a->at[i].type != MR_ARRAY)
			return mr_value_fail(out, "Path must be specified as array, not %s",
			    mr_value_kind(&a->at[i]));
		a->at[i] = mr_array_cell_of(a->at[i]);
		if (mr_value_count(&a->at[i]) > MR_VALUE_DEPTH)
			return mr_value_fail(out, "Path too deep");
	}
	return 0;
}

int
mr_value_delpaths(struct mr_value of, struct mr_value paths, struct mr_value *out)
{
	struct mr_value *at;
	size_t n;
	int r = check_paths(&paths, out);

	if (r != 0) {
		mr_value_free(of);
		mr_value_free(paths);
		return r;
	}
	at = mr_array_at(&paths, &n);
	if (n == 0) {
		*out = of;
	} else if (mr_value_count(&at[0]) == 0) { /* everything */
		mr_value_free(of);
		*out = MR_VALUE_NULL;
	} else {
		r = delete_below(of, at, n, 0, out);
	}
	mr_value_free(paths);
	return r;
}
