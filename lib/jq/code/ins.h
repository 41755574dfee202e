/*
 * Instructions.  For the compiler (lib/jq/code) and the machine (lib/jq/vm) alone.
 *
 * A procedure has a frame of slots, and each place in the code that makes a
 * value has its own slot for it.  Code only runs forward: what was made before
 * a fork point is still in its slot when the machine comes back to the fork
 * point, because nothing made it anew since.  So backtracking restores no
 * values, and loops (reduce, .[]) are fork points that come back.
 *
 * An operand is a slot, or a constant (MR_CONST set).  Whether an instruction
 * takes the value out of a slot (the last use) or copies it was decided by the
 * compiler: only when no fork point can have come up since it was made.
 */
#ifndef MR_JQ_CODE_INS_H
#define MR_JQ_CODE_INS_H

#include "jq/code/code.h"
#include "jq/fn/fn.h"

#define MR_CONST 0x8000
#define MR_NO_LEVEL UINT16_MAX /* no frame around: a builtin's procedure */

enum mr_opcode {
	MR_I_NOP,
	MR_I_MOVE,      /* a = b */
	MR_I_TAKE_NULL, /* a = b, b = null */
	MR_I_CONST,     /* a = constant d */
	MR_I_OUTER,     /* a = slot b of the frame c levels out */
	MR_I_ENV,       /* a = $ENV */
	MR_I_ARGS,      /* a = $ARGS */
	MR_I_NULLS,     /* slots a .. a+b-1 = null */

	MR_I_INDEX_KEY,  /* a = b[key d] */
	MR_I_INDEX,      /* a = b[c] */
	MR_I_SLICE,      /* a = b[c:e] */
	MR_I_EACH,       /* a = each of b; c: slot that holds it, d: iterator */
	MR_I_INDEX_PATH, /* INDEX, SLICE, EACH where paths may be tracked */
	MR_I_SLICE_PATH,
	MR_I_EACH_PATH,
	MR_I_RANGE, /* a = each from b to c; d: slot of the counter, e: of the limit */

	MR_I_ADD, /* a = b + c */
	MR_I_SUB,
	MR_I_MUL,
	MR_I_DIV,
	MR_I_MOD,
	MR_I_NEG, /* a = -b */
	MR_I_EQ,  /* a = b == c; the order is that of enum mr_node_op */
	MR_I_NE,
	MR_I_LT,
	MR_I_LE,
	MR_I_GT,
	MR_I_GE,
	MR_I_JUMP_EQ, /* go d further if (b == c) is mode's SENSE */
	MR_I_JUMP_NE,
	MR_I_JUMP_LT,
	MR_I_JUMP_LE,
	MR_I_JUMP_GT,
	MR_I_JUMP_GE,
	MR_I_NOT,     /* a = b is null or false */
	MR_I_TRUTH,   /* a = b is neither */
	MR_I_JUMP,    /* go d further */
	MR_I_JUMP_IF, /* ... if b is true, or without SENSE, if it is not */

	MR_I_ARRAY,     /* a = [] */
	MR_I_APPEND,    /* a += [b] */
	MR_I_OBJECT,    /* a = object of the operands in list d: key, value ... */
	MR_I_CHECK_KEY, /* b must be a string */
	MR_I_CONCAT,    /* a = texts of the operands in list d */
	MR_I_FORMAT,    /* a = b in format d */

	MR_I_FORK, /* when backtracked to, go d further */
	MR_I_BACKTRACK,
	MR_I_TRY,      /* when an error comes: into slot a, and go d further; b: slot of the mark */
	MR_I_TRY_DONE, /* the body has a value: errors from now on are not its own; b: the mark */
	MR_I_ALT,      /* when an error comes, go d further */
	MR_I_LABEL,    /* a = its number; `break` comes back here and backtracks */
	MR_I_BREAK,    /* to the label in slot b, c levels out */
	MR_I_MARK,     /* a = how many fork points there are */
	MR_I_CUT,      /* back to as many as b says */
	MR_I_COUNT,    /* a = a - 1; while it is positive, go d further */
	MR_I_RAISE,    /* b is the error */

	MR_I_PATH,      /* begin to track paths at b */
	MR_I_PATH_DONE, /* a = path of b */
	MR_I_OFF_PATH,  /* jq steps out of [b, c] here, and that is on no path */
	MR_I_GET_PATH,  /* a = getpath(c) of b; with TAKE_B b has null there then */
	MR_I_SET_PATH,  /* a = setpath(c; e) of b */
	MR_I_DEL_PATHS, /* a = delpaths(c) of b */

	MR_I_NATIVE, /* a = function e of the operands in list d: the input, then the arguments */
	MR_I_GETPATH_PATH, /* getpath(c) of b where paths may be tracked */
	MR_I_CALL,         /* a = procedure or closure argument of b, see call d */
	MR_I_RET           /* b is the value */
};

enum { /* mr_ins.mode */
	MR_M_TAKE_B = 1,
	MR_M_TAKE_C = 2,
	MR_M_TAKE_E = 4,
	MR_M_OPT = 8, /* an error is no output */
	MR_M_SENSE = 16,
	MR_M_NO_PATH = 32,  /* the call does not track paths */
	MR_M_TAIL = 64,     /* nothing is left to do behind the call */
	MR_M_READS = 256,   /* asks for an event: to be stopped at while there is none */
	MR_M_UNFORKED = 128 /* drop the fork point at once: the body left none of its own */
};

struct mr_ins {
	uint16_t op, mode;
	uint16_t a, b, c;
	uint16_t e;
	int32_t d;
};

struct mr_operand {
	uint16_t at;
	bool take;
};

struct mr_list { /* of operands, in mr_code.operands */
	uint32_t from, n;
};

struct mr_closure_ref {
	bool argument;  /* one of the caller's own arguments, or code with a frame */
	uint16_t level; /* how far out the frame is */
	uint32_t index; /* of the argument or procedure */
};

struct mr_call {
	struct mr_closure_ref to;
	uint32_t from, n; /* closures handed over, in mr_code.refs */
};

struct mr_procedure {
	const char *name;
	uint32_t entry, slots, iters, closures;
};

struct mr_key {
	const char *at; /* of a constant string */
	uint32_t len;
	uint32_t constant;
};

struct mr_code {
	unsigned uses; /* MR_FN_... of natives */
	struct mr_ins *ins;
	size_t nins;
	struct mr_value *constants; /* texts in arena, plain ones, and vars */
	size_t nconstants;
	struct mr_operand *operands;
	struct mr_list *lists;
	struct mr_call *calls;
	struct mr_closure_ref *refs;
	struct mr_procedure *procedures; /* [0]: the program */
	size_t nprocedures;
	struct mr_key *keys;
	const struct mr_jq_fn **natives;
	const char **formats; /* in arena */
	size_t noperands, nlists, ncalls, nrefs, nkeys, nnatives, nformats;
	struct mr_code_chunk *arena;
};

#endif
