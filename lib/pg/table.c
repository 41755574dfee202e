/*
 * table - names and columns, on paper and in the database.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pg/table.h"

static bool
bare(unsigned char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80 ||
	    (!first && ((c >= '0' && c <= '9') || c == '$'));
}

/* One part of a name; *text moves behind it.  NULL: not a name. */
static char *
name_part(const char **text)
{
	const char *at = *text;
	struct mr_buf b = MR_BUF_INIT;
	char *name = NULL;

	if (*at == '"') {
		for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
			at += *at == '"';
			mr_buf_addc(&b, *at);
		}
		if (*at++ != '"')
			b.len = 0;
	} else {
		for (; bare((unsigned char)*at, at == *text); at++)
			mr_buf_addc(&b, *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at);
	}
	if (b.len > 0 && b.len <= MR_PG_NAME_MAX)
		name = mr_xmemdup0(b.at, b.len);
	mr_buf_release(&b);
	*text = at;
	return name;
}

int
mr_pg_table_name(struct mr_pg_table *t, const char *text, struct mr_err *err)
{
	const char *at = text;

	t->name = name_part(&at);
	if (t->name && *at == '.') {
		at++;
		t->schema = t->name;
		t->name = name_part(&at);
	}
	if (t->name && *at == '\0' && mr_utf8_ok(text, strlen(text)))
		return 0;
	return mr_err_set(err, MR_EX_USAGE,
	    "'%.200s' is no table name: TABLE or SCHEMA.TABLE, each of 1 to "
	    "%d bytes, in double quotes if it has other characters than letters, digits and _",
	    text, MR_PG_NAME_MAX);
}

int
mr_pg_table_key(struct mr_pg_table *t, const char *text, struct mr_err *err)
{
	struct mr_pg_key *k = &t->key;
	const char *end;

	for (const char *at = text;; at = end + 1) {
		end = at + strcspn(at, ",");
		if (end == at || end - at > MR_PG_NAME_MAX)
			return mr_err_set(err, MR_EX_USAGE,
			    "--key '%.200s': column names between commas are needed", text);
		k->names = mr_xrealloc(k->names, (k->n + 1) * sizeof *k->names);
		k->names[k->n++] = mr_xmemdup0(at, (size_t)(end - at));
		if (*end == '\0')
			return 0;
	}
}

static void
drop_key(struct mr_pg_table *t)
{
	for (size_t i = 0; i < t->key.n; i++)
		free(t->key.names[i]);
	free(t->key.names);
	t->key.names = NULL;
	t->key.n = 0;
}

static void
drop_columns(struct mr_pg_table *t)
{
	for (size_t i = 0; i < t->ncols; i++) {
		free(t->cols[i].name);
		free(t->cols[i].quoted);
	}
	t->ncols = 0;
}

void
mr_pg_table_release(struct mr_pg_table *t)
{
	drop_columns(t);
	free(t->cols);
	free(t->by_name);
	drop_key(t);
	free(t->schema);
	free(t->name);
	mr_buf_release(&t->quoted);
}

static int
compare(const char *a, size_t alen, const char *b, size_t blen)
{
	return alen != blen ? (alen < blen ? -1 : 1) : memcmp(a, b, alen);
}

/* The place in by_name where a name is or would be. */
static size_t
place_of(const struct mr_pg_table *t, const char *name, size_t len, bool *found)
{
	size_t lo = 0, hi = t->ncols;

	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct mr_pg_col *c = &t->cols[t->by_name[mid]];
		int r = compare(c->name, c->len, name, len);

		if (r == 0)
			*found = true;
		if (r < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

long
mr_pg_table_find(const struct mr_pg_table *t, const char *name, size_t len)
{
	bool found;
	size_t at = place_of(t, name, len, &found);

	return found ? (long)t->by_name[at] : -1;
}

static struct mr_pg_col *
append(struct mr_pg_table *t, struct mr_pg *p, const char *name, size_t len, struct mr_err *err)
{
	struct mr_buf quoted = MR_BUF_INIT;
	bool found;
	size_t at;

	if (mr_pg_quote(p, name, len, &quoted, err) < 0) {
		mr_buf_release(&quoted);
		return NULL;
	}
	if (t->ncols == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->cols = mr_xrealloc(t->cols, t->cap * sizeof *t->cols);
		t->by_name = mr_xrealloc(t->by_name, t->cap * sizeof *t->by_name);
	}
	at = place_of(t, name, len, &found);
	memmove(t->by_name + at + 1, t->by_name + at, (t->ncols - at) * sizeof *t->by_name);
	t->by_name[at] = t->ncols;
	t->cols[t->ncols] = (struct mr_pg_col){.name = mr_xmemdup0(name, len),
	    .len = len,
	    .quoted = mr_xmemdup0(quoted.at, quoted.len),
	    .nullable = true};
	mr_buf_release(&quoted);
	return &t->cols[t->ncols++];
}

long
mr_pg_table_add(struct mr_pg_table *t, struct mr_pg *p, const char *name, size_t len,
    struct mr_err *err)
{
	struct mr_pg_col *c;

	if (len == 0 || len > MR_PG_NAME_MAX || memchr(name, '\0', len))
		return mr_err_set(err, MR_EX_DATA,
		    "field '%.*s' cannot be a column: a name has 1 to %d bytes"
		    " and no \\u0000",
		    (int)(len < 80 ? len : 80), name, MR_PG_NAME_MAX);
	if (t->ncols == MR_PG_COLUMNS_MAX)
		return mr_err_set(err, MR_EX_DATA,
		    "field '%.*s' cannot be a column: a table has at most %d", (int)len, name,
		    MR_PG_COLUMNS_MAX);
	if (!(c = append(t, p, name, len, err))) {
		err->status = MR_EX_DATA;
		return -1;
	}
	for (size_t i = 0; i < t->key.n; i++)
		c->key |= strlen(t->key.names[i]) == len && memcmp(t->key.names[i], name, len) == 0;
	t->dirty = true;
	return (long)t->ncols - 1;
}

void
mr_pg_table_see(struct mr_pg_table *t, size_t i, const struct mr_val *v)
{
	struct mr_pg_col *c = &t->cols[i];
	enum mr_pg_type want;

	if (c->want == MR_PG_FOREIGN)
		return;
	want = mr_pg_type_join(c->want, mr_pg_type_of(v),
	    c->have == MR_PG_NONE && c->now == MR_PG_NONE);
	if (want == c->want)
		return;
	c->want = want;
	c->write = want == MR_PG_JSONB ? MR_PG_AS_JSON : MR_PG_AS_TEXT;
	t->dirty = true;
}

/* Columns of the database, in their order. */
static enum mr_pg_rc
load_columns(struct mr_pg_table *t, struct mr_pg *p, const char *oid, struct mr_err *err)
{
	static const char sql[] =
	    "SELECT a.attname, a.attnotnull, a.atthasdef OR a.attidentity <> '',"
	    " a.attgenerated <> '', a.attidentity = 'a',"
	    " CASE WHEN b.typbasetype <> 0 THEN b.typbasetype ELSE b.oid END"
	    " FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid"
	    " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
	PGresult *res;
	enum mr_pg_rc rc = mr_pg_query(p, sql, 1, &oid, &res, err);

	if (rc != MR_PG_OK)
		return rc;
	for (int i = 0; i < PQntuples(res) && rc == MR_PG_OK; i++) {
		const char *name = PQgetvalue(res, i, 0);
		struct mr_pg_col *c = append(t, p, name, strlen(name), err);
		long type = atol(PQgetvalue(res, i, 5));

		if (!c) {
			rc = MR_PG_STOP;
			break;
		}
		c->have = c->now = c->want = MR_PG_FOREIGN;
		c->nullable = *PQgetvalue(res, i, 1) == 'f';
		c->has_default = *PQgetvalue(res, i, 2) == 't';
		c->generated = *PQgetvalue(res, i, 3) == 't';
		c->identity = *PQgetvalue(res, i, 4) == 't';
		if (type == 114 || type == 3802)
			c->write = MR_PG_AS_JSON;
		else if (type == 20 || type == 21 || type == 23)
			c->write = MR_PG_AS_INT;
		else if (type == 1184 || type == 1114)
			c->write = MR_PG_AS_TIME;
	}
	PQclear(res);
	return rc;
}

enum mr_pg_rc
mr_pg_table_load(struct mr_pg_table *t, struct mr_pg *p, struct mr_err *err)
{
	static const char sql[] =
	    "SELECT c.oid, c.relkind IN ('r', 'p', 'f', 'v'), has_table_privilege(c.oid, 'INSERT')"
	    " FROM pg_class c WHERE c.oid = to_regclass($1)";
	const char *name;
	PGresult *res;
	enum mr_pg_rc rc;

	drop_columns(t); /* of an attempt before */
	t->stale = false;
	t->quoted.len = 0;
	if (t->schema && mr_pg_quote(p, t->schema, strlen(t->schema), &t->quoted, err) == 0)
		mr_buf_addc(&t->quoted, '.');
	if (mr_pg_quote(p, t->name, strlen(t->name), &t->quoted, err) < 0)
		return MR_PG_STOP;
	name = mr_buf_str(&t->quoted);
	if ((rc = mr_pg_query(p, sql, 1, &name, &res, err)) != MR_PG_OK)
		return rc;
	t->have = t->now = PQntuples(res) == 1;
	if (t->have && *PQgetvalue(res, 0, 1) != 't') {
		mr_err_set(err, MR_EX_USAGE, "%s is not a table", name);
		rc = MR_PG_STOP;
	} else if (t->have && *PQgetvalue(res, 0, 2) != 't') {
		mr_err_set(err, MR_EX_USAGE,
		    "no privilege to insert into %s: GRANT INSERT ON %s TO %s", name, name,
		    PQuser(p->conn));
		rc = MR_PG_STOP;
	} else if (t->have) {
		rc = load_columns(t, p, PQgetvalue(res, 0, 0), err);
	}
	PQclear(res);
	return rc;
}

/* Take the primary key, if there is one. */
static enum mr_pg_rc
primary_key(struct mr_pg_table *t, struct mr_pg *p, struct mr_err *err)
{
	static const char sql[] =
	    "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
	    " AND a.attnum = ANY(i.indkey[0:i.indnkeyatts - 1])"
	    " WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY a.attnum";
	const char *name = mr_buf_str(&t->quoted);
	PGresult *res;
	enum mr_pg_rc rc = mr_pg_query(p, sql, 1, &name, &res, err);

	if (rc != MR_PG_OK)
		return rc;
	for (int i = 0; i < PQntuples(res); i++) {
		t->key.names = mr_xrealloc(t->key.names, (t->key.n + 1) * sizeof *t->key.names);
		t->key.names[t->key.n++] = mr_xstrdup(PQgetvalue(res, i, 0));
	}
	PQclear(res);
	return MR_PG_OK;
}

/* Column names of the key as an SQL list, in *list. */
static void
key_list(const struct mr_pg_table *t, struct mr_buf *list)
{
	for (size_t i = 0; i < t->key.n; i++) {
		long c = mr_pg_table_find(t, t->key.names[i], strlen(t->key.names[i]));

		mr_buf_adds(list, i ? ", " : "");
		mr_buf_adds(list, t->cols[c].quoted);
	}
}

/* ON CONFLICT needs a unique index of exactly these columns, whole and not deferrable. */
static enum mr_pg_rc
unique_index(struct mr_pg_table *t, struct mr_pg *p, struct mr_err *err)
{
	static const char sql[] =
	    "SELECT 1 FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique"
	    " AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL"
	    " AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM pg_attribute a"
	    "  WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey[0:i.indnkeyatts - 1]))"
	    " = (SELECT array_agg(k ORDER BY k COLLATE \"C\") FROM unnest($2::text[]) k)";
	struct mr_buf array = MR_BUF_INIT, list = MR_BUF_INIT;
	const char *args[2] = {mr_buf_str(&t->quoted), NULL};
	PGresult *res;
	enum mr_pg_rc rc;

	mr_buf_addc(&array, '{');
	for (size_t i = 0; i < t->key.n; i++) {
		mr_buf_adds(&array, i ? ",\"" : "\"");
		for (const char *c = t->key.names[i]; *c; c++) {
			if (*c == '"' || *c == '\\')
				mr_buf_addc(&array, '\\');
			mr_buf_addc(&array, *c);
		}
		mr_buf_addc(&array, '"');
	}
	mr_buf_addc(&array, '}');
	args[1] = mr_buf_str(&array);
	if ((rc = mr_pg_query(p, sql, 2, args, &res, err)) == MR_PG_OK) {
		if (PQntuples(res) == 0) {
			key_list(t, &list);
			mr_err_set(err, MR_EX_USAGE,
			    "table %s has no unique index on its key: "
			    "CREATE UNIQUE INDEX ON %s (%s)",
			    args[0], args[0], mr_buf_str(&list));
			rc = MR_PG_STOP;
		}
		PQclear(res);
	}
	mr_buf_release(&array);
	mr_buf_release(&list);
	return rc;
}

enum mr_pg_rc
mr_pg_table_check_key(struct mr_pg_table *t, struct mr_pg *p, bool needed, struct mr_err *err)
{
	enum mr_pg_rc rc;

	if (t->key.n == 0 && needed && (rc = primary_key(t, p, err)) != MR_PG_OK)
		return rc;
	if (t->key.n == 0) {
		mr_err_set(err, MR_EX_USAGE,
		    "table %s has no primary key: --mode upsert needs --key",
		    mr_buf_str(&t->quoted));
		return needed ? MR_PG_STOP : MR_PG_OK;
	}
	for (size_t i = 0; i < t->key.n; i++) {
		long c = mr_pg_table_find(t, t->key.names[i], strlen(t->key.names[i]));

		if (c < 0) {
			mr_err_set(err, MR_EX_USAGE, "--key: table %s has no column '%s'",
			    mr_buf_str(&t->quoted), t->key.names[i]);
			return MR_PG_STOP;
		}
		t->cols[c].key = true;
	}
	return unique_index(t, p, err);
}

int
mr_pg_table_ready(const struct mr_pg_table *t, struct mr_err *err)
{
	for (size_t i = 0; i < t->key.n && t->ncols; i++)
		if (mr_pg_table_find(t, t->key.names[i], strlen(t->key.names[i])) < 0)
			return mr_err_set(err, MR_EX_USAGE, "--key: no record has a field '%s'",
			    t->key.names[i]);
	return 0;
}

static const char *
target_type(const struct mr_pg_col *c)
{
	return mr_pg_type_name(c->want);
}

static void
create(struct mr_pg_table *t, struct mr_buf *sql)
{
	mr_buf_printf(sql, "CREATE TABLE %s (", mr_buf_str(&t->quoted));
	for (size_t i = 0; i < t->ncols; i++)
		mr_buf_printf(sql, "%s%s %s", i ? ", " : "", t->cols[i].quoted,
		    target_type(&t->cols[i]));
	if (t->key.n) {
		mr_buf_adds(sql, t->ncols ? ", PRIMARY KEY (" : "PRIMARY KEY (");
		key_list(t, sql);
		mr_buf_addc(sql, ')');
	}
	mr_buf_adds(sql, ");");
}

/* A column's rows are rewritten; a time becomes the text it came as, but for its offset. */
static void
alter(struct mr_pg_table *t, const struct mr_pg_col *c, struct mr_buf *sql)
{
	const char *name = mr_buf_str(&t->quoted), *type = target_type(c);

	if (c->now == MR_PG_TIMESTAMPTZ)
		mr_buf_printf(sql,
		    "ALTER TABLE %s ALTER COLUMN %s TYPE text USING "
		    "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"');",
		    name, c->quoted, c->quoted);
	else
		mr_buf_printf(sql, "ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::%s;", name,
		    c->quoted, type, c->quoted, type);
}

void
mr_pg_table_ddl(struct mr_pg_table *t, struct mr_buf *sql)
{
	if (!t->now) {
		create(t, sql);
		return;
	}
	for (size_t i = 0; i < t->ncols; i++) {
		const struct mr_pg_col *c = &t->cols[i];

		if (c->now == MR_PG_NONE)
			mr_buf_printf(sql, "ALTER TABLE %s ADD COLUMN %s %s;",
			    mr_buf_str(&t->quoted), c->quoted, target_type(c));
		else if (c->now != c->want)
			alter(t, c, sql);
	}
}

void
mr_pg_table_made(struct mr_pg_table *t)
{
	for (size_t i = 0; i < t->ncols; i++) {
		struct mr_pg_col *c = &t->cols[i];

		if (c->want == MR_PG_NONE) /* all null so far: made as text */
			c->want = MR_PG_TEXT;
		c->now = c->want;
	}
	t->now = true;
	t->dirty = false;
}

void
mr_pg_table_commit(struct mr_pg_table *t)
{
	for (size_t i = 0; i < t->ncols; i++)
		t->cols[i].have = t->cols[i].now;
	t->have = t->now;
}

void
mr_pg_table_rollback(struct mr_pg_table *t)
{
	for (size_t i = 0; i < t->ncols; i++) {
		t->dirty |= t->cols[i].now != t->cols[i].have;
		t->cols[i].now = t->cols[i].have;
	}
	t->dirty |= t->now != t->have;
	t->now = t->have;
}
