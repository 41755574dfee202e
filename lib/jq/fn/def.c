/*
 * def - the builtins that are defined in jq's own language.
 *
 * Those here either work on paths (what they give can be assigned to), run
 * their argument more often than once, or give several outputs; the loops in
 * them that need none of that are functions in C, their names begin with '_'.
 * `limit`, `first` and their like stop their argument as soon as they can.
 */
#include "jq/fn/own.h"

#define SORTS(name) "def " name "(f): _" name "(map([f]));"

/* clang-format off */
const struct mr_jq_def mr_jq_defs[] = {
	/* selection and paths */
	{"map", 1, "def map(f): [.[] | f];"},
	{"select", 1, "def select(f): if f then . else empty end;"},
	{"map_values", 1, "def map_values(f): .[] |= f;"},
	{"recurse", 0, "def recurse: recurse(.[]?);"},
	{"recurse", 1, "def recurse(f): def all: ., (f | all); all;"},
	{"recurse", 2, "def recurse(f; cond): def all: ., (f | select(cond) | all); all;"},
	{"walk", 1,
	    "def walk(f): def inner:"
	    " if type == \"object\" then map_values(inner) elif type == \"array\" then map(inner) else . end | f;"
	    " inner;"},
	{"del", 1, "def del(f): delpaths([path(f)]);"},
	{"paths", 0, "def paths: path(recurse) | select(length > 0);"},
	{"paths", 1, "def paths(cond): path(recurse | select(cond)) | select(length > 0);"},
	{"leaf_paths", 0, "def leaf_paths: paths(scalars);"},
	{"pick", 1,
	    "def pick(f): . as $from | reduce path(f) as $p (null; setpath($p; $from | getpath($p)));"},
	{"with_entries", 1, "def with_entries(f): to_entries | map(f) | from_entries;"},
	{"first", 0, "def first: .[0];"},
	{"last", 0, "def last: .[-1];"},
	{"nth", 1, "def nth($n): .[$n];"},

	/* by type */
	{"values", 0, "def values: select(. != null);"},
	{"nulls", 0, "def nulls: select(. == null);"},
	{"booleans", 0, "def booleans: select(type == \"boolean\");"},
	{"numbers", 0, "def numbers: select(type == \"number\");"},
	{"strings", 0, "def strings: select(type == \"string\");"},
	{"arrays", 0, "def arrays: select(type == \"array\");"},
	{"objects", 0, "def objects: select(type == \"object\");"},
	{"iterables", 0, "def iterables: select(type | . == \"array\" or . == \"object\");"},
	{"scalars", 0, "def scalars: select(type | . != \"array\" and . != \"object\");"},
	{"finites", 0, "def finites: select(isfinite);"},
	{"normals", 0, "def normals: select(isnormal);"},
	{"abs", 0, "def abs: if . < 0 then -. else . end;"},

	/* order */
	{"sort_by", 1, SORTS("sort_by")},
	{"group_by", 1, SORTS("group_by")},
	{"unique_by", 1, SORTS("unique_by")},
	{"min_by", 1, SORTS("min_by")},
	{"max_by", 1, SORTS("max_by")},
	{"add", 1, "def add(f): reduce f as $x (null; . + $x);"},
	{"in", 1, "def in(f): . as $x | f | has($x);"},
	{"inside", 1, "def inside(f): . as $x | f | contains($x);"},
	{"transpose", 0,
	    "def transpose: [range(0; map(length) | max // 0) as $i | [.[][$i]]];"},
	{"combinations", 0,
	    "def combinations: if length == 0 then [] else"
	    " .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;"},
	{"combinations", 1, "def combinations(n): . as $of | [range(n) | $of] | combinations;"},

	/* generators */
	{"range", 1, "def range($upto): range(0; $upto);"},
	{"range", 3,
	    "def range($from; $upto; $by):"
	    " if $by > 0 then $from | while(. < $upto; . + $by)"
	    " elif $by < 0 then $from | while(. > $upto; . + $by) else empty end;"},
	{"while", 2,
	    "def while(cond; f): def more: if cond then ., (f | more) else empty end; more;"},
	{"until", 2, "def until(cond; f): def more: if cond then . else f | more end; more;"},
	{"repeat", 1, "def repeat(f): range(0; infinite) as $time | f;"},
	{"first", 1, "def first(f): label $done | f | ., break $done;"},
	{"last", 1,
	    "def last(f): reduce f as $x ([]; [$x]) | .[];"},
	{"isempty", 1, "def isempty(f): label $done | (f | false, break $done), true;"},
	{"limit", 2,
	    "def limit($n; f):"
	    " if $n > 0 then"
	    " label $done | foreach f as $x ($n; . - 1; $x, if . <= 0 then break $done else empty end)"
	    " elif $n == 0 then empty"
	    " else error(\"limit doesn't support negative count\") end;"},
	{"skip", 2,
	    "def skip($n; f):"
	    " if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end)"
	    " elif $n == 0 then f"
	    " else error(\"skip doesn't support negative count\") end;"},
	{"nth", 2,
	    "def nth($n; f):"
	    " if $n < 0 then error(\"nth doesn't support negative indices\") else first(skip($n; f)) end;"},
	{"any", 1, "def any(f): any(.[]; f);"},
	{"all", 1, "def all(f): all(.[]; f);"},
	{"any", 2, "def any(g; f): label $done | (g | f | select(.) | true, break $done), false;"},
	{"all", 2, "def all(g; f): label $done | (g | f | select(not) | false, break $done), true;"},
	{"IN", 1, "def IN(g): any(g == .; .);"},
	{"IN", 2, "def IN(f; g): any(f == g; .);"},
	{"INDEX", 1, "def INDEX(f): INDEX(.[]; f);"},
	{"INDEX", 2, "def INDEX(g; f): reduce g as $x ({}; .[$x | f | tostring] = $x);"},
	{"JOIN", 2, "def JOIN($index; f): [.[] | [., $index[f]]];"},
	{"JOIN", 3, "def JOIN($index; g; f): g | [., $index[f]];"},
	{"JOIN", 4, "def JOIN($index; g; f; joined): g | [., $index[f]] | joined;"},

	/* input and messages */
	{"inputs", 0,
	    "def inputs: label $done | repeat(try input catch if . == \"break\" then break $done else error end);"},
	{"debug", 1, "def debug(f): (f | debug | empty), .;"},
	{"halt_error", 0, "def halt_error: halt_error(5);"},

	/* text */
	{"match", 1, "def match($re): _match($re) | .[];"},
	{"match", 2, "def match(re; flags): _match(re; flags) | .[];"},
	{"capture", 1, "def capture($re): _capture($re) | .[];"},
	{"capture", 2, "def capture(re; flags): _capture(re; flags) | .[];"},
	{"scan", 1, "def scan($re): _scan($re; null) | .[];"},
	{"scan", 2, "def scan($re; $flags): _scan($re; $flags) | .[];"},
	{"splits", 1, "def splits($re): split($re; null) | .[];"},
	{"splits", 2, "def splits($re; $flags): split($re; $flags) | .[];"},
	{"sub", 2, "def sub($re; f): sub($re; f; \"\");"},
	{"sub", 3,
	    "def sub($re; f; $flags): . as $in | _edits($re; $flags) as [$edits, $rest]"
	    " | reduce $edits[] as [$gap, $names] ([]; _edit($gap; [$names | f]))"
	    " | if . == [] then $in else .[] + $rest end;"},
	{"gsub", 2, "def gsub($re; f): sub($re; f; \"g\");"},
	{"gsub", 3, "def gsub($re; f; flags): sub($re; f; flags + \"g\");"},

	/* streams of [path, leaf] */
	{"tostream", 0,
	    "def tostream: path(def leaves: (.[]? | leaves), .; leaves) as $p | getpath($p)"
	    " | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);"},
	{"fromstream", 1,
	    "def fromstream(f): foreach f as $e ({x: null, e: true};"
	    " (if .e then {x: null, e: false} else . end)"
	    " | if ($e | length) == 2 then .e = ($e[0] | length == 0) | setpath([\"x\"] + $e[0]; $e[1])"
	    " else .e = ($e[0] | length == 1) end;"
	    " if .e then .x else empty end);"},
	{"truncate_stream", 1,
	    "def truncate_stream(f): . as $n | null | f | . as $i"
	    " | if (.[0] | length) > $n then setpath([0]; $i[0][$n:]) else empty end;"},

	/* time */
	{"fromdate", 0, "def fromdate: fromdateiso8601;"},
	{"todate", 0, "def todate: todateiso8601;"},
	{"date", 0, "def date: todate;"},
	{"dateadd", 2, "def dateadd(u; n): . + n;"},
	{"datesub", 2, "def datesub(u; n): . - n;"},
	{NULL, 0, NULL}
};
/* clang-format on */
