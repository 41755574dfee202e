/*
 * math - builtins on numbers: the C library's functions under their names.
 *
 * What does not fit an integer argument becomes the least integer, which is
 * what jq gets from an x86-64 conversion; on other machines too.
 */
#include <limits.h>
#include <math.h>

#include "jq/fn/own.h"

static int
number_required(struct mr_value *args, int arity, int bad, struct mr_value *out)
{
	struct mr_value v = mr_value_copy(&args[bad]);

	mr_args_free(args, arity);
	return mr_value_fail1(out, v, "number required");
}

static int
apply1(double f(double), struct mr_value *args, struct mr_value *out)
{
	double x;

	if (args[0].type != MR_NUMBER)
		return number_required(args, 0, 0, out);
	x = mr_value_double(&args[0]);
	mr_value_free(args[0]);
	*out = mr_value_number(f(x));
	return 0;
}

static int
apply2(double f(double, double), struct mr_value *args, struct mr_value *out)
{
	double x, y;

	for (int i = 1; i <= 2; i++)
		if (args[i].type != MR_NUMBER)
			return number_required(args, 2, i, out);
	x = mr_value_double(&args[1]);
	y = mr_value_double(&args[2]);
	mr_args_free(args, 2);
	*out = mr_value_number(f(x, y));
	return 0;
}

static long
to_long(double x)
{
	return x >= (double)LONG_MIN && x < -(double)LONG_MIN ? (long)x : LONG_MIN;
}

static int
to_int(double x)
{
	return x > (double)INT_MIN - 1 && x < (double)INT_MAX + 1 ? (int)x : INT_MIN;
}

/* lgamma() itself leaves the sign in a global. */
static double
log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

static double
int_jn(double n, double x)
{
	return jn(to_int(n), x);
}

static double
int_yn(double n, double x)
{
	return yn(to_int(n), x);
}

static double
int_ldexp(double x, double n)
{
	return ldexp(x, to_int(n));
}

static double
long_scalbln(double x, double n)
{
	return scalbln(x, to_long(n));
}

static double
next_toward(double x, double y)
{
	return nexttoward(x, (long double)y);
}

#define ONE(name, f) \
	static int fn_##name(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out) \
	{ \
		(void)run; \
		return apply1(f, args, out); \
	}
#define TWO(name, f) \
	static int fn_##name(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out) \
	{ \
		(void)run; \
		return apply2(f, args, out); \
	}

/* clang-format off */
ONE(acos, acos) ONE(acosh, acosh) ONE(asin, asin) ONE(asinh, asinh) ONE(atan, atan)
ONE(atanh, atanh) ONE(cbrt, cbrt) ONE(ceil, ceil) ONE(cos, cos) ONE(cosh, cosh) ONE(erf, erf)
ONE(erfc, erfc) ONE(exp, exp) ONE(exp10, exp10) ONE(exp2, exp2) ONE(expm1, expm1)
ONE(fabs, fabs) ONE(floor, floor) ONE(j0, j0) ONE(j1, j1) ONE(log, log) ONE(log10, log10)
ONE(log1p, log1p) ONE(log2, log2) ONE(logb, logb) ONE(nearbyint, nearbyint) ONE(rint, rint)
ONE(round, round) ONE(significand, significand) ONE(sin, sin) ONE(sinh, sinh) ONE(sqrt, sqrt)
ONE(tan, tan) ONE(tanh, tanh) ONE(tgamma, tgamma) ONE(trunc, trunc) ONE(y0, y0) ONE(y1, y1)
ONE(gamma, log_gamma) ONE(lgamma, log_gamma) TWO(atan2, atan2) TWO(copysign, copysign)
TWO(drem, drem) TWO(fdim, fdim) TWO(fmax, fmax) TWO(fmin, fmin) TWO(fmod, fmod)
TWO(hypot, hypot) TWO(nextafter, nextafter) TWO(pow, pow) TWO(remainder, remainder)
TWO(scalb, scalb) TWO(jn, int_jn) TWO(yn, int_yn) TWO(ldexp, int_ldexp)
TWO(scalbln, long_scalbln) TWO(nexttoward, next_toward)
    /* clang-format on */

    static int pair(struct mr_value *args, double a, double b, struct mr_value *out)
{
	mr_value_free(args[0]);
	*out = mr_value_array(2);
	*out = mr_value_push(*out, mr_value_number(a));
	*out = mr_value_push(*out, mr_value_number(b));
	return 0;
}

static int
fn_frexp(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	int exponent = 0;
	double x;

	(void)run;
	if (args[0].type != MR_NUMBER)
		return number_required(args, 0, 0, out);
	x = frexp(mr_value_double(&args[0]), &exponent);
	return pair(args, x, exponent, out);
}

static int
fn_modf(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	double x, whole;

	(void)run;
	if (args[0].type != MR_NUMBER)
		return number_required(args, 0, 0, out);
	x = modf(mr_value_double(&args[0]), &whole);
	return pair(args, x, whole, out);
}

static int
fn_lgamma_r(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	int sign = 0;
	double x;

	(void)run;
	if (args[0].type != MR_NUMBER)
		return number_required(args, 0, 0, out);
	x = lgamma_r(mr_value_double(&args[0]), &sign);
	return pair(args, x, sign, out);
}

static int
fn_fma(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	double x;

	(void)run;
	for (int i = 1; i <= 3; i++)
		if (args[i].type != MR_NUMBER)
			return number_required(args, 3, i, out);
	x = fma(mr_value_double(&args[1]), mr_value_double(&args[2]), mr_value_double(&args[3]));
	mr_args_free(args, 3);
	*out = mr_value_number(x);
	return 0;
}

static int
give(struct mr_value *args, struct mr_value v, struct mr_value *out)
{
	mr_value_free(args[0]);
	*out = v;
	return 0;
}

static int
fn_infinite(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return give(args, mr_value_number(INFINITY), out);
}

static int
fn_nan(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	return give(args, mr_value_number(NAN), out);
}

static int
fn_isinfinite(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool yes = args[0].type == MR_NUMBER && isinf(mr_value_double(&args[0]));

	(void)run;
	return give(args, mr_value_bool(yes), out);
}

static int
fn_isnan(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool yes = args[0].type == MR_NUMBER && isnan(mr_value_double(&args[0]));

	(void)run;
	return give(args, mr_value_bool(yes), out);
}

static int
fn_isfinite(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool yes = args[0].type == MR_NUMBER && !isinf(mr_value_double(&args[0]));

	(void)run;
	return give(args, mr_value_bool(yes), out);
}

static int
fn_isnormal(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	bool yes = args[0].type == MR_NUMBER && isnormal(mr_value_double(&args[0]));

	(void)run;
	return give(args, mr_value_bool(yes), out);
}

static int
fn_tonumber(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	const char *at;
	size_t len;

	if (args[0].type == MR_NUMBER) {
		*out = args[0];
		return 0;
	}
	if (args[0].type != MR_STRING)
		return mr_value_fail1(out, args[0], "cannot be parsed as a number");
	at = mr_value_bytes(&args[0], &run->room, &len);
	*out = mr_value_literal(at, len);
	run->room.len = 0;
	if (out->type == MR_MISSING)
		return mr_value_fail1(out, args[0], "cannot be parsed as a number");
	mr_value_free(args[0]);
	return 0;
}

static int
fn_toboolean(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	const char *at;
	size_t len;

	if (args[0].type == MR_TRUE || args[0].type == MR_FALSE) {
		*out = args[0];
		return 0;
	}
	if (args[0].type != MR_STRING)
		return mr_value_fail1(out, args[0], "cannot be parsed as a boolean");
	at = mr_value_bytes(&args[0], &run->room, &len);
	if (len == 4 && memcmp(at, "true", 4) == 0)
		*out = mr_value_bool(true);
	else if (len == 5 && memcmp(at, "false", 5) == 0)
		*out = mr_value_bool(false);
	else
		return mr_value_fail1(out, args[0], "cannot be parsed as a boolean");
	mr_value_free(args[0]);
	return 0;
}

#define ROW(name, arity) \
	{ \
#name, arity, fn_##name, 0 \
	}

/* clang-format off */
const struct mr_jq_fn mr_jq_fn_math[] = {
	ROW(acos, 0), ROW(acosh, 0), ROW(asin, 0), ROW(asinh, 0), ROW(atan, 0), ROW(atanh, 0),
	ROW(cbrt, 0), ROW(ceil, 0), ROW(cos, 0), ROW(cosh, 0), ROW(erf, 0), ROW(erfc, 0),
	ROW(exp, 0), ROW(exp10, 0), ROW(exp2, 0), ROW(expm1, 0), ROW(fabs, 0), ROW(floor, 0),
	ROW(j0, 0), ROW(j1, 0), ROW(log, 0), ROW(log10, 0), ROW(log1p, 0), ROW(log2, 0),
	ROW(logb, 0), ROW(nearbyint, 0), ROW(rint, 0), ROW(round, 0), ROW(significand, 0),
	ROW(sin, 0), ROW(sinh, 0), ROW(sqrt, 0), ROW(tan, 0), ROW(tanh, 0), ROW(tgamma, 0),
	ROW(trunc, 0), ROW(y0, 0), ROW(y1, 0), ROW(gamma, 0), ROW(lgamma, 0), ROW(atan2, 2),
	ROW(copysign, 2), ROW(drem, 2), ROW(fdim, 2), ROW(fmax, 2), ROW(fmin, 2), ROW(fmod, 2),
	ROW(hypot, 2), ROW(nextafter, 2), ROW(pow, 2), ROW(remainder, 2), ROW(scalb, 2),
	ROW(jn, 2), ROW(yn, 2), ROW(ldexp, 2), ROW(scalbln, 2), ROW(nexttoward, 2),
	ROW(frexp, 0), ROW(modf, 0), ROW(lgamma_r, 0), ROW(fma, 3), ROW(infinite, 0),
	ROW(nan, 0), ROW(isinfinite, 0), ROW(isnan, 0), ROW(isfinite, 0), ROW(isnormal, 0), ROW(tonumber, 0), ROW(toboolean, 0),
	{NULL, 0, NULL, 0}
};
/* clang-format on */
