/*
 * Errors: what went wrong, in one line, and the exit status it stands for.
 *
 * A function that can fail takes a struct mr_err * last and returns -1 with
 * it set.  Only err.c and opt.c print.
 */
#ifndef MR_BASE_ERR_H
#define MR_BASE_ERR_H

#include <stdarg.h>

/* Exit statuses; mrun restarts on MR_EX_WORLD alone. */
enum mr_status {
	MR_EX_OK = 0,      /* all input read, all output acknowledged */
	MR_EX_NO = 1,      /* the answer is no */
	MR_EX_USAGE = 2,   /* wrong use: option, expression */
	MR_EX_DATA = 3,    /* the data was refused: a bad record */
	MR_EX_WORLD = 4,   /* file, disk, broker, database, stage upstream */
	MR_EX_REFUSED = 5, /* state and options differ, another run is active */
};

struct mr_err {
	enum mr_status status;
	int placed;     /* the text says where: it is not the record at hand */
	char text[768]; /* one line, no tool name, no newline */
};

#define MR_ERR_INIT \
	{ \
		MR_EX_OK, 0, "" \
	}

/* The only global: the name that messages begin with. */
extern const char *mr_progname;

/*
 * Set the error.  Returns -1 always, so that a caller writes
 * `return mr_err_set(err, MR_EX_DATA, "...")`.  Text is cut to fit; control
 * bytes are replaced when it is printed, not here.
 */
int mr_err_set(struct mr_err *err, enum mr_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(errno) behind it; status MR_EX_WORLD. */
int mr_err_sys(struct mr_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put a place or an action in front of the text: "PREFIX: text". */
int mr_err_prefix(struct mr_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Print one line `progname: text` on standard error with a single write(2)
 * of less than PIPE_BUF bytes; control bytes become '?'.
 */
void mr_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
