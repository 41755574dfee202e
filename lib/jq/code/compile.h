/*
 * What the compiler's files share.  For lib/jq/code alone.
 *
 * Calls are inlined: a builtin defined in jq, or a function of the program, is
 * compiled where it is called, its closure arguments where it calls them.
 * What calls itself, and everything once the program has become large, is a
 * procedure with a frame of its own.
 */
#ifndef MR_JQ_CODE_COMPILE_H
#define MR_JQ_CODE_COMPILE_H

#include "jq/code/ins.h"

/* Where a value is.  dead: nobody needs it behind the next use. */
struct mr_opnd {
	uint16_t at; /* slot, or constant with MR_CONST */
	bool dead;
	bool never;    /* control does not come here: what was compiled has no output */
	uint32_t born; /* the epoch then */
};

struct mr_label { /* jumps to one place, which is not known yet: a chain through their d */
	int32_t head;
};
#define MR_LABEL_INIT ((struct mr_label){-1})

/* A procedure being compiled. */
struct mr_proc {
	struct mr_proc *up; /* the one whose variables it sees; NULL: none */
	uint32_t index;
	struct mr_ins *ins;
	size_t n, room;
	uint32_t next, slots; /* next free slot; how many at most */
	uint32_t iters;
	/*
	 * While the epoch is the same, no fork point has been left behind: a value
	 * made in it may be taken out of its slot.
	 */
	uint32_t epoch, last_epoch;
	struct mr_label nowhere; /* jumps that backtrack */
	uint32_t alternatives;   /* counts ?// */
	uint32_t empties;        /* counts the places where there may be no output */
};

enum mr_scope_kind {
	MR_S_VAR,   /* slot of owner, or a constant */
	MR_S_FUNC,  /* node: its DEF */
	MR_S_ARG,   /* a closure known here: node, seen from env */
	MR_S_PARAM, /* a closure known when it runs: index in owner's frame */
	MR_S_LABEL  /* slot of owner */
};

struct mr_scope {
	struct mr_scope *up;
	enum mr_scope_kind kind;
	const char *name;
	size_t arity;
	struct mr_proc *owner;
	const struct mr_node *node;
	struct mr_scope *env;
	uint16_t at;
	uint32_t index;
	int32_t procedure;            /* of a FUNC or ARG, -1: not compiled as one */
	bool builtin;                 /* it stands in a builtin's text */
	struct mr_inlining *inlining; /* ARG: what was being inlined where it stands */
};

struct mr_inlining { /* a function in whose inlined body we are, and those around it */
	struct mr_inlining *up;
	const struct mr_scope *func;
};

/* What surrounds the node to compile. */
struct mr_where {
	struct mr_scope *scope;
	struct mr_opnd in;
	int dest;  /* the slot to put the value in; -1: anywhere */
	bool path; /* paths may be tracked */
	bool tail; /* the value is the procedure's */
};

struct mr_work {
	struct mr_work *next;
	struct mr_proc *proc;
	const struct mr_node *node;
	struct mr_scope *scope;
	bool params; /* node is a DEF: its params are arguments of the frame */
	bool builtin;
};

struct mr_comp {
	const struct mr_ast *ast;
	const struct mr_value *vars;
	bool *foreign;
	struct mr_err *err;
	bool failed;
	bool builtin; /* what is being compiled is a builtin's text: places in it mean nothing */
	struct mr_code *code;
	struct mr_proc *cur;
	struct mr_proc **procs;
	struct mr_work *work, **work_end;
	unsigned depth;
	size_t emitted;
	struct mr_inlining *inlining;
	struct mr_code_chunk *arena; /* scopes and the like: gone with the compiler */
	struct mr_scope *builtins;   /* definitions asked for so far */
	struct mr_ast **asts;
	size_t nasts;
};

/* -- compile.c -- */
struct mr_opnd mr_comp(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_value(struct mr_comp *, const struct mr_node *,
    const struct mr_where *); /* off the path, the input is kept */
struct mr_opnd mr_comp_last(struct mr_comp *, const struct mr_node *,
    const struct mr_where *);                          /* the same as the last use of the input */
void mr_comp_spare(struct mr_where *, struct mr_opnd); /* the input is an operand not used yet */
void mr_comp_cond(struct mr_comp *, const struct mr_node *, const struct mr_where *, bool sense,
    struct mr_label *); /* jump if it is `sense` */

/* -- make.c -- */
struct mr_opnd mr_comp_array(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_object(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_string(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_format(struct mr_comp *, const struct mr_node *, struct mr_where);

/* -- fold.c: loops and bindings -- */
struct mr_opnd mr_comp_as(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_reduce(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_foreach(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_assign(struct mr_comp *, const struct mr_node *, struct mr_where);
/* A name for a value: it is in w->scope then. */
void mr_comp_bind(struct mr_comp *, const char *name, struct mr_opnd, struct mr_where *);

/* -- call.c -- */
struct mr_opnd mr_comp_call(struct mr_comp *, const struct mr_node *, struct mr_where);
struct mr_opnd mr_comp_builtin(struct mr_comp *, const char *name, struct mr_where);
bool mr_comp_is(struct mr_comp *, const struct mr_node *, struct mr_scope *, const char *name);
void mr_comp_work(struct mr_comp *); /* compile the procedures asked for */
struct mr_proc *mr_proc_new(struct mr_comp *, struct mr_proc *up, const char *name);
uint16_t mr_comp_level(struct mr_comp *, const struct mr_proc *owner);
struct mr_scope *mr_scope_new(struct mr_comp *, struct mr_scope *up, enum mr_scope_kind,
    const char *name);

/* -- builtin.c: builtins that are instructions, and functions in C -- */
typedef struct mr_opnd mr_comp_intrinsic(struct mr_comp *, const struct mr_node *, struct mr_where);
mr_comp_intrinsic *mr_comp_intrinsic_of(const struct mr_node *call); /* NULL: it is none */
struct mr_opnd mr_comp_native(struct mr_comp *, const struct mr_jq_fn *, const struct mr_node *,
    struct mr_where);

/* -- emit.c -- */
void *mr_code_alloc(struct mr_code_chunk **, size_t size);
void mr_code_drop(struct mr_code_chunk *);
size_t mr_emit(struct mr_comp *, enum mr_opcode, unsigned mode, uint16_t a, uint16_t b, uint16_t c);
struct mr_ins *mr_last(struct mr_comp *); /* the instruction emitted last */
uint16_t mr_slot(struct mr_comp *);
uint16_t mr_dest(struct mr_comp *, const struct mr_where *); /* the one wanted, or a new one */
struct mr_opnd mr_fresh(struct mr_comp *, uint16_t slot);    /* made just now */
struct mr_opnd mr_kept(struct mr_opnd);                      /* somebody else needs it still */
bool mr_takes(struct mr_comp *, struct mr_opnd);
struct mr_opnd mr_deliver(struct mr_comp *, struct mr_opnd, const struct mr_where *);
struct mr_opnd mr_constant(struct mr_comp *, const struct mr_value *);
struct mr_opnd mr_constant_string(struct mr_comp *, const char *);
int32_t mr_key(struct mr_comp *, struct mr_opnd constant);
int32_t mr_operands(struct mr_comp *, const struct mr_opnd *, size_t n);
void mr_jump(struct mr_comp *, size_t at, struct mr_label *); /* ins[at] goes there */
void mr_here(struct mr_comp *, struct mr_label *);
void mr_fork_epoch(struct mr_comp *); /* a fork point stays */
void mr_join_epoch(struct mr_comp *, uint32_t before, uint32_t a, uint32_t b);
struct mr_opnd mr_comp_fail(struct mr_comp *, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void *mr_code_more(void *at, size_t n, size_t size); /* room for one more in a table of n */

static inline bool
mr_opnd_constant(struct mr_opnd o)
{
	return o.at & MR_CONST;
}

#endif
