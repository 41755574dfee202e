/*
 * The nodes of a plan: what plan.c makes, and the others run.  For lib/jq/plan alone.
 */
#ifndef MR_JQ_PLAN_NODE_H
#define MR_JQ_PLAN_NODE_H

#include "jq/plan/plan.h"
#include "json/decimal.h"

enum mr_plan_op {
	MR_P_CONST,   /* value */
	MR_P_DOT,     /* . */
	MR_P_SLOT,    /* a path from the event: slot, kids-free; name: the path */
	MR_P_INDEX,   /* a[b] */
	MR_P_SLICE,   /* a[b:c], b and c may be NULL */
	MR_P_EMPTY,   /* */
	MR_P_PIPE,    /* a | b */
	MR_P_KEEP,    /* a | b where a yields its input: `.` stays what it is */
	MR_P_SELECT,  /* . if a is true */
	MR_P_AND,     /* a and b */
	MR_P_OR,      /* a or b */
	MR_P_NOT,     /* a | not; a NULL: `.` */
	MR_P_ALT,     /* a // b */
	MR_P_IF,      /* if a then b else c */
	MR_P_TRY,     /* try a catch b; b may be NULL */
	MR_P_CMP,     /* a op b */
	MR_P_CMP_STR, /* slot == or != a constant string, in value: its bytes in text */
	MR_P_CMP_NUM, /* slot op a constant number: number, spelled in text */
	MR_P_BINOP,   /* a op b */
	MR_P_NEGATE,  /* -a */
	MR_P_ARRAY,   /* kids */
	MR_P_OBJECT, /* kids: key, value, ...; text[i]: `{"key":` or `,"key":` when keys are plain */
	MR_P_STRING, /* kids put together; name: a format, or NULL */
	MR_P_FORMAT, /* . | @name */
	MR_P_CALL,   /* fn(kids) */
	MR_P_BIND,   /* a as $var | b */
	MR_P_VAR     /* $var */
};

#define MR_PLAN_VARS 16 /* variables bound at once */

struct mr_pnode {
	enum mr_plan_op op;
	int cmp;                   /* operator of CMP and BINOP */
	int slot;                  /* of the scan */
	int var;                   /* BIND, VAR */
	bool top_key;              /* SLOT: a path of one key */
	char *quoted;              /* CMP_STR: text between quotes */
	bool keys;                 /* OBJECT: text[] holds its keys */
	bool sum;                  /* BINOP: mr_plan_sum() may have it */
	struct mr_decimal decimal; /* CONST below such a one */
	double number;
	bool simple; /* CMP_NUM: mr_plan_simple() of its text */
	const char *name;
	const struct mr_jq_fn *fn;
	struct mr_value value;
	const struct mr_value *path; /* SLOT: its steps, npath */
	size_t npath;
	uint64_t optional; /* SLOT: bit i: step i has a ?; INDEX, SLICE: 1 */
	char *text;
	size_t len;
	struct mr_pnode *a, *b, *c;
	struct mr_pnode **kids;
	size_t nkids;
};

struct mr_plan {
	struct mr_pnode *root;
	bool transparent;
	bool whole;                   /* `.` may be the event somewhere */
	unsigned uses;                /* MR_FN_... of the functions called */
	struct mr_scan *check;        /* for nothing: it validates */
	bool columnar;                /* filter.c can run it over many events at once */
	struct mr_steps *steps, *raw; /* to its output as JSON; raw: a string as its bytes */
	struct mr_pnode **all;        /* for their release */
	size_t nall;
	struct mr_ast **asts; /* of builtins defined in jq: constants are text of theirs */
	size_t nasts;
};

/* A plan at work on an event. */
struct mr_eval {
	const struct mr_plan *plan;
	struct mr_jq_run *run;
	const struct mr_event *event;
	const struct mr_value *dot; /* NULL: the event itself */
	struct mr_value *vars;      /* MR_PLAN_VARS */
};

/* What a node yields: 1 *out, 0 nothing, -1 *out is an error. */
int mr_plan_node(const struct mr_eval *, const struct mr_pnode *, struct mr_value *out);

/* Append it as JSON: 1; 0 there is none; -1 *out is an error; of these two something may be left in the buffer. */
int mr_plan_emit(const struct mr_eval *, const struct mr_pnode *, struct mr_buf *,
    struct mr_value *out);

/* The plan's steps to its output, for the life of its nodes; those of an event run, as mr_plan_emit(). */
struct mr_steps *mr_steps_new(const struct mr_pnode *root, bool raw);
void mr_steps_free(struct mr_steps *);
int mr_steps_run(const struct mr_steps *, const struct mr_eval *, struct mr_buf *,
    struct mr_value *out);

/* What arithmetic makes of short numbers: a double, and the decimal it should be, if that is known. */
struct mr_sum {
	double x;
	struct mr_decimal exact;
	bool known;
};

void mr_plan_note_sum(struct mr_pnode *); /* of a BINOP that is complete */

/* False: the numbers are not all short, or no numbers. */
bool mr_plan_sum(const struct mr_eval *, const struct mr_pnode *, struct mr_sum *out);

/* Write it at `to`, where MR_NUM_ROOM bytes are: behind it, or NULL for what is not of everyday size. */
char *mr_sum_put(char *to, const struct mr_sum *);

/* The same as a condition: 1 true, 0 false, 2 no output, -1 *out is an error. */
int mr_plan_truth(const struct mr_eval *, const struct mr_pnode *, struct mr_value *out);

/* Does an order of two values, as of memcmp(), satisfy the operator? */
static inline bool
mr_plan_holds(int op, int cmp)
{
	switch (op) {
	case MR_OP_EQ: return cmp == 0;
	case MR_OP_NE: return cmp != 0;
	case MR_OP_LT: return cmp < 0;
	case MR_OP_LE: return cmp <= 0;
	case MR_OP_GT: return cmp > 0;
	default: return cmp >= 0;
	}
}

bool mr_plan_columnar(const struct mr_pnode *);

bool mr_plan_simple(const char *at, size_t len);

/* A comparison in place with a value that is there. */
bool mr_plan_number_holds(const struct mr_pnode *, const struct mr_val *);

#endif
