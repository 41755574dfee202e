/*
 * out - lines on their way out.
 *
 * The buffer is written when it is large; when it is not, the loop flushes
 * before it reads on, so that a quiet stream holds nothing back.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stream/out.h"

#define OUT_LARGE ((size_t)256 << 10)

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

/* Step over what a write took. */
static void
step(struct iovec v[2], size_t n)
{
	for (int i = 0; i < 2; i++) {
		size_t part = n < v[i].iov_len ? n : v[i].iov_len;

		v[i].iov_base = (char *)v[i].iov_base + part;
		v[i].iov_len -= part;
		n -= part;
	}
}

int
mr_out_flush(struct mr_out *out, struct mr_err *err)
{
	struct iovec v[2] = {{out->buf.at, out->buf.len},
	    {(void *)(uintptr_t)out->run, out->run_len}};
	size_t len = out->buf.len + out->run_len;

	if (out->fd < 0) {
		mr_out_settle(out);
		return 0;
	}
	while (len && (v[0].iov_len || v[1].iov_len)) {
		ssize_t n = v[1].iov_len ? writev(out->fd, v, 2) :
					   write(out->fd, v[0].iov_base, v[0].iov_len);

		if (n >= 0) {
			step(v, (size_t)n);
		} else if (errno == EAGAIN) { /* somebody made it non-blocking */
			struct pollfd p = {out->fd, POLLOUT, 0};

			poll(&p, 1, -1);
		} else if (errno == EFAULT) { /* the bytes are a file's that became shorter */
			raise(SIGBUS);
		} else if (errno != EINTR) {
			out->buf.len = out->run_len = 0;
			out->failed = true;
			return mr_err_sys(err, "cannot write %s", out->name);
		}
	}
	out->bytes += len;
	out->buf.len = out->run_len = 0;
	return 0;
}

void
mr_out_settle(struct mr_out *out)
{
	if (out->run_len)
		mr_buf_add(&out->buf, out->run, out->run_len);
	out->run_len = 0;
}

int
mr_out_built(struct mr_out *out, uint64_t lines, struct mr_err *err)
{
	out->lines += lines;
	return out->buf.len >= OUT_LARGE ? mr_out_flush(out, err) : 0;
}

int
mr_out_run(struct mr_out *out, const char *at, size_t len, uint64_t lines, struct mr_err *err)
{
	out->lines += lines;
	if (out->run_len && out->run + out->run_len == at) {
		out->run_len += len;
	} else {
		mr_out_settle(out);
		out->run = at;
		out->run_len = len;
	}
	return out->buf.len + out->run_len >= OUT_LARGE ? mr_out_flush(out, err) : 0;
}

int
mr_out_line(struct mr_out *out, const char *at, size_t len, struct mr_err *err)
{
	mr_out_settle(out);
	mr_buf_add(&out->buf, at, len);
	mr_buf_addc(&out->buf, '\n');
	return mr_out_built(out, 1, err);
}

int
mr_out_pass(struct mr_out *out, const struct mr_line *line, struct mr_err *err)
{
	if (line->end && line->len >= OUT_LARGE) /* not twice in memory */
		return mr_out_run(out, line->at, line->len + line->end, 1, err);
	mr_out_settle(out);
	mr_buf_add(&out->buf, line->at, line->len + line->end);
	if (line->end == 0)
		mr_buf_addc(&out->buf, '\n');
	return mr_out_built(out, 1, err);
}

int
mr_out_take(struct mr_out *out, struct mr_out *from, struct mr_err *err)
{
	struct mr_buf was;

	if (mr_out_flush(out, err) < 0)
		return -1;
	if (out->buf.len == 0) {
		was = out->buf;
		out->buf = from->buf;
		from->buf = was;
	} else {
		mr_buf_add(&out->buf, from->buf.at, from->buf.len);
	}
	out->run = from->run;
	out->run_len = from->run_len;
	out->lines += from->lines;
	from->buf.len = from->run_len = 0;
	from->lines = 0;
	return 0;
}
