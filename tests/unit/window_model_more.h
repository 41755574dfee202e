/*
 * The model's sessions, windows by count and the global one: included by
 * window_model.h.
 */

/* --- sessions: the connected parts of a key's events ---------------------------- */

static inline int
by_time(const void *va, const void *vb)
{
	const struct model_event *a = *(const struct model_event *const *)va,
				 *b = *(const struct model_event *const *)vb;

	if (a->e.ms != b->e.ms)
		return a->e.ms < b->e.ms ? -1 : 1;
	return (a > b) - (a < b);
}

static inline int
by_id(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The sessions of a key that are not over, in order of time. */
static inline void
list_sessions(const struct model *m, int key, struct groups *g)
{
	const struct model_event *in[MODEL_EVENTS];
	size_t n = 0;

	g->n = 0;
	for (int i = 0; i < m->n; i++)
		if (m->ev[i].e.key == key && !m->ev[i].late && !m->ev[i].gone)
			in[n++] = &m->ev[i];
	qsort(in, n, sizeof *in, by_time);
	for (size_t i = 0; i < n; i++) {
		struct group *s = g->n ? &g->at[g->n - 1] : NULL;

		if (!s || in[i]->e.ms > s->end) {
			s = &g->at[g->n++];
			*s = (struct group){.start = in[i]->e.ms, .key = key};
		}
		s->end = in[i]->e.ms + m->c.size;
		s->in.id[s->in.n++] = (int)(in[i] - m->ev);
	}
	for (int i = 0; i < g->n; i++) /* in order of arrival, as the rows want them */
		qsort(g->at[i].in.id, (size_t)g->at[i].in.n, sizeof(int), by_id);
}

static inline bool
is_part(const struct model_row *r, const struct group *s)
{
	for (int i = 0; i < s->in.n; i++)
		if (s->in.id[i] == r->id)
			return true;
	return false;
}

/* The rows of its parts that hold until it is written: how many, in order of time. */
static inline int
rows_of(struct model *m, const struct group *s, struct model_row *at[2])
{
	int n = 0;

	for (int i = 0; i < m->rows; i++)
		if (m->row[i].alive && is_part(&m->row[i], s)) {
			if (n == 2)
				abort();
			at[n++] = &m->row[i];
		}
	if (n == 2 && at[0]->start > at[1]->start) {
		struct model_row *swap = at[0];

		at[0] = at[1];
		at[1] = swap;
	}
	return n;
}

static inline void
retract(struct model *m, struct model_row *r)
{
	r->alive = false;
	put_row(m, *r, NULL, true);
}

/* Without --late 1 ms behind where an event is late for it: one at its very end still joins it. */
static inline bool
is_over(const struct model *m, const struct group *s)
{
	return reached(m->wm, m->c.late ? s->end - 1 + m->c.late : s->end);
}

static inline void
write_session(struct model *m, const struct group *s)
{
	struct model_row *old[2];
	int n = rows_of(m, s, old), revision = 0;

	/* of what was ever written of its parts, the next */
	for (int i = 0; i < m->rows; i++)
		if (is_part(&m->row[i], s) && m->row[i].revision >= revision)
			revision = m->row[i].revision + 1;
	for (int i = 0; i < n; i++) {
		if (old[i]->start != s->start || old[i]->end != s->end)
			retract(m, old[i]);
		old[i]->alive = false;
	}
	write_group(m, s, revision, is_last(m, s->end + 1));
}

static inline void
session_event(struct model *m, const struct event *e)
{
	struct groups g;
	struct group *s = g.at;
	struct model_row *old[2];
	bool now;

	list_sessions(m, e->key, &g);
	while (s->start > e->ms || s->end - m->c.size < e->ms)
		s++;
	if (reached(m->wm, s->end - 1 + m->c.late)) {
		m->ev[m->n - 1].late = true;
		return;
	}
	/* of two that are one now, the later one's row goes at once */
	if (rows_of(m, s, old) == 2)
		retract(m, old[1]);
	now = reached(m->wm, s->end) || m->c.emit == MR_EMIT_UPDATES ||
	    (m->c.emit == MR_EMIT_COUNT && unwritten(m, s) >= m->c.emit_count);
	if (now && revised(m))
		write_session(m, s);
}

/* Of all sessions: those that fire, or, round 1, have changed. */
static inline void
session_round(struct model *m, int64_t before, int round)
{
	static struct groups all, due;

	due.n = 0;
	EACH_KEY(key)
	{
		list_sessions(m, key, &all);
		for (int i = 0; i < all.n; i++) {
			const struct group *s = &all.at[i];
			bool fires = reached(m->wm, s->end) && !reached(before, s->end);

			if (round ? unwritten(m, s) > 0 : fires)
				due.at[due.n++] = *s;
		}
	}
	sort_groups(&due);
	for (int i = 0; i < due.n; i++)
		write_session(m, &due.at[i]);
}

static inline void
session_watermark(struct model *m, int64_t before)
{
	static struct groups all;

	session_round(m, before, 0);
	EACH_KEY(key)
	{
		list_sessions(m, key, &all);
		for (int i = 0; i < all.n; i++)
			for (int j = 0; j < all.at[i].in.n && is_over(m, &all.at[i]); j++)
				m->ev[all.at[i].in.id[j]].gone = true;
	}
	if (crosses(m, before))
		session_round(m, before, 1);
}

/* --- by count, and everything -------------------------------------------------------- */

/* The last n events of a key that are of no window that was cut short. */
static inline void
last_events(const struct model *m, int key, int n, struct group *g)
{
	struct chosen all = {.n = 0};

	*g = (struct group){INT64_MAX, INT64_MIN, key, {.n = 0}};
	for (int i = 0; i < m->n; i++)
		if (m->ev[i].e.key == key && !m->ev[i].gone)
			all.id[all.n++] = i;
	for (int i = all.n > n ? all.n - n : 0; i < all.n; i++) {
		int64_t ms = m->ev[all.id[i]].e.ms;

		g->in.id[g->in.n++] = all.id[i];
		g->start = ms < g->start ? ms : g->start;
		g->end = ms + 1 > g->end ? ms + 1 : g->end;
	}
}

static inline int
next_revision(const struct model *m, int key)
{
	int n = 0;

	for (int i = 0; i < m->rows; i++)
		n += m->row[i].key == key;
	return n;
}

static inline int64_t
slide_of(const struct model *m)
{
	return m->c.slide ? m->c.slide : m->c.count;
}

static inline void
counted_event(struct model *m, const struct event *e)
{
	struct group g;
	int want = (int)m->c.emit_count;

	last_events(m, e->key, m->c.kind == COUNT ? (int)m->c.count : MODEL_EVENTS, &g);
	if (m->c.kind == COUNT) {
		if (unwritten(m, &g) == slide_of(m))
			write_group(m, &g, 0, true);
	} else if (m->c.emit == MR_EMIT_UPDATES ||
	    (m->c.emit == MR_EMIT_COUNT && unwritten(m, &g) >= want)) {
		write_group(m, &g, next_revision(m, e->key), false);
	}
}

/* A window by count that is not full: is it time?  What is there of it, then. */
static inline bool
cut_short(struct model *m, int key, struct group *g)
{
	int64_t first = INT64_MAX;
	int fresh_events = 0;

	for (int i = 0; i < m->n; i++)
		if (m->ev[i].e.key == key && !m->ev[i].written) {
			fresh_events++;
			first = m->ev[i].e.ms < first ? m->ev[i].e.ms : first;
		}
	if (!fresh_events ||
	    (m->wm != MR_TIME_MAX && (!m->c.timeout || !reached(m->wm, first + m->c.timeout))))
		return false;
	last_events(m, key, (int)(m->c.count - slide_of(m)) + fresh_events, g);
	return true;
}

static inline void
counted_watermark(struct model *m, int64_t before)
{
	static struct groups due;
	struct group g;

	due.n = 0;
	EACH_KEY(key)
	{
		if (m->c.kind == COUNT) {
			if (!cut_short(m, key, &g))
				continue;
		} else {
			last_events(m, key, MODEL_EVENTS, &g);
			if (!g.in.n ||
			    !(m->wm == MR_TIME_MAX || (crosses(m, before) && unwritten(m, &g))))
				continue;
		}
		due.at[due.n++] = g;
	}
	sort_groups(&due);
	for (int i = 0; i < due.n; i++) {
		int key = due.at[i].key;

		write_group(m, &due.at[i], next_revision(m, key), m->wm == MR_TIME_MAX);
		for (int j = 0; j < m->n && m->c.kind == COUNT; j++)
			m->ev[j].gone |= m->ev[j].e.key == key;
	}
}
