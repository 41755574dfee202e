/*
 * prog - which engine runs a program, and the program on it.
 *
 * In this order: a plan; selecting plans in front of a machine for what is
 * left (`select(.a) | .b[]`: most events never reach the machine); the
 * machine; libjq.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sig.h"
#include "jq/slow.h"
#include "jq/vm/vm.h"

#define HEADS 8

struct mr_prog {
	const struct mr_prog_args *args;
	struct mr_scan *scan;
	struct mr_ast *ast;
	struct mr_plan *plan;
	struct mr_plan *heads[HEADS]; /* in front of the machine */
	size_t nheads;
	struct mr_code *code;
	struct mr_vm *vm;
	struct mr_slow *slow;
	struct mr_jq_run run;
	struct mr_value next; /* the event that `input` is given; MR_VALUE_NONE: none has come */
	bool more;            /* the run goes on when the output has been taken */
	bool waiting;         /* a run waits for it */
	bool ended;           /* none will come */
	bool over;            /* the one run of -n has ended */
	unsigned uses;        /* MR_FN_... of the functions called; 0 on libjq */
	char why_machine[96]; /* why there is no plan */
	struct mr_err why_slow;
};

static int give_event(void *, struct mr_value *);
static bool must_wait(void *);

/* Take plans off the front of a pipe as long as they yield the event itself. */
static const struct mr_node *
take_heads(struct mr_prog *p, const struct mr_node *n, const struct mr_value *vars)
{
	char why[96];

	while (n->kind == MR_N_PIPE && p->nheads < HEADS) {
		struct mr_plan *head = mr_plan_new(n->a, vars, p->scan, why);

		if (!head || !mr_plan_transparent(head)) {
			mr_plan_free(head);
			break;
		}
		p->heads[p->nheads++] = head;
		n = n->b;
	}
	return n;
}

/* True: the own engine has it.  False: err set; *foreign when libjq may. */
static bool
own(struct mr_prog *p, const char *text, bool *foreign, struct mr_err *err)
{
	const struct mr_value *vars = &p->run.named;
	const struct mr_node *rest;

	*foreign = false;
	if (!(p->ast = mr_ast_parse(text, strlen(text), foreign, err)))
		return false;
	p->plan = mr_plan_new(mr_ast_root(p->ast), vars, p->scan, p->why_machine);
	if (p->plan)
		return true;
	rest = take_heads(p, mr_ast_root(p->ast), vars);
	if (!(p->code = mr_code_compile(p->ast, rest, vars, foreign, err)))
		return false;
	p->vm = mr_vm_new(p->code, &p->run);
	p->run.input = give_event;
	p->run.waits = must_wait;
	p->run.stops = mr_sig_stop;
	p->run.input_self = p;
	return true;
}

/* What the functions that it calls do beside making values, when the own engine has it. */
static unsigned
uses(const struct mr_prog *p)
{
	unsigned all = p->plan ? mr_plan_uses(p->plan) : mr_code_uses(p->code);

	for (size_t i = 0; i < p->nheads; i++)
		all |= mr_plan_uses(p->heads[i]);
	return all;
}

/* Every $name: $ARGS with all that was given, and what was given by name. */
static struct mr_value
variables(const struct mr_prog_args *args)
{
	struct mr_value all = mr_value_object(2), vars = mr_value_object(1), key, val;
	struct mr_value named = mr_value_copy(&args->named);
	struct mr_value_iter it;

	all = mr_value_set_member(all, mr_value_string("positional", 10),
	    mr_value_copy(&args->positional));
	all = mr_value_set_member(all, mr_value_string("named", 5), mr_value_copy(&named));
	vars = mr_value_set_member(vars, mr_value_string("ARGS", 4), all);
	for (mr_value_iter_init(&it, &named); mr_value_iter_next(&it, &key, &val);)
		vars = mr_value_set_member(vars, key, val);
	mr_value_free(named);
	return vars;
}

struct mr_prog *
mr_prog_new(const char *text, const struct mr_prog_args *args, struct mr_err *err)
{
	struct mr_prog *p = mr_xcalloc(1, sizeof *p);
	bool foreign = true, done = false;

	p->args = args;
	p->scan = args->scan ? args->scan : mr_scan_new();
	mr_jq_run_init(&p->run);
	p->run.env = args->env;
	p->run.named = variables(args);
	if (!args->libjq || args->engine != MR_ENGINE_LIBJQ) {
		done = own(p, text, &foreign, err);
		if (done)
			p->uses = uses(p);
		else
			mr_err_prefix(err, "expression '%.200s'", text);
		p->why_slow = *err;
	}
	if (!done && foreign && args->libjq && args->engine != MR_ENGINE_OWN)
		done = (p->slow = args->libjq->make(text, args, err)) != NULL;
	if (done)
		return p;
	mr_prog_free(p);
	return NULL;
}

void
mr_prog_free(struct mr_prog *p)
{
	if (!p)
		return;
	if (p->slow)
		p->args->libjq->free(p->slow);
	mr_value_free(p->next);
	mr_vm_free(p->vm);
	mr_code_free(p->code);
	for (size_t i = 0; i < p->nheads; i++)
		mr_plan_free(p->heads[i]);
	mr_plan_free(p->plan);
	mr_ast_free(p->ast);
	mr_jq_run_release(&p->run);
	if (p->scan != p->args->scan)
		mr_scan_free(p->scan);
	free(p);
}

struct mr_scan *
mr_prog_scan(const struct mr_prog *p)
{
	return p->scan;
}

bool
mr_prog_thorough(const struct mr_prog *p)
{
	return !p->plan || mr_plan_whole(p->plan);
}

bool
mr_prog_wants_place(const struct mr_prog *p)
{
	return p->uses & MR_FN_PLACE;
}

bool
mr_prog_apart(const struct mr_prog *p)
{
	return !p->slow && !p->args->null_input &&
	    !(p->uses & (MR_FN_READS | MR_FN_PLACE | MR_FN_SPEAKS));
}

/* Put the value of an error into words; it is consumed. */
static int
failed(struct mr_value v, struct mr_err *err)
{
	struct mr_buf text = MR_BUF_INIT, room = MR_BUF_INIT;
	const char *bytes;
	size_t len;

	if (v.type == MR_STRING) {
		bytes = mr_value_bytes(&v, &room, &len);
		mr_buf_add(&text, bytes, len);
	} else {
		mr_value_write(&v, false, &text);
		mr_buf_adds(&text, " (not a string)");
	}
	mr_err_set(err, MR_EX_DATA, "expression failed: %s", mr_buf_str(&text));
	mr_buf_release(&text);
	mr_buf_release(&room);
	mr_value_free(v);
	return -1;
}

static int
stopped(struct mr_prog *p, struct mr_value v, struct mr_err *err)
{
	if (!p->run.halted)
		return failed(v, err);
	p->run.halted = false;
	mr_value_free(v);
	if (mr_sig_stop()) /* the event was not worked off, as those behind it */
		return 0;
	return mr_err_set(err, MR_EX_DATA, "expression failed: it called halt");
}

static void
place(struct mr_prog *p, const struct mr_event *e)
{
	p->run.line_no = e->no;
	p->run.file = e->file;
}

/* Do the plans in front of the machine let the event through?  1, 0, -1 *out an error. */
static int
pass_heads(struct mr_prog *p, const struct mr_event *e, struct mr_value *out)
{
	int r = 1;

	for (size_t i = 0; i < p->nheads && r > 0; i++)
		if ((r = mr_plan_eval(p->heads[i], &p->run, e, out)) > 0)
			mr_value_free(*out);
	return r;
}

static int
test_machine(struct mr_prog *p, const struct mr_event *e, struct mr_value *out)
{
	int r = pass_heads(p, e, out);

	if (r <= 0)
		return r;
	p->ended = true; /* a condition sees one event */
	mr_vm_start(p->vm, mr_event_value(e));
	while ((r = mr_vm_next(p->vm, out)) == 1) {
		bool is = mr_value_true(out);

		mr_value_free(*out);
		if (is)
			return 1;
	}
	return r;
}

int
mr_prog_test(struct mr_prog *p, const struct mr_event *e, struct mr_err *err)
{
	struct mr_value v;
	int r;

	if (p->slow) {
		v = mr_event_value(e);
		r = p->args->libjq->test(p->slow, &v, err);
		mr_value_free(v);
		return r;
	}
	place(p, e);
	r = p->plan ? mr_plan_test(p->plan, &p->run, e, &v) : test_machine(p, e, &v);
	return r < 0 ? stopped(p, v, err) : r;
}

static int
first_of_machine(struct mr_prog *p, const struct mr_event *e, struct mr_buf *b,
    struct mr_value *out)
{
	int r = pass_heads(p, e, out);

	if (r <= 0)
		return r;
	p->ended = true; /* as a condition */
	mr_vm_start(p->vm, mr_event_value(e));
	if ((r = mr_vm_next(p->vm, out)) == 1) {
		mr_value_write(out, false, b);
		mr_value_free(*out);
	}
	return r;
}

int
mr_prog_first(struct mr_prog *p, const struct mr_event *e, struct mr_buf *b, struct mr_err *err)
{
	size_t before = b->len;
	struct mr_value v;
	int r;

	place(p, e);
	r = p->plan ? mr_plan_write(p->plan, &p->run, e, false, b, &v) :
		      first_of_machine(p, e, b, &v);
	if (r >= 0)
		return r;
	b->len = before;
	return stopped(p, v, err);
}

bool
mr_prog_test_rows(const struct mr_prog *p, const struct mr_scan_row *row, const struct mr_val *vals,
    size_t width, size_t count, unsigned char *hit)
{
	return p->plan && mr_plan_test_rows(p->plan, row, vals, width, count, hit);
}

static void
write_output(struct mr_prog *p, const struct mr_value *v, const struct mr_prog_style *style,
    struct mr_buf *b)
{
	const char *bytes;
	size_t len;

	if (style->raw && v->type == MR_STRING) {
		bytes = mr_value_bytes(v, &p->run.room, &len);
		mr_buf_add(b, bytes, len);
	} else {
		mr_value_write(v, style->sorted, b);
	}
}

/* The one output of a plan: 1 written, 0 none, -1 *out an error. */
static int
write_plan(struct mr_prog *p, const struct mr_event *e, const struct mr_prog_style *style,
    struct mr_buf *b, struct mr_value *out)
{
	int r;

	if (!style->sorted)
		return mr_plan_write(p->plan, &p->run, e, style->raw, b, out);
	if ((r = mr_plan_eval(p->plan, &p->run, e, out)) > 0) {
		write_output(p, out, style, b);
		mr_value_free(*out);
	}
	return r;
}

/* What the machine makes until it has no more outputs (0), waits for an event (0), made enough for now (1), or fails (-1, *out). */
static int
go_on(struct mr_prog *p, const struct mr_prog_style *style, struct mr_buf *b, uint64_t *lines,
    struct mr_value *out)
{
	int r;

	p->more = false;
	while (!p->more && (r = mr_vm_next(p->vm, out)) == 1) {
		write_output(p, out, style, b);
		mr_value_free(*out);
		if (!style->joined)
			mr_buf_addc(b, '\n');
		++*lines;
		p->more = p->args->null_input && b->len >= MR_PLAN_ENOUGH;
	}
	if (p->more)
		return 1;
	p->waiting = r == MR_VM_WAITS;
	p->over = !p->waiting && p->args->null_input;
	return r < 0 ? -1 : 0;
}

/* `input` asks. */
static int
give_event(void *self, struct mr_value *out)
{
	struct mr_prog *p = self;

	if (p->next.type == MR_MISSING)
		return 0;
	*out = p->next;
	p->next = MR_VALUE_NONE;
	return 1;
}

static bool
must_wait(void *self)
{
	const struct mr_prog *p = self;

	return p->next.type == MR_MISSING && !p->ended;
}

static int
write_machine(struct mr_prog *p, const struct mr_event *e, const struct mr_prog_style *style,
    struct mr_buf *b, uint64_t *lines, struct mr_value *out)
{
	struct mr_value v = mr_event_value(e);
	int r;

	if (mr_prog_reads(p)) {
		v = mr_value_own(v); /* it outlives its line */
		if (p->waiting) {
			p->next = v;
			return go_on(p, style, b, lines, out);
		}
	}
	if ((r = pass_heads(p, e, out)) > 0) {
		mr_vm_start(p->vm, v);
		return go_on(p, style, b, lines, out);
	}
	mr_value_free(v);
	return r;
}

/* What a run left: the outputs, or none of them. */
static int
written(struct mr_prog *p, int r, struct mr_value v, size_t before, struct mr_buf *b,
    struct mr_err *err)
{
	if (r >= 0)
		return p->more;
	if (!p->args->null_input) /* that run is not one of an event */
		b->len = before;
	return stopped(p, v, err);
}

int
mr_prog_write(struct mr_prog *p, const struct mr_event *e, const struct mr_prog_style *style,
    struct mr_buf *b, uint64_t *lines, struct mr_err *err)
{
	size_t before = b->len;
	uint64_t more = 0;
	struct mr_value v;
	int r;

	if (p->slow) {
		v = mr_event_value(e);
		r = p->args->libjq->write(p->slow, &v, style, b, lines, err);
		mr_value_free(v);
		return r;
	}
	place(p, e);
	if (!p->plan) {
		r = write_machine(p, e, style, b, &more, &v);
	} else if ((r = write_plan(p, e, style, b, &v)) > 0) {
		if (!style->joined)
			mr_buf_addc(b, '\n');
		more = 1;
	}
	if (r >= 0 || p->args->null_input)
		*lines += more;
	return written(p, r, v, before, b, err);
}

int
mr_prog_write_rows(struct mr_prog *p, const struct mr_event_rows *rows, size_t *next,
    const struct mr_prog_style *style, struct mr_buf *b, uint64_t *lines, struct mr_err *err)
{
	bool plain = p->plan && !style->joined && !style->sorted;
	const size_t enough = b->len + MR_PLAN_ENOUGH;
	struct mr_value v;

	p->run.line_no = 0;
	p->run.file = NULL;
	for (; *next < rows->n && b->len < enough; ++*next) {
		const struct mr_event e = {rows->row[*next].at, rows->row[*next].len,
		    rows->vals + *next * rows->width, 0, NULL, rows->trusted};

		if (plain) {
			if (mr_plan_write_rows(p->plan, &p->run, rows, next, style->raw, b, lines,
				&v) == 0)
				return 0;
			if (stopped(p, v, err) < 0)
				return -1;
		} else if (mr_prog_write(p, &e, style, b, lines, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
mr_prog_more(struct mr_prog *p, const struct mr_prog_style *style, struct mr_buf *b,
    uint64_t *lines, struct mr_err *err)
{
	size_t before = b->len;
	struct mr_value v;
	int r = go_on(p, style, b, lines, &v);

	return written(p, r, v, before, b, err);
}

bool
mr_prog_reads(const struct mr_prog *p)
{
	return p->uses & MR_FN_READS;
}

bool
mr_prog_waits(const struct mr_prog *p)
{
	return p->waiting;
}

bool
mr_prog_over(const struct mr_prog *p)
{
	return p->over;
}

int
mr_prog_begin(struct mr_prog *p, const struct mr_prog_style *style, struct mr_buf *b,
    uint64_t *lines, struct mr_err *err)
{
	static const char padded[4 + MR_SCAN_PAD] = "null";
	struct mr_event null = {.at = padded, .len = 4};
	struct mr_val *vals;
	int r;

	if (mr_prog_reads(p)) {
		mr_vm_start(p->vm, MR_VALUE_NULL);
		return mr_prog_more(p, style, b, lines, err);
	}
	null.vals = vals = mr_xcalloc((size_t)mr_scan_count(p->scan) + 1, sizeof *vals);
	r = mr_scan_line(p->scan, null.at, null.len, 0, vals, err);
	if (r == 0)
		r = mr_prog_write(p, &null, style, b, lines, err);
	free(vals);
	p->over = r <= 0;
	return r;
}

int
mr_prog_finish(struct mr_prog *p, const struct mr_prog_style *style, struct mr_buf *b,
    uint64_t *lines, struct mr_err *err)
{
	p->ended = true;
	return p->waiting ? mr_prog_more(p, style, b, lines, err) : 0;
}

void
mr_prog_explain(const struct mr_prog *p, struct mr_buf *b)
{
	if (p->slow) {
		mr_buf_printf(b, "engine: libjq\nwhy:    %s\n",
		    p->args->engine == MR_ENGINE_LIBJQ ? "--engine libjq" : p->why_slow.text);
		return;
	}
	if (p->plan) {
		mr_buf_adds(b, "engine: own, a plan over what the scanner finds\n");
		mr_plan_explain(p->plan, b);
		return;
	}
	mr_buf_printf(b, "engine: own, the machine\nwhy:    no plan: %s\n", p->why_machine);
	for (size_t i = 0; i < p->nheads; i++) {
		mr_buf_adds(b, "in front of it:\n");
		mr_plan_explain(p->heads[i], b);
	}
	mr_buf_adds(b, "code:\n");
	mr_code_dump(p->code, b);
}
