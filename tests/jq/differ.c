/*
 * differ - run random programs over random inputs on our engine and on jq
 * 1.8.2's library, in one process, and compare what comes out, byte by byte.
 *
 * A difference is made as small as it gets and printed.  The random numbers of
 * a program are those of the seed and of its own number, so that a run can be
 * taken up anywhere.  Differences that are meant are told by narrow rules:
 * explain.c.  The work is done by a child, for both engines may crash; another
 * one then goes on behind the program that did it.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "explain.h"
#include "gen.h"
#include "ours.h"
#include "theirs.h"

enum { MOST = 40 /* outputs of a run that are compared */ };

enum verdict { SAME, EXPLAINED, DIFFERENT, LEFT, NO_PROGRAM, NO_INPUT };

/* In memory that the children share. */
struct counts {
	uint64_t next; /* program */
	uint64_t pairs, programs, refused, left, planned, failed, gave_up, explained[EXPLANATIONS];
	int differences;
};

struct differ {
	struct gen *gen;
	struct mr_buf program, input; /* texts; those of the pair at hand */
	struct gen_node *program_tree, *input_tree;
	struct ours *ours;
	struct theirs *theirs;
	struct mr_buf spelled;         /* the input with jq's spelling of numbers */
	struct mr_buf our, their, why; /* what came out */
	enum way way;                  /* where it differed */
	const char *reason;            /* why a difference is meant, or a program left */
	bool left;
	struct counts *counts;
};

/* What a crash is told with; there is one differ in a process. */
static struct differ *at_hand;
static const char *volatile engine; /* what runs; NULL: ourselves */
static bool engine_is_theirs;

enum { THEIR_END = 10, OUR_END };

static void
on_crash(int signo)
{
	struct differ *d = at_hand;
	const char *what = signo == SIGVTALRM ? "takes too long" :
	    signo == 0                        ? "ends the process" :
						"crashes";
	char line[256];
	int n = snprintf(line, sizeof line,
	    "%s %s (signal %d)\n  program: ", engine ? engine : "differ", what, signo);

	/* jq has its own: out of memory, assertions.  They are counted, no more. */
	if (engine && engine_is_theirs)
		_exit(THEIR_END);
	if (write(1, line, (size_t)n) < 0 || write(1, d->program.at, d->program.len) < 0 ||
	    write(1, "\n  input:   ", 12) < 0 || write(1, d->input.at, d->input.len) < 0 ||
	    write(1, "\n", 1) < 0)
		_exit(OUR_END);
	_exit(OUR_END);
}

static void
on_exit_within(void)
{
	if (engine)
		on_crash(0);
}

static void
catch_crashes(struct differ *d)
{
	static char stack[65536]; /* a deep recursion leaves none */
	stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction act = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
	struct rlimit memory = {4000000000u, 4000000000u};

	at_hand = d;
	sigaltstack(&alternative, NULL);
	sigaction(SIGVTALRM, &act, NULL);
	sigaction(SIGABRT, &act, NULL);
	atexit(on_exit_within);
#ifndef __SANITIZE_ADDRESS__
	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
	sigaction(SIGFPE, &act, NULL);
	setrlimit(RLIMIT_AS, &memory);
#else
	(void)memory;
#endif
}

/* Of the processor's time, whatever else it does; 0: none. */
static void
time_limit(int seconds)
{
	struct itimerval timer = {.it_value.tv_sec = seconds};

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

/* Each has its own time: a program on which jq takes nearly all of its seconds may take ours as many. */
static void
enter(const char *name, bool theirs)
{
	time_limit(theirs ? 5 : 10);
	engine_is_theirs = theirs;
	engine = name;
}

static void
leave(void)
{
	engine = NULL;
	time_limit(0);
}

/* -- one program, one pair -- */
static void
let_go(struct differ *d)
{
	ours_free(d->ours);
	theirs_free(d->theirs);
	d->ours = NULL;
	d->theirs = NULL;
}

static enum verdict
compile(struct differ *d)
{
	const char *text = mr_buf_str(&d->program);

	let_go(d);
	d->why.len = d->our.len = d->their.len = 0;
	enter("our compiler", false);
	d->ours = ours_new(text, &d->left, &d->why);
	enter("jq's compiler", true);
	d->theirs = theirs_new(text, &d->their);
	leave();
	if (d->ours && d->theirs)
		return SAME;
	if (!d->ours && d->left)
		return LEFT;
	if (!d->ours && !d->theirs)
		return NO_PROGRAM;
	d->way = WAY_TEXT;
	if (d->ours)
		mr_buf_adds(&d->our, "a program");
	else {
		mr_buf_printf(&d->our, "no program: %s", mr_buf_str(&d->why));
		mr_buf_adds(&d->their, "a program");
	}
	d->reason = explain(text, mr_buf_str(&d->our), mr_buf_str(&d->their));
	return d->reason ? NO_PROGRAM : DIFFERENT;
}

/* A program of ours that fails on an event has no other output: jq must have failed, too. */
static bool
same(const struct differ *d)
{
	if (d->way == WAY_PROG && d->our.len > 8 && memcmp(d->our.at, "failed: ", 8) == 0)
		return memmem(d->their.at, d->their.len, "error: ", 7) != NULL;
	return d->our.len == d->their.len &&
	    (!d->our.len || memcmp(d->our.at, d->their.at, d->our.len) == 0);
}

/* Is it one that jq may not have come to the end of?  A program of ours goes to its end. */
static bool
cut_off(const struct differ *d)
{
	int lines = 0;

	for (size_t i = 0; i < d->their.len; i++)
		lines += d->their.at[i] == '\n';
	return lines >= MOST;
}

static enum verdict
compare_on(struct differ *d, const char *input, size_t len)
{
	enum verdict verdict = SAME;

	d->their.len = 0;
	enter("jq", true);
	if (!theirs_run(d->theirs, input, len, MOST, &d->their))
		verdict = NO_INPUT;
	for (enum way way = 0; way < WAYS && (verdict == SAME || verdict == EXPLAINED); way++) {
		if (!ours_has(d->ours, way) || (way == WAY_PROG && cut_off(d)))
			continue;
		enter(way_names[way], false);
		d->our.len = 0;
		d->way = way;
		if (!ours_run(d->ours, way, input, len, MOST, &d->our))
			mr_buf_adds(&d->our, "no input");
		if (same(d))
			continue;
		d->reason = explain(mr_buf_str(&d->program), mr_buf_str(&d->our),
		    mr_buf_str(&d->their));
		verdict = d->reason ? EXPLAINED : DIFFERENT;
	}
	leave();
	return verdict;
}

/*
 * An untouched number keeps its spelling here, also within strings made of it
 * and in messages.  So what differs must be the same when the input has jq's
 * spelling of its numbers.
 */
static enum verdict
compare(struct differ *d)
{
	enum verdict verdict = compare_on(d, d->input.at, d->input.len);

	if (verdict != DIFFERENT)
		return verdict;
	d->spelled.len = 0;
	theirs_spell(d->input.at, d->input.len, &d->spelled);
	if (d->spelled.len == d->input.len && memcmp(d->spelled.at, d->input.at, d->input.len) == 0)
		return DIFFERENT;
	verdict = compare_on(d, d->spelled.at, d->spelled.len);
	if (verdict != SAME)
		return verdict;
	d->reason = explanations[0];
	return EXPLAINED;
}

/* -- making a difference smaller -- */
static void
print_trees(struct differ *d)
{
	d->program.len = d->input.len = 0;
	gen_print(d->program_tree, &d->program);
	gen_print(d->input_tree, &d->input);
}

static bool
still_different(void *self)
{
	struct differ *d = self;
	enum verdict verdict;

	print_trees(d);
	verdict = compile(d);
	if (verdict == SAME)
		verdict = compare(d);
	return verdict == DIFFERENT;
}

static void
print_lines(const char *name, const struct mr_buf *text)
{
	size_t len = text->len;

	while (len && text->at[len - 1] == '\n')
		len--;
	printf("  %-8s ", name);
	for (size_t i = 0; i < len && i < 4000; i++) {
		putchar(text->at[i]);
		if (text->at[i] == '\n')
			printf("           ");
	}
	putchar('\n');
}

static void
print_pair(const struct differ *d)
{
	print_lines("program:", &d->program);
	print_lines("input:", &d->input);
	print_lines("ours:", &d->our);
	print_lines("jq 1.8:", &d->their);
}

static void
report(struct differ *d, uint64_t number)
{
	gen_shrink(d->gen, d->program_tree, still_different, d, 1500);
	gen_shrink(d->gen, d->input_tree, still_different, d, 1500);
	gen_shrink(d->gen, d->program_tree, still_different, d, 500);
	still_different(d);
	d->counts->differences++;
	printf("difference %d, program %llu, %s\n", d->counts->differences,
	    (unsigned long long)number, way_names[d->way]);
	print_pair(d);
	fflush(stdout);
}

/* -- the run -- */
struct choice {
	uint64_t pairs, seed, first;
	int inputs, most;
	bool verbose;
	const char *program, *input, *list;
};

static bool
make_input(struct differ *d)
{
	d->input_tree = gen_make(d->gen, "event", NULL, 6);
	d->input.len = 0;
	gen_print(d->input_tree, &d->input);
	return d->input.len < 20000;
}

static void
one_program(struct differ *d, const struct choice *c, uint64_t number)
{
	struct counts *n = d->counts;
	enum verdict verdict;

	gen_seed(d->gen, c->seed * 0x9e3779b97f4a7c15u + number);
	d->program_tree = gen_make(d->gen, "PROG", "E", (int)gen_random(d->gen, 6));
	d->program.len = 0;
	gen_print(d->program_tree, &d->program);
	make_input(d);
	verdict = compile(d);
	n->programs++;
	if (verdict == DIFFERENT)
		report(d, number);
	if (verdict == LEFT && c->verbose)
		printf("left to libjq: %s\n  %s\n", mr_buf_str(&d->why), mr_buf_str(&d->program));
	n->left += verdict == LEFT;
	n->refused += verdict == NO_PROGRAM;
	n->planned += verdict == SAME && ours_has(d->ours, WAY_PLAN);
	for (int i = 0;
	     i < c->inputs && verdict != LEFT && verdict != NO_PROGRAM && verdict != DIFFERENT;
	     i++) {
		verdict = compare(d);
		n->pairs++;
		n->failed += strstr(mr_buf_str(&d->their), "error: ") != NULL;
		if (verdict == EXPLAINED)
			n->explained[explained_as(d->reason)]++;
		if (verdict == DIFFERENT)
			report(d, number);
		else
			make_input(d);
	}
}

static bool
more(const struct counts *n, const struct choice *c)
{
	return n->pairs < c->pairs && n->differences < c->most;
}

/* The part of a child: until all is done, or until something crashes. */
static void
work(struct differ *d, const struct choice *c, const char *grammar)
{
	d->gen = gen_new(grammar);
	while (more(d->counts, c))
		one_program(d, c, d->counts->next++);
	gen_free(d->gen);
}

static void
summary(const struct counts *n)
{
	printf("%llu pairs of %llu programs: %d differences", (unsigned long long)n->pairs,
	    (unsigned long long)n->programs, n->differences);
	for (int i = 0; i < EXPLANATIONS; i++)
		if (n->explained[i])
			printf(", %llu explained: %s", (unsigned long long)n->explained[i],
			    explanations[i]);
	printf(
	    "\n(%llu programs with a plan, %llu left to libjq, %llu that neither takes, %llu on which jq gives up; "
	    "%llu pairs ended in an error)\n",
	    (unsigned long long)n->planned, (unsigned long long)n->left,
	    (unsigned long long)n->refused, (unsigned long long)n->gave_up,
	    (unsigned long long)n->failed);
}

static void
release(struct differ *d)
{
	let_go(d);
	mr_buf_release(&d->program);
	mr_buf_release(&d->input);
	mr_buf_release(&d->spelled);
	mr_buf_release(&d->our);
	mr_buf_release(&d->their);
	mr_buf_release(&d->why);
}

/* Children, one behind the other. */
static int
run(struct differ *d, const struct choice *c, const char *grammar)
{
	struct counts *n = d->counts;
	int status;
	pid_t pid;

	printf("seed %llu\n", (unsigned long long)c->seed);
	n->next = c->first;
	do {
		fflush(stdout);
		if ((pid = fork()) == 0) {
			work(d, c, grammar);
			release(d);
			exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 4;
		if (WIFEXITED(status) && WEXITSTATUS(status) == THEIR_END)
			n->gave_up++;
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			printf("difference %d, program %llu: see above\n", ++n->differences,
			    (unsigned long long)n->next - 1);
		}
	} while (more(n, c));
	summary(n);
	return n->differences > 0;
}

/* One pair, given: what each way of ours makes of it, and jq. */
static int
show(struct differ *d, const char *program, const char *input)
{
	enum verdict verdict;

	mr_buf_adds(&d->program, program);
	mr_buf_adds(&d->input, input);
	verdict = compile(d);
	if (verdict != SAME) {
		printf("ours:   %s%s\n",
		    d->ours     ? "a program" :
			d->left ? "left to libjq: " :
				  "",
		    mr_buf_str(&d->why));
		printf("jq 1.8: %s\n", d->theirs ? "a program" : mr_buf_str(&d->their));
	} else {
		verdict = compare(d);
		print_lines("jq 1.8:", &d->their);
		for (enum way way = 0; way < WAYS; way++) {
			if (!ours_has(d->ours, way))
				continue;
			d->our.len = 0;
			ours_run(d->ours, way, d->input.at, d->input.len, MOST, &d->our);
			print_lines(way_names[way], &d->our);
		}
		if (verdict == EXPLAINED)
			printf("  explained: %s\n", d->reason);
	}
	return verdict == DIFFERENT;
}

/* A file of pairs, two lines each: what differed once. */
static int
run_list(struct differ *d, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int pairs = 0, bad = 0;

	if (!f) {
		perror(path);
		return 4;
	}
	while ((n = getline(&line, &cap, f)) > 0) {
		enum verdict verdict;

		if (line[n - 1] == '\n')
			n--;
		if (n == 0 || line[0] == '#')
			continue;
		d->program.len = d->input.len = 0;
		mr_buf_add(&d->program, line, (size_t)n);
		if ((n = getline(&line, &cap, f)) <= 0)
			break;
		mr_buf_add(&d->input, line, (size_t)n - (line[n - 1] == '\n'));
		pairs++;
		if ((verdict = compile(d)) == SAME)
			verdict = compare(d);
		if (verdict == SAME || verdict == EXPLAINED || verdict == NO_PROGRAM)
			continue;
		bad++;
		printf("%s, %s\n", verdict == DIFFERENT ? "difference" : "left to libjq",
		    way_names[d->way]);
		print_pair(d);
	}
	free(line);
	fclose(f);
	printf("%d pairs of %s: %d differences\n", pairs, path, bad);
	return bad > 0;
}

static const char usage[] =
    "usage: differ [--pairs N] [--seed N] [--first N] [--inputs N] [--most N] [-v] grammar\n"
    "       differ --program TEXT --input TEXT grammar\n"
    "       differ --list FILE grammar\n"
    "  --pairs N    so many of program and input (20000)\n"
    "  --seed N     of the random choices\n"
    "  --first N    begin with program N of the seed\n"
    "  --inputs N   of a program (10)\n"
    "  --most N     end after N differences (10)\n"
    "  -v           tell which programs are left to libjq\n";

static const struct option long_options[] = {{"pairs", required_argument, NULL, 'n'},
    {"seed", required_argument, NULL, 's'}, {"first", required_argument, NULL, 'f'},
    {"inputs", required_argument, NULL, 'k'}, {"most", required_argument, NULL, 'm'},
    {"program", required_argument, NULL, 'p'}, {"input", required_argument, NULL, 'i'},
    {"list", required_argument, NULL, 'l'}, {0}};

static void
parse_options(int argc, char *argv[], struct choice *c)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "v", long_options, NULL)) != -1)
		switch (opt) {
		case 'n': c->pairs = strtoull(optarg, NULL, 10); break;
		case 's': c->seed = strtoull(optarg, NULL, 10); break;
		case 'f': c->first = strtoull(optarg, NULL, 10); break;
		case 'k': c->inputs = atoi(optarg); break;
		case 'm': c->most = atoi(optarg); break;
		case 'p': c->program = optarg; break;
		case 'i': c->input = optarg; break;
		case 'l': c->list = optarg; break;
		case 'v': c->verbose = true; break;
		default: fputs(usage, stderr); exit(2);
		}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		exit(2);
	}
}

static char *nothing[] = {NULL};

int
main(int argc, char *argv[])
{
	struct choice c = {.pairs = 20000, .seed = 1, .inputs = 10, .most = 10, .input = "null"};
	struct differ d = {.way = WAY_TEXT};
	int status;

	parse_options(argc, argv, &c);
	environ = nothing; /* $ENV is {} to both */
	catch_crashes(&d);
	d.counts = mmap(NULL, sizeof *d.counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (d.counts == MAP_FAILED)
		return 4;
	status = c.list ? run_list(&d, c.list) :
	    c.program   ? show(&d, c.program, c.input) :
			  run(&d, &c, argv[optind]);
	release(&d);
	return status;
}
