/*
 * spans - two maps of keys, taking turns, and a queue.
 *
 * A span that began before `young` did, more than D ago, has ended, and so the
 * whole of `old` is forgotten at once: no key is ever taken out of a map.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dedup/spans.h"

#define SMALL_MAP ((size_t)256 << 10)

struct seen {
	int64_t ms; /* the span's begin */
	uint64_t ns : 20;
	uint64_t number : 44; /* of the span, in the queue */
};

struct mr_span_last {
	struct mr_time begin, time; /* of the span; of the line */
	char *line;
	size_t len, cap;
};

void
mr_spans_init(struct mr_spans *s, int64_t within_ms, bool last)
{
	*s = (struct mr_spans){.within_ms = within_ms, .last = last, .young_ms = MR_TIME_MIN};
	s->young = mr_map_new(sizeof(struct seen));
	s->old = mr_map_new(sizeof(struct seen));
}

static struct mr_span_last *
in_queue(const struct mr_spans *s, uint64_t number)
{
	return &s->queue[number & (s->room - 1)];
}

void
mr_spans_release(struct mr_spans *s)
{
	for (size_t i = 0; i < s->open; i++)
		free(in_queue(s, s->head + i)->line);
	free(s->queue);
	mr_map_free(s->young);
	mr_map_free(s->old);
	*s = (struct mr_spans){0};
}

size_t
mr_spans_keys(const struct mr_spans *s)
{
	return s->young ? mr_map_count(s->young) + mr_map_count(s->old) : 0;
}

static void
count_bytes(struct mr_spans *s)
{
	s->bytes = mr_map_bytes(s->young) + mr_map_bytes(s->old) + s->room * sizeof *s->queue +
	    s->line_bytes;
}

static bool
ended(const struct mr_spans *s, const struct mr_time *begin, const struct mr_time *time)
{
	int64_t since = time->ms - begin->ms;

	return since > s->within_ms || (since == s->within_ms && time->ns >= begin->ns);
}

/* Does the span have the time in it?  It began there or before it, and has not ended. */
static bool
covers(const struct mr_spans *s, const struct seen *seen, const struct mr_time *time)
{
	const struct mr_time begin = {seen->ms, (int32_t)seen->ns};

	if (time->ms < begin.ms || (time->ms == begin.ms && time->ns < begin.ns))
		return false;
	return !ended(s, &begin, time);
}

static const struct seen *
find(const struct mr_spans *s, const struct mr_time *time, const char *key, size_t key_len)
{
	const struct seen *seen = mr_map_get(s->young, key, key_len);

	if (seen && covers(s, seen, time))
		return seen;
	seen = mr_map_get(s->old, key, key_len);
	return seen && covers(s, seen, time) ? seen : NULL;
}

/* The line as the last one of its span. */
static void
keep(struct mr_spans *s, struct mr_span_last *l, const struct mr_time *time, const char *line,
    size_t len)
{
	if (l->cap < len) {
		free(l->line);
		l->line = mr_xmalloc(len);
		s->line_bytes += len - l->cap;
		l->cap = len;
	}
	memcpy(l->line, line, len);
	l->len = len;
	l->time = *time;
}

static void
queue(struct mr_spans *s, const struct mr_time *time, const char *line, size_t len)
{
	struct mr_span_last *l;

	if (s->open == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct mr_span_last *wide = mr_xmalloc(room * sizeof *wide);

		for (size_t i = 0; i < s->open; i++)
			wide[(s->head + i) & (room - 1)] = *in_queue(s, s->head + i);
		free(s->queue);
		s->queue = wide;
		s->room = room;
	}
	l = in_queue(s, s->head + s->open++);
	*l = (struct mr_span_last){.begin = *time};
	keep(s, l, time, line, len);
}

static int
close_first(struct mr_spans *s, struct mr_out *out, struct mr_err *err)
{
	struct mr_span_last *l = in_queue(s, s->head++);

	s->open--;
	s->line_bytes -= l->cap;
	mr_buf_add(&out->buf, l->line, l->len);
	free(l->line);
	return mr_out_built(out, 1, err);
}

/* Close the spans that end at the time or before it. */
static int
close_until(struct mr_spans *s, const struct mr_time *time, struct mr_out *out, struct mr_err *err)
{
	while (s->open && ended(s, &in_queue(s, s->head)->begin, time))
		if (close_first(s, out, err))
			return -1;
	return 0;
}

/* A new turn, when all spans that began before the present one have ended. */
static void
turn(struct mr_spans *s, int64_t ms)
{
	struct mr_map *was = s->old;

	if (s->young_ms != MR_TIME_MIN && ms - s->young_ms <= s->within_ms)
		return;
	s->old = s->young;
	if (mr_map_bytes(was) <= SMALL_MAP) {
		mr_map_clear(was);
		s->young = was;
	} else { /* what a peak took is given back */
		mr_map_free(was);
		s->young = mr_map_new(sizeof(struct seen));
	}
	s->young_ms = ms;
}

int
mr_spans_event(struct mr_spans *s, const struct mr_time *time, const char *key, size_t key_len,
    const char *line, size_t len, struct mr_out *out, struct mr_err *err)
{
	const struct seen *seen;
	struct seen *fresh;
	bool is_new;

	if (close_until(s, time, out, err))
		return -1;
	turn(s, time->ms);
	if ((seen = find(s, time, key, key_len))) {
		if (s->last && seen->number >= s->head)
			keep(s, in_queue(s, seen->number), time, line, len);
		count_bytes(s);
		return 1;
	}
	fresh = mr_map_put(s->young, key, key_len, &is_new);
	*fresh = (struct seen){.ms = time->ms, .ns = (unsigned)time->ns & 0xfffff};
	if (s->last) {
		fresh->number = (s->head + s->open) & (((uint64_t)1 << 44) - 1);
		queue(s, time, line, len);
	} else {
		mr_buf_add(&out->buf, line, len);
		if (mr_out_built(out, 1, err))
			return -1;
	}
	count_bytes(s);
	return 0;
}

int
mr_spans_late(struct mr_spans *s, const struct mr_time *time, const char *key, size_t key_len,
    const char *line, size_t len)
{
	const struct seen *seen = find(s, time, key, key_len);
	struct mr_span_last *l;

	if (!seen)
		return 0;
	if (!s->last || seen->number < s->head)
		return 1;
	l = in_queue(s, seen->number);
	if (time->ms > l->time.ms || (time->ms == l->time.ms && time->ns >= l->time.ns))
		keep(s, l, time, line, len);
	count_bytes(s);
	return 1;
}

int
mr_spans_reached(struct mr_spans *s, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	const struct mr_time time = {ms, 0};

	return close_until(s, &time, out, err);
}

int64_t
mr_spans_oldest(const struct mr_spans *s)
{
	return s->open ? in_queue(s, s->head)->begin.ms : MR_TIME_MAX;
}

int
mr_spans_end(struct mr_spans *s, struct mr_out *out, struct mr_err *err)
{
	while (s->open)
		if (close_first(s, out, err))
			return -1;
	return 0;
}
