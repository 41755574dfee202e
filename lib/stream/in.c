/*
 * in - lines of files and standard input.
 *
 * One buffer: data[start..fill) is what was read and not yet delivered.  It
 * moves to the front before a read and grows only for a line that does not
 * fit, up to max_line; behind that the rest of the line is thrown away as it
 * comes, so that memory is bounded by max_line, whatever the input.
 *
 * Of a large file all but the end is mapped: then data is the file, and what
 * a window over it has is as if it was read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "stream/in.h"
#include "stream/map.h"

#define IN_READ ((size_t)256 << 10) /* one read(2) */
#define NOT_COUNTED 4               /* a BOM before a line and a CR behind it */

struct mr_in {
	char *const *files; /* still to open */
	size_t nfiles;
	int fd; /* -1: none open */
	const char *name;
	bool is_stdin;
	bool eof;      /* this file has been read to its end */
	bool sized;    /* it is a regular file, and not one of /proc, which have no size */
	bool skipping; /* in a line that was too long */
	bool part;     /* of another, whose file it is */
	bool maps;     /* large files */
	uint64_t no;
	size_t max_line;
	const char *data;         /* own, or what is mapped */
	size_t start, seen, fill; /* seen: no newline in [start, seen) */
	char *own;
	size_t cap;
	struct mr_map map;
};

static char *const only_stdin[] = {"-"};

struct mr_in *
mr_in_new(char *const files[], size_t n, size_t max_line, bool maps)
{
	struct mr_in *in = mr_xcalloc(1, sizeof *in);

	in->files = n ? files : only_stdin;
	in->nfiles = n ? n : 1;
	in->fd = -1;
	in->max_line = max_line;
	in->maps = maps;
	in->cap = IN_READ;
	in->data = in->own = mr_xmalloc(in->cap + MR_SCAN_PAD);
	return in;
}

/* Read what was not delivered, and the rest of the file. */
static void
leave_map(struct mr_in *in)
{
	mr_map_close(&in->map, in->fd, in->start);
	in->data = in->own;
	in->start = in->seen = in->fill = 0;
}

static void
close_file(struct mr_in *in)
{
	if (in->map.at)
		mr_map_close(&in->map, in->fd, in->fill);
	if (in->fd > STDIN_FILENO && !in->part)
		close(in->fd);
	in->fd = -1;
}

void
mr_in_free(struct mr_in *in)
{
	if (!in)
		return;
	close_file(in);
	free(in->own);
	free(in);
}

static bool
blank(const char *at, size_t len)
{
	for (; len; at++, len--)
		if (*at != ' ' && *at != '\t' && *at != '\r')
			return false;
	return true;
}

/* Fill *line with data[start..start+len), which `end` bytes of line end follow. */
static void
deliver(struct mr_in *in, struct mr_line *line, size_t len, size_t end)
{
	line->at = in->data + in->start;
	line->len = len;
	line->end = end;
	line->file = in->name;
	line->no = ++in->no;
	line->trusted = line->cut = false;
	line->vals = NULL;
	in->start += len + end;
	in->seen = in->start;
	if (line->no == 1 && len >= 3 && memcmp(line->at, "\xef\xbb\xbf", 3) == 0) {
		line->at += 3;
		line->len -= 3;
	}
	if (end == 1 && line->len && line->at[line->len - 1] == '\r') {
		line->len--;
		line->end = 2;
	}
}

static int
too_long(struct mr_in *in, struct mr_line *line, struct mr_err *err)
{
	line->len = in->max_line;
	line->end = 1;
	line->cut = true;
	return mr_err_set(err, MR_EX_DATA, "line longer than %zu bytes (--max-line)", in->max_line);
}

int
mr_in_line(struct mr_in *in, struct mr_line *line, struct mr_err *err)
{
	for (;;) {
		size_t left = in->fill - in->seen;
		const char *nl = left ? memchr(in->data + in->seen, '\n', left) : NULL;

		if (in->skipping) {
			in->start = in->seen = nl ? (size_t)(nl - in->data) + 1 : in->fill;
			in->skipping = !nl && !in->eof;
			if (!nl)
				return 0;
			continue;
		}
		if (nl) {
			deliver(in, line, (size_t)(nl - in->data) - in->start, 1);
		} else {
			in->seen = in->fill;
			if (in->fill - in->start > in->max_line + NOT_COUNTED) {
				size_t rest = in->fill;

				deliver(in, line, in->fill - in->start, 0);
				in->start = in->seen = rest;
				in->skipping = !in->eof;
			} else if (in->eof && in->fill > in->start) {
				deliver(in, line, in->fill - in->start, 0);
			} else {
				return 0;
			}
		}
		if (line->len > in->max_line)
			return too_long(in, line, err);
		if (!blank(line->at, line->len))
			return 1;
	}
}

void
mr_in_unread(const struct mr_in *in, const char **at, const char **end)
{
	*at = in->data + in->start;
	*end = in->skipping ? *at : in->data + in->fill;
}

void
mr_in_took(struct mr_in *in, const char *behind, uint64_t lines)
{
	in->start = in->seen = (size_t)(behind - in->data);
	in->no += lines;
}

const char *
mr_in_place(const struct mr_in *in, uint64_t *lines)
{
	*lines = in->no;
	return in->name;
}

/* Memory for a part to leave behind: room for `rest` and a good read, and no more than lately needed. */
static struct mr_in *
part_with_room(struct mr_in *part, size_t rest)
{
	size_t least = rest + IN_READ / 2 < IN_READ ? IN_READ : rest + IN_READ;

	if (!part)
		part = mr_xcalloc(1, sizeof *part);
	if (part->cap < least || part->cap > least + 2 * IN_READ) {
		free(part->own);
		part->data = part->own = mr_xmalloc(least + MR_SCAN_PAD);
		part->cap = least;
	}
	return part;
}

struct mr_in *
mr_in_split(struct mr_in *in, struct mr_in *spare)
{
	struct mr_in *part, whole = *in;
	size_t left = in->fill - in->start, rest;
	const char *lf = in->skipping || !left ? NULL : memrchr(in->data + in->start, '\n', left);

	if (!lf)
		return NULL;
	rest = (size_t)(in->data + in->fill - lf) - 1;
	part = part_with_room(spare, rest);
	in->data = in->own = part->own;
	in->cap = part->cap;
	memcpy(in->own, lf + 1, rest);
	memset(in->own + rest, 0, MR_SCAN_PAD);
	in->start = in->seen = 0;
	in->fill = rest;
	*part = whole;
	part->fill -= rest;
	part->seen = part->start;
	part->no = 0;
	part->part = true;
	return part;
}

bool
mr_in_same_file(const struct mr_in *in, const struct mr_in *part)
{
	return in->nfiles == part->nfiles; /* each that is opened is one less */
}

bool
mr_in_pending(const struct mr_in *in)
{
	size_t left = in->fill - in->start;

	return in->skipping || (in->eof && left) || left > in->max_line + NOT_COUNTED ||
	    memchr(in->data + in->seen, '\n', in->fill - in->seen);
}

/* Open the next file; 1 opened, 0 there is none. */
static int
open_next(struct mr_in *in, struct mr_err *err)
{
	struct stat st;

	if (in->nfiles == 0)
		return 0;
	in->name = *in->files++;
	in->nfiles--;
	in->is_stdin = strcmp(in->name, "-") == 0;
	if (in->is_stdin) {
		in->name = "stdin";
		in->fd = STDIN_FILENO;
	} else if ((in->fd = open(in->name, O_RDONLY | O_CLOEXEC)) < 0) {
		return mr_err_sys(err, "cannot open '%s'", in->name);
	}
	in->no = 0;
	in->sized = fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
	in->eof = in->skipping = false;
	in->start = in->seen = in->fill = 0;
	if (in->maps && mr_map_open(&in->map, in->fd, in->name))
		in->data = in->map.at;
	return 1;
}

/* Make room behind fill for a good read. */
static void
make_room(struct mr_in *in)
{
	if (in->start) {
		memmove(in->own, in->own + in->start, in->fill - in->start);
		in->fill -= in->start;
		in->seen -= in->start;
		in->start = 0;
	}
	if (in->cap - in->fill < IN_READ / 2) {
		size_t most = in->max_line + IN_READ;

		in->cap = in->cap * 2 < most || most < in->cap ? in->cap * 2 : most;
		in->data = in->own = mr_xrealloc(in->own, in->cap + MR_SCAN_PAD);
	}
}

/* At the end of a file: is it before the place where we stand? */
static bool
shrank(const struct mr_in *in)
{
	struct stat st;

	return in->sized && fstat(in->fd, &st) == 0 && lseek(in->fd, 0, SEEK_CUR) > st.st_size;
}

int
mr_in_read(struct mr_in *in, struct mr_err *err)
{
	size_t room;
	ssize_t n;
	int r;

	if (in->fd < 0 || in->eof) {
		close_file(in);
		if ((r = open_next(in, err)) <= 0)
			return r;
	}
	if (in->map.at) {
		if (mr_map_next(&in->map, in->start)) {
			in->fill = in->map.ready;
			return 1;
		}
		leave_map(in);
	}
	make_room(in);
	room = in->cap - in->fill < IN_READ ? in->cap - in->fill : IN_READ;
	while ((n = read(in->fd, in->own + in->fill, room)) < 0) {
		if (errno == EAGAIN) {
			struct pollfd p = {in->fd, POLLIN, 0};

			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return mr_err_sys(err, "cannot read '%s'", in->name);
		}
	}
	if (n == 0) {
		if (shrank(in))
			return mr_err_set(err, MR_EX_WORLD, "'%s' became shorter while it was read",
			    in->name);
		in->eof = true;
	}
	in->fill += (size_t)n;
	memset(in->own + in->fill, 0, MR_SCAN_PAD);
	return 1;
}

int
mr_in_fd(const struct mr_in *in)
{
	if (in->fd >= 0 && !in->eof)
		return in->fd;
	if (in->nfiles && strcmp(*in->files, "-") == 0)
		return STDIN_FILENO;
	return -1;
}

bool
mr_in_is_stdin(const struct mr_in *in)
{
	return mr_in_fd(in) == STDIN_FILENO || (in->fd == STDIN_FILENO && in->is_stdin);
}
