/*
 * batch - lines kept in one run of bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pg/batch.h"

struct mr_pg_kept {
	size_t at, len, file;
	uint64_t no;
	size_t end;
};

void
mr_pg_batch_release(struct mr_pg_batch *b)
{
	mr_pg_batch_clear(b);
	mr_buf_release(&b->bytes);
	free(b->rows);
	free(b->files);
	b->rows = NULL;
	b->files = NULL;
	b->cap = 0;
}

/* The caller's name need not live as long as the batch. */
static size_t
file_of(struct mr_pg_batch *b, const char *name)
{
	for (size_t i = b->nfiles; i > 0; i--)
		if (strcmp(b->files[i - 1], name) == 0)
			return i - 1;
	b->files = mr_xrealloc(b->files, (b->nfiles + 1) * sizeof *b->files);
	b->files[b->nfiles] = mr_xstrdup(name);
	return b->nfiles++;
}

void
mr_pg_batch_add(struct mr_pg_batch *b, const struct mr_line *line)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 256;
		b->rows = mr_xrealloc(b->rows, b->cap * sizeof *b->rows);
	}
	b->rows[b->n++] = (struct mr_pg_kept){.at = b->bytes.len,
	    .len = line->len,
	    .file = file_of(b, line->file),
	    .no = line->no,
	    .end = line->end};
	mr_buf_add(&b->bytes, line->at, line->len);
}

void
mr_pg_batch_clear(struct mr_pg_batch *b)
{
	for (size_t i = 0; i < b->nfiles; i++)
		free(b->files[i]);
	b->nfiles = b->n = b->bytes.len = 0;
}

struct mr_line
mr_pg_batch_line(const struct mr_pg_batch *b, size_t i)
{
	const struct mr_pg_kept *k = &b->rows[i];

	return (struct mr_line){.at = b->bytes.at + k->at,
	    .len = k->len,
	    .end = k->end,
	    .file = b->files[k->file],
	    .no = k->no};
}
