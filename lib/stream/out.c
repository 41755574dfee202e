/*
 * out - lines on their way out.
 *
 * The buffer is written when it is large; when it is not, the loop flushes
 * before it reads on, so that a quiet stream holds nothing back.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "stream/out.h"

#define OUT_LARGE ((size_t)128 << 10)

void
mr_out_init(struct mr_out *out, int fd, const char *name)
{
	*out = (struct mr_out){.fd = fd, .name = name};
}

void
mr_out_release(struct mr_out *out)
{
	mr_buf_release(&out->buf);
}

int
mr_out_flush(struct mr_out *out, struct mr_err *err)
{
	size_t done = 0;

	if (out->fd < 0)
		return 0;
	while (done < out->buf.len) {
		ssize_t n = write(out->fd, out->buf.at + done, out->buf.len - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) { /* somebody made it non-blocking */
			struct pollfd p = {out->fd, POLLOUT, 0};

			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			out->buf.len = 0;
			return mr_err_sys(err, "cannot write %s", out->name);
		}
	}
	out->bytes += done;
	out->buf.len = 0;
	return 0;
}

int
mr_out_built(struct mr_out *out, struct mr_err *err)
{
	out->lines++;
	return out->buf.len >= OUT_LARGE ? mr_out_flush(out, err) : 0;
}

int
mr_out_line(struct mr_out *out, const char *at, size_t len, struct mr_err *err)
{
	mr_buf_add(&out->buf, at, len);
	mr_buf_addc(&out->buf, '\n');
	return mr_out_built(out, err);
}

int
mr_out_pass(struct mr_out *out, const struct mr_line *line, struct mr_err *err)
{
	mr_buf_add(&out->buf, line->at, line->len + line->end);
	if (line->end == 0)
		mr_buf_addc(&out->buf, '\n');
	return mr_out_built(out, err);
}
