/*
 * chart - a line chart in the terminal, of a value for each minute of a day.
 *
 * Usage: chart [--ascii] [--color] [--height ROWS] [--width COLUMNS] [title] <rows
 * A row is `LABEL<tab>VALUE`; the line goes through the mean of the rows that
 * share a column.  Braille gives each character two columns of four dots; in a
 * locale that is not UTF-8 a dot is an asterisk.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LABEL = 16, MAX_CELLS = 500, MAX_ROWS = 100 };

struct row {
	char label[LABEL];
	double value;
};

struct chart {
	struct row *rows;
	size_t n;
	bool ascii, color;
	int width, height; /* of the plot, in characters */
	int across, down;  /* dots in a character */
	int margin;        /* characters left of the axis */
	double step, top;  /* of the labels on the y axis */
	unsigned char dots[MAX_ROWS][MAX_CELLS];
};

static const char dim[] = "\033[2m", line_color[] = "\033[36m", plain[] = "\033[0m";

static void
paint(const struct chart *c, const char *how)
{
	if (c->color)
		fputs(how, stdout);
}

static int
read_rows(struct chart *c)
{
	size_t cap = 0;
	struct row row;

	while (scanf("%15[^\t]\t%lf\n", row.label, &row.value) == 2) {
		if (c->n == cap) {
			cap = cap ? cap * 2 : 2048;
			c->rows = realloc(c->rows, cap * sizeof *c->rows);
			if (!c->rows)
				return -1;
		}
		c->rows[c->n++] = row;
	}
	return feof(stdin) && c->n > 0 ? 0 : -1;
}

static double
mean(const struct chart *c, size_t from, size_t to)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += c->rows[i].value;
	return sum / (double)(to - from);
}

/* Mean of the rows under dot column x. */
static double
column(const struct chart *c, int x)
{
	size_t columns = (size_t)(c->width * c->across);
	size_t from = (size_t)x * c->n / columns, to = ((size_t)x + 1) * c->n / columns;

	return mean(c, from, to > from ? to : from + 1);
}

/* Steps of 1, 2 or 5 times a power of ten: at most five of them, and more than three. */
static void
scale(struct chart *c)
{
	double max = 0, unit, most;

	for (int x = 0; x < c->width * c->across; x++)
		if (column(c, x) > max)
			max = column(c, x);
	if (max <= 0)
		max = 1;
	unit = pow(10, floor(log10(max / 4)));
	most = max / unit / 5;
	c->step = unit * (most <= 1 ? 1 : most <= 2 ? 2 : most <= 5 ? 5 : 10);
	c->top = c->step * ceil(max / c->step);
}

static void
dot(struct chart *c, int x, int y)
{
	/* Braille numbers its dots 1-2-3-7 down the left and 4-5-6-8 down the right. */
	static const unsigned char braille[2][4] = {{1, 2, 4, 64}, {8, 16, 32, 128}};
	int cell = x / c->across, row = c->height - 1 - y / c->down;

	if (c->ascii)
		c->dots[row][cell] = 1;
	else
		c->dots[row][cell] |= braille[x % 2][3 - y % 4];
}

static int
height_of(const struct chart *c, double value)
{
	int most = c->height * c->down - 1;
	int y = (int)lround(value / c->top * most);

	return y < 0 ? 0 : y > most ? most : y;
}

/* One dot for each column, and those between it and its neighbour's height. */
static void
draw(struct chart *c)
{
	int last = height_of(c, column(c, 0));

	for (int x = 0; x < c->width * c->across; x++) {
		int y = height_of(c, column(c, x)), step = y > last ? 1 : -1;

		for (int between = last + (y != last) * step; between != y; between += step)
			dot(c, x, between);
		dot(c, x, y);
		last = y;
	}
}

static void
print_cell(const struct chart *c, unsigned char dots)
{
	if (c->ascii)
		putchar(dots ? '*' : ' ');
	else if (!dots)
		putchar(' ');
	else
		printf("\xe2%c%c", 0xa0 + (dots >> 6), 0x80 + (dots & 63));
}

static void
print_rows(const struct chart *c)
{
	int ticks = (int)lround(c->top / c->step);

	for (int row = 0; row < c->height; row++) {
		int label = -1;

		for (int t = 0; t <= ticks; t++)
			if (c->height - 1 - height_of(c, t * c->step) / c->down == row)
				label = t;
		paint(c, dim);
		if (label >= 0)
			printf("%*g %s", c->margin - 1, label * c->step, c->ascii ? "+" : "┤");
		else
			printf("%*s%s", c->margin, "", c->ascii ? "|" : "│");
		paint(c, plain);
		paint(c, line_color);
		for (int x = 0; x < c->width; x++)
			print_cell(c, c->dots[row][x]);
		paint(c, plain);
		putchar('\n');
	}
}

/* Label every so many hours that they stand at least nine characters apart. */
static size_t
label_step(const struct chart *c)
{
	static const size_t hours[] = {1, 2, 3, 4, 6, 12};
	size_t rows = 60;

	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
		rows = hours[i] * 60;
		if (rows * (size_t)c->width / c->n >= 9)
			break;
	}
	return rows;
}

static void
print_axis(const struct chart *c)
{
	size_t step = label_step(c);
	int at = 0;

	paint(c, dim);
	printf("%*s%s", c->margin, "", c->ascii ? "+" : "└");
	for (int x = 0; x < c->width; x++) {
		size_t from = (size_t)x * c->n / (size_t)c->width;
		size_t to = ((size_t)x + 1) * c->n / (size_t)c->width;
		bool tick = (from + step - 1) / step * step < to || from % step == 0;

		fputs(c->ascii ? (tick ? "+" : "-") : (tick ? "┬" : "─"), stdout);
	}
	printf("\n%*s", c->margin + 1, "");
	for (size_t i = 0; i < c->n; i += step) {
		int x = (int)(i * (size_t)c->width / c->n), len = (int)strlen(c->rows[i].label);

		if (i > 0)
			x -= len / 2;
		if (x < at || x + len > c->width)
			continue;
		printf("%*s%s", x - at, "", c->rows[i].label);
		at = x + len;
	}
	paint(c, plain);
	putchar('\n');
}

static int
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && atoi(columns) > 0 ? atoi(columns) : 80;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {{"ascii", 0, NULL, 'a'}, {"color", 0, NULL, 'c'},
	    {"height", 1, NULL, 'h'}, {"width", 1, NULL, 'w'}, {NULL, 0, NULL, 0}};
	static struct chart c;
	const char *no_color = getenv("NO_COLOR");
	int opt, width = terminal_width();

	setlocale(LC_CTYPE, "");
	c.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	c.color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	c.height = 12;
	while ((opt = getopt_long(argc, argv, "+", longs, NULL)) != -1)
		switch (opt) {
		case 'a': c.ascii = true; break;
		case 'c': c.color = true; break;
		case 'h': c.height = atoi(optarg); break;
		case 'w': width = atoi(optarg); break;
		default: return 2;
		}
	c.across = c.ascii ? 1 : 2;
	c.down = c.ascii ? 1 : 4;
	c.margin = 6;
	c.width = width - c.margin - 2;
	c.width = c.width < 10 ? 10 : c.width > MAX_CELLS ? MAX_CELLS : c.width;
	c.height = c.height < 3 ? 3 : c.height > MAX_ROWS ? MAX_ROWS : c.height;
	if (read_rows(&c) < 0) {
		fprintf(stderr, "chart: no rows of a label and a value\n");
		free(c.rows);
		return 3;
	}
	scale(&c);
	draw(&c);
	if (optind < argc)
		printf("%*s%s\n", c.margin + 1, "", argv[optind]);
	print_rows(&c);
	print_axis(&c);
	free(c.rows);
	return fflush(stdout) == 0 ? 0 : 4;
}
