/*
 * Column types that --create infers, and what a value needs.
 */
#ifndef MR_PG_TYPE_H
#define MR_PG_TYPE_H

#include <stdbool.h>

#include "json/scan.h"

enum mr_pg_type {
	MR_PG_NONE, /* no value seen, and not in the database */
	MR_PG_BOOLEAN,
	MR_PG_BIGINT,
	MR_PG_NUMERIC,
	MR_PG_TIMESTAMPTZ,
	MR_PG_TEXT,
	MR_PG_JSONB,
	MR_PG_FOREIGN /* of a table that was there: the server decides what fits */
};

const char *mr_pg_type_name(enum mr_pg_type); /* in DDL; NONE is text */

/* The narrowest type for a value; NONE for null and missing. */
enum mr_pg_type mr_pg_type_of(const struct mr_val *);

/*
 * The narrowest type for both.  On paper (the table is not made yet) objects
 * and arrays make anything jsonb; a column that is there keeps jsonb, and
 * else ends as text, which its rows can be rewritten to.
 */
enum mr_pg_type mr_pg_type_join(enum mr_pg_type have, enum mr_pg_type value, bool on_paper);

/* A string that is an RFC 3339 date and time with an offset, in years 0001 to 9999. */
bool mr_pg_is_time(const char *at, size_t len);

#endif
