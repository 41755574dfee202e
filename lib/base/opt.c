/*
 * opt - getopt_long with one way to say what is wrong.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"

static const struct option standard[] = {
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
};

static size_t
count(const struct option *longs)
{
	size_t n = 0;

	while (longs && longs[n].name)
		n++;
	return n;
}

void
mr_opt_init(struct mr_opt *o, int argc, char **argv, const char *help, const char *letters,
    const struct option *longs, const struct mr_opt_set *more)
{
	size_t own = count(longs), shared = more ? count(more->longs) : 0;
	size_t std = sizeof standard / sizeof *standard;

	memset(o, 0, sizeof *o);
	o->argc = argc;
	o->argv = argv;
	o->help = help;
	o->letters = letters;
	o->longs = longs;
	if (more)
		o->more = *more;
	o->joined = mr_xcalloc(own + shared + std + 1, sizeof *o->joined);
	if (own)
		memcpy(o->joined, longs, own * sizeof *longs);
	if (shared)
		memcpy(o->joined + own, more->longs, shared * sizeof *longs);
	memcpy(o->joined + own + shared, standard, sizeof standard);
	o->short_joined = mr_xmalloc(strlen(letters) + sizeof "+:hV");
	sprintf(o->short_joined, "+:%shV", letters);
	opterr = 0;
#ifdef __GLIBC__
	optind = 0; /* forget the permutation of an earlier scan */
#else
	optind = 1;
#endif
}

/* Standard output is the only place they go to, and a full disk is no success. */
static void
print_and_exit(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0) {
		mr_say("cannot write standard output: %s", strerror(errno));
		exit(MR_EX_WORLD);
	}
	exit(MR_EX_OK);
}

/* The word of argv that getopt stumbled over. */
static int
mistake(const struct mr_opt *o, bool argument, struct mr_err *err)
{
	const char *word = o->argv[optind - 1];
	const char *why = argument ? "needs an argument" : "is not known";
	char letter[3] = {'-', (char)optopt, '\0'};

	if (strncmp(word, "--", 2) != 0 && optopt > 0 && optopt < 256)
		word = letter;
	else if (!argument && optopt != 0)
		why = "takes no argument";
	if (word == letter && !isalpha((unsigned char)letter[1]))
		why = "is not known: what is no option goes behind --";
	return mr_err_set(err, MR_EX_USAGE, "option '%.*s' %s; see %s --help",
	    (int)strcspn(word, "="), word, why, mr_progname);
}

/*
 * In POSIX order an option behind an operand is an operand.  Who types one expects otherwise: it
 * is refused, unless `--` says that it is meant.
 */
static int
end_of_options(const struct mr_opt *o, struct mr_err *err)
{
	if (optind > 1 && strcmp(o->argv[optind - 1], "--") == 0)
		return 0;
	for (int i = optind; i < o->argc; i++)
		if (o->argv[i][0] == '-' && o->argv[i][1])
			return mr_err_set(err, MR_EX_USAGE,
			    "'%s' stands behind '%s': options come "
			    "first; see %s --help",
			    o->argv[i], o->argv[optind], mr_progname);
	return 0;
}

int
mr_opt_next(struct mr_opt *o, struct mr_err *err)
{
	for (;;) {
		int c = getopt_long(o->argc, o->argv, o->short_joined, o->joined, NULL);

		o->arg = optarg;
		switch (c) {
		case -1: return end_of_options(o, err);
		case ':': return mistake(o, true, err);
		case '?': return mistake(o, false, err);
		case 'h': print_and_exit(o->help); break;
		case 'V': {
			char line[128];

			snprintf(line, sizeof line, "%s (millrace) " MR_VERSION "\n", mr_progname);
			print_and_exit(line);
			break;
		}
		default:
			if (c < 1000 || !o->more.take)
				return c;
			if (o->more.take(o->more.self, c, optarg, err) < 0)
				return -1;
		}
	}
}

char **
mr_opt_operands(const struct mr_opt *o, size_t *n)
{
	*n = (size_t)(o->argc - optind);
	return o->argv + optind;
}

const char *
mr_opt_operand(struct mr_opt *o, const char *name, struct mr_err *err)
{
	if (optind >= o->argc) {
		mr_err_set(err, MR_EX_USAGE, "no %s given; see %s --help", name, mr_progname);
		return NULL;
	}
	return o->argv[optind++];
}

void
mr_opt_release(struct mr_opt *o)
{
	free(o->joined);
	free(o->short_joined);
	o->joined = NULL;
	o->short_joined = NULL;
}

int
mr_size_parse(const char *text, size_t *bytes, struct mr_err *err)
{
	static const char units[] = "KMGT";
	unsigned long long n;
	const char *unit;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (end == text || errno || *text < '0' || *text > '9')
		goto bad;
	if (*end) {
		if (!(unit = strchr(units, *end)))
			goto bad;
		for (const char *u = units; u <= unit; u++) {
			unsigned long long step = end[1] == 'B' ? 1000 : 1024;

			if (n > SIZE_MAX / step)
				goto bad;
			n *= step;
		}
		end += end[1] == 'B' ? 2 : 1;
	}
	if (*end || n > SIZE_MAX / 2)
		goto bad;
	*bytes = (size_t)n;
	return 0;
bad:
	return mr_err_set(err, MR_EX_USAGE, "'%s' is not a size, such as 500000, 64K, 10M or 2GB",
	    text);
}

int
mr_int_parse(const char *what, const char *text, int64_t min, int64_t max, int64_t *n,
    struct mr_err *err)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || (*text != '-' && (*text < '0' || *text > '9')) ||
	    value < min || value > max)
		return mr_err_set(err, MR_EX_USAGE,
		    "%s '%s' is not a whole number from %lld to %lld", what, text, (long long)min,
		    (long long)max);
	*n = value;
	return 0;
}
