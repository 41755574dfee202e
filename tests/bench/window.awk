# window.awk - what tests/bench/window measured, as -v form=text or md
#
# Rates are of the clock on the wall, or with -v clock=cpu of CPU seconds.
BEGIN {
	FS = "\t"
	split("rides keys hours", sets, " ")
	title["rides"] = "count, sum(.fare) by 264 zones"
	title["keys"] = "by so many keys, one window"
	title["hours"] = "windows of 1m, 10 keys"
	split("tumble tumble-none tumble-duckdb tumble-mlr tumble-flink hop hop-none hop-duckdb hop-flink " \
	    "session session-none session-duckdb session-flink keys-10 keys-100 keys-1000 keys-10000 keys-100000 " \
	    "keys-1000000 hours-1 hours-10 hours-100", order, " ")
}

$1 == "machine" || $1 == "versions" || $1 == "rounds" { info[$1] = $2 }
$1 == "fact" { fact[$2] = $3 }
$1 == "note" { notes[++nnotes] = $2 }
$1 == "label" { label[$3] = $4; set_of[$3] = $2 }
$1 == "median" {
	rate[$3] = $4 / 1e9 / (clock == "cpu" ? $6 : $5)
	seconds[$3] = clock == "cpu" ? $6 : $5
	bytes[$3] = $4
	per_cpu[$3] = $4 / 1e9 / ($6 > 0 ? $6 : 1e-6)
	part[$3] = $4 / 1e6
	seen[$2] = 1
}

END {
	requirements()
	if (form == "md")
		markdown()
	else
		text()
}

# Three digits that mean something.
function show(n)
{
	return sprintf(n < 0.0995 ? "%.3f" : n < 9.95 ? "%.2f" : n < 99.5 ? "%.1f" : "%.0f", n)
}

# How many times as fast a is as b.
function ratio(a, b)
{
	return a in rate && b in rate ? rate[a] / rate[b] : ""
}

function known(name)
{
	return name in fact ? fact[name] : ""
}

# Million events in a second.
function events(id)
{
	return rate[id] * 1000 / fact["line-" set_of[id]]
}

# Nanoseconds of an event whose pane is there.
function again(keys)
{
	return (seconds["twice-" keys] - seconds["keys-" keys]) * 1e9 / (bytes["keys-" keys] / fact["line-keys"])
}

# What it costs at most from 10 to so many keys, by the cheapest.
function again_spread(most,    n, cost, low, high)
{
	for (n = 10; n <= most; n *= 10) {
		if (!(("twice-" sprintf("%d", n)) in seconds))
			return ""
		cost = again(sprintf("%d", n))
		low = low == "" || cost < low ? cost : low
		high = cost > high ? cost : high
	}
	return high / low
}

# What the slowest of some rows costs, by the fastest.
function spread(pattern,    id, low, high)
{
	for (id in rate)
		if (id ~ pattern) {
			low = low == "" || rate[id] < low ? rate[id] : low
			high = rate[id] > high ? rate[id] : high
		}
	return low == "" ? "" : high / low
}

# need WHAT, MEASURED ("" when it was not), < or >, TARGET, UNIT
function need(what, value, sign, target, unit)
{
	nneeds++
	need_what[nneeds] = what
	need_target[nneeds] = (sign == ">" ? "at least " : "under ") target unit
	need_value[nneeds] = value == "" ? "not measured" : show(value) unit
	need_met[nneeds] = value == "" ? "" : (sign == ">" ? value >= target : value <= target) ? "met" : "NOT MET"
}

function requirements()
{
	need("tumble, beside DuckDB on one thread", ratio("tumble", "tumble-duckdb"), ">", 4, "x")
	need("tumble, beside Flink on one core", ratio("tumble", "tumble-flink"), ">", 20, "x")
	need("tumble, beside Miller", ratio("tumble", "tumble-mlr"), ">", 20, "x")
	need("cost of hop 5m/1m, beside tumble", ratio("tumble", "hop"), "<", 1.3, "x")
	need("cost of session, beside tumble", ratio("tumble", "session"), "<", 2, "x")
	need("cost of an event, from 10 to 10000 keys", again_spread(10000), "<", 1.2, "x")
	need("  to 100000 keys", again_spread(100000), "<", 1.2, "x")
	need("  to 1000000 keys", again_spread(1000000), "<", 1.2, "x")
	need("cost from 1 to 100 hours of windows", spread("^hours-"), "<", 1.2, "x")
	need("memory of " sprintf("%d", known("panes")) " open panes of count, sum", known("panes-mb"), "<", 1200, " MB")
	need("an early result at 10000 events/s, added p99", "p99-early" in fact ? (fact["p99-early"] - fact["p99-pipe"]) / 1000 : "", "<", 5, " ms")
}

# A run of some sets or rows does not list all that it did not measure.
function listed(i)
{
	return need_met[i] != "" || !("partial" in fact)
}

# Ours of the same kind of window, beside a row of a peer.
function beside(id,    kind)
{
	kind = id
	sub(/-.*/, "", kind)
	if (kind == "keys" && ("twice" substr(id, 5)) in seconds)
		return show(again(substr(id, 6)))
	return set_of[id] == "rides" && id ~ /duckdb|mlr|flink/ && kind in rate ? show(rate[kind] / rate[id]) "x" : ""
}

function text(    s, i, id, set)
{
	print info["machine"]
	print info["versions"]
	print "One core; medians of " info["rounds"] ", " (clock == "cpu" ? "by CPU seconds." : "by the clock on the wall.")
	for (s = 1; s in sets; s++) {
		set = sets[s]
		if (!(set in seen))
			continue
		printf "\n%-34s %10s %8s %8s %8s %9s\n", title[set], "M events/s", "GB/s", "/CPU s", "MB", set == "rides" ? "jwindow" : ""
		for (i = 1; (id = order[i]) != ""; i++)
			if (id in rate && set_of[id] == set)
				printf "  %-32s %10s %8s %8s %8.0f %9s\n", label[id], show(events(id)), show(rate[id]),
				    show(per_cpu[id]), part[id], beside(id)
	}
	print ""
	for (i = 1; i <= nneeds; i++)
		if (listed(i))
			printf "%-54s %-18s %-14s %s\n", need_what[i], need_target[i], need_value[i], need_met[i]
	if ("p50-early" in fact)
		printf "\nlatency in us, p50 p99 p99.9: pipe %s %s %s, early results %s %s %s\n",
		    fact["p50-pipe"], fact["p99-pipe"], fact["p999-pipe"], fact["p50-early"], fact["p99-early"], fact["p999-early"]
	for (i = 1; i <= nnotes; i++)
		print "note: " notes[i]
}

function markdown(    s, i, id, set)
{
	print "Medians of " info["rounds"] " on one core by `make bench BENCH=window`: " info["machine"] "; " info["versions"] "."
	for (s = 1; s in sets; s++) {
		set = sets[s]
		if (!(set in seen))
			continue
		print "\n| " title[set] " | million events/s | GB/s | " (set == "rides" ? "jwindow is faster by" : set == "keys" ? "ns by event of an open pane" : "") " |\n|---|---:|---:|---:|"
		for (i = 1; (id = order[i]) != ""; i++)
			if (id in rate && set_of[id] == set)
				print "| " (id ~ /-none$/ ? "the same with --check none" : label[id]) " | " show(events(id)) " | " show(rate[id]) " | " beside(id) " |"
	}
	print "\n| | wanted | measured | |\n|---|---|---:|---|"
	for (i = 1; i <= nneeds; i++)
		if (listed(i))
			print "| " need_what[i] " | " need_target[i] " | " need_value[i] " | " need_met[i] " |"
	for (i = 1; i <= nnotes; i++)
		print (i == 1 ? "\n" : "") "- " notes[i]
}
