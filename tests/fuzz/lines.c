/*
 * Fuzz the line reader: the same bytes give the same lines, however read(2) cuts them.
 * The first byte of the input is the size of the pieces, the second the longest line.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "stream/in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader delivers, written down. */
static void
note_lines(struct mr_in *in, struct mr_buf *notes)
{
	struct mr_line line;
	struct mr_err err;
	int r;

	while ((r = mr_in_line(in, &line, &err)) != 0) {
		mr_buf_printf(notes, "%d %d %zu+%zu:", r, (int)line.no, line.len, line.end);
		mr_buf_add(notes, line.at, line.len);
		mr_buf_addc(notes, '\n');
	}
}

static void
read_in_pieces(const uint8_t *data, size_t size, size_t piece, size_t max_line, struct mr_buf *notes)
{
	struct mr_err err = MR_ERR_INIT;
	char path[32];
	char *files[] = {path};
	int fds[2];
	struct mr_in *in;

	if (pipe(fds) < 0)
		abort();
	snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
	in = mr_in_new(files, 1, max_line, false);
	for (size_t done = 0; done < size; ) {
		size_t n = size - done < piece ? size - done : piece;

		if (write(fds[1], data + done, n) != (ssize_t)n)
			abort();
		done += n;
		if (mr_in_read(in, &err) != 1)
			abort();
		note_lines(in, notes);
	}
	close(fds[1]);
	while (mr_in_read(in, &err) == 1)
		note_lines(in, notes);
	mr_in_free(in);
	close(fds[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_buf whole = MR_BUF_INIT, pieces = MR_BUF_INIT;

	if (size < 3 || size > 4096)
		return 0;
	read_in_pieces(data + 2, size - 2, size, 1 + data[1], &whole);
	read_in_pieces(data + 2, size - 2, 1 + data[0] % 16, 1 + data[1], &pieces);
	if (strcmp(mr_buf_str(&whole), mr_buf_str(&pieces)) != 0 || whole.len != pieces.len)
		abort();
	mr_buf_release(&whole);
	mr_buf_release(&pieces);
	return 0;
}
