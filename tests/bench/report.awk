# report.awk - what tests/bench/filter measured, as -v form=text, md or svg
#
# Rates are of the clock on the wall, or with -v clock=cpu of the CPU seconds that
# all processes of a row took: the better figure while others use the machine.
BEGIN {
	FS = "\t"
	split("rides gh short jmap-object jmap-path jmap-strings", sets, " ")
	title["rides"] = "rides, 259 B flat"
	title["gh"] = "GitHub-like, 1.8 KB nested"
	title["short"] = "short, 61 B"
	title["jmap-object"] = "jmap '{ride_id, zone, fare, tip: (.tip // 0), total: (.fare + .tip)}'"
	title["jmap-path"] = "jmap .zone"
	title["jmap-strings"] = "jmap 'select(.zone|test(...)) | {z: (.zone|ascii_upcase), d: .driver[0:3]}'"
	for (i = 1; i in sets; i++)
		base[sets[i]] = i <= 3 ? "jfilter" : "jmap"
	split("jfilter jfilter-none jfilter-avx512 jfilter-avx512-none jfilter-avx2 jfilter-avx2-none " \
	    "jmap jmap-none jfilter-wc dom dom-haswell ondemand ondemand-haswell duckdb jaq jq18 jq mlr grep wc", order, " ")
}

$1 == "machine" || $1 == "versions" || $1 == "rounds" { info[$1] = $2 }
$1 == "fact" { fact[$2] = $3 }
$1 == "note" { notes[++nnotes] = $2 }
$1 == "label" { label[$3] = $4 }
$1 == "median" {
	rate[$2, $3] = $4 / 1e9 / (clock == "cpu" ? $6 : $5)
	per_cpu[$2, $3] = $4 / 1e9 / ($6 > 0 ? $6 : 1e-6)
	part[$2, $3] = $4 / 1e6
	seen[$2] = 1
}

END {
	requirements()
	if (form == "svg")
		svg()
	else if (form == "md")
		markdown()
	else
		text()
}

# Three digits that mean something.
function show(n)
{
	return sprintf(n < 0.0995 ? "%.3f" : n < 9.95 ? "%.2f" : n < 99.5 ? "%.1f" : "%.0f", n)
}

function ratio(set, a, b)
{
	return (set, a) in rate && (set, b) in rate ? rate[set, a] / rate[set, b] : ""
}

function of(set, a)
{
	return (set, a) in rate ? rate[set, a] : ""
}

function known(name)
{
	return name in fact ? fact[name] : ""
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

# A run of some sets or rows does not list all that it did not measure.
function listed(i)
{
	return need_met[i] != "" || !("partial" in fact)
}

function added(name)
{
	return (name "-3") in fact ? (fact[name "-3"] - fact[name "-0"]) / 1000 : ""
}

function requirements()
{
	need("rides, validated", of("rides", "jfilter"), ">", 2.3, " GB/s")
	need("rides, validated, beside simdjson DOM", ratio("rides", "jfilter", "dom"), ">", 1.45, "x")
	need("  the real aim", ratio("rides", "jfilter", "dom"), ">", 2, "x")
	need("rides, validated, beside Debian's jq", ratio("rides", "jfilter", "jq"), ">", 70, "x")
	need("rides, validated, beside jaq", ratio("rides", "jfilter", "jaq"), ">", 40, "x")
	need("rides, validated, beside DuckDB on one thread", ratio("rides", "jfilter", "duckdb"), ">", 3, "x")
	need("nested, validated, beside simdjson DOM", ratio("gh", "jfilter", "dom"), ">", 1, "x")
	need("short, validated, beside simdjson DOM", ratio("short", "jfilter", "dom"), ">", 1.9, "x")
	need("rides, --check none, AVX2, beside On-Demand with AVX2", ratio("rides", "jfilter-avx2-none", "ondemand-haswell"), ">", 1, "x")
	need("rides, --check none, AVX-512, beside On-Demand", ratio("rides", "jfilter-avx512-none", "ondemand"), ">", 1.15, "x")
	need("nested, --check none, beside On-Demand", ratio("gh", "jfilter-none", "ondemand"), ">", 0.95, "x")
	need("short, --check none, beside On-Demand", ratio("short", "jfilter-none", "ondemand"), ">", 1.9, "x")
	need("rides, --check none | wc, beside grep -F | wc", ratio("rides", "jfilter-wc", "grep"), ">", 2, "x")
	need("jmap, object", of("jmap-object", "jmap"), ">", 1, " GB/s")
	need("jmap, object, beside Debian's jq", ratio("jmap-object", "jmap", "jq"), ">", 50, "x")
	need("jmap, path", of("jmap-path", "jmap"), ">", 1.5, " GB/s")
	need("jmap, select, test and strings, beside Debian's jq", ratio("jmap-strings", "jmap", "jq"), ">", 20, "x")
	need("a hop that passes all on, one core", known("hop"), "<", 0.25, " CPU s/GB")
	need("three hops at 10000 events/s, added p99", added("p99"), "<", 0.5, " ms")
	need("three hops at 10000 events/s, added p99.9", added("p999"), "<", 3, " ms")
	need("memory over rides", known("memory-rides"), "<", 4, " MB")
	need("memory over nested events", known("memory-gh"), "<", 4, " MB")
	need("memory with a line of 16 MB", known("memory-line"), "<", 20, " MB")
	need("start-up of jfilter .x", known(clock == "cpu" ? "start-cpu" : "start-wall"), "<", 2, " ms")
}

function times(set, a, b,    r)
{
	r = ratio(set, a, b)
	return r == "" || a == b ? "" : show(r) "x"
}

function text(    s, i, id, set, ours)
{
	print info["machine"]
	print info["versions"]
	print "One core; medians of " info["rounds"] ", " (clock == "cpu" ? "by CPU seconds." : "by the clock on the wall.")
	for (s = 1; s in sets; s++) {
		set = sets[s]
		if (!(set in seen))
			continue
		ours = base[set]
		print ""
		if (length(title[set]) > 38)
			print title[set]
		printf "%-38s %8s %8s %9s %9s %9s\n", (length(title[set]) > 38 ? "" : title[set]), "GB/s", "/CPU s", "MB", ours, "unchecked"
		for (i = 1; (id = order[i]) != ""; i++)
			if ((set, id) in rate)
				printf "  %-36s %8s %8s %9.0f %9s %9s\n", label[id], show(rate[set, id]), show(per_cpu[set, id]),
				    part[set, id], times(set, ours, id), times(set, ours "-none", id)
	}
	print ""
	for (i = 1; i <= nneeds; i++)
		if (listed(i))
			printf "%-54s %-22s %-14s %s\n", need_what[i], need_target[i], need_value[i], need_met[i]
	facts_text()
	for (i = 1; i <= nnotes; i++)
		print "note: " notes[i]
}

function facts_text()
{
	print ""
	if ("hop" in fact)
		printf "a hop, CPU s/GB: %s unchecked on one core, %s on all; %s validating\n",
		    fact["hop"], fact["hop-all-cores"], fact["hop-full"]
	if ("start-wall" in fact)
		printf "start-up of jfilter .x: %s ms, CPU %s ms\n", fact["start-wall"], fact["start-cpu"]
	if ("p50-3" in fact)
		printf "latency in us, p50 p99 p99.9: pipe %s %s %s, three hops %s %s %s, three of cat %s %s %s\n",
		    fact["p50-0"], fact["p99-0"], fact["p999-0"], fact["p50-3"], fact["p99-3"], fact["p999-3"],
		    fact["p50-cat"], fact["p99-cat"], fact["p999-cat"]
}

# A bar in a table of Markdown.
function pipes(s)
{
	gsub(/\|/, "\\|", s)
	return s
}

# Columns are sets from..to; in a cell, GB/s and how many times as fast ours is.
function md_table(from, to,    s, i, id, any, line)
{
	line = "|"
	for (s = from; s <= to; s++)
		line = line " | " (s <= 3 ? title[sets[s]] : "`" substr(pipes(title[sets[s]]), 6) "`")
	print line " |"
	line = "|---"
	for (s = from; s <= to; s++)
		line = line "|---:"
	print line "|"
	for (i = 1; (id = order[i]) != ""; i++) {
		any = 0
		line = "| " pipes(label[id])
		for (s = from; s <= to; s++) {
			any = any || (sets[s], id) in rate
			line = line " | " md_cell(sets[s], id)
		}
		if (any)
			print line " |"
	}
	print ""
}

function md_cell(set, id)
{
	if (!((set, id) in rate))
		return ""
	if (id ~ "^" base[set])
		return "**" show(rate[set, id]) "**"
	return show(rate[set, id]) " (" times(set, base[set], id) ")"
}

function markdown(    i)
{
	print "GB/s on one core, and in brackets how many times as fast the validating jfilter or jmap is."
	print "Medians of " info["rounds"] " by `make bench BENCH=filter`: " info["machine"] "; " info["versions"] ".\n"
	if ("rides" in seen || "gh" in seen || "short" in seen)
		md_table(1, 3)
	if ("jmap-object" in seen || "jmap-path" in seen || "jmap-strings" in seen)
		md_table(4, 6)
	print "| | wanted | measured | |\n|---|---|---:|---|"
	for (i = 1; i <= nneeds; i++)
		if (listed(i))
			print "| " pipes(need_what[i]) " | " need_target[i] " | " need_value[i] " | " need_met[i] " |"
	for (i = 1; i <= nnotes; i++)
		print (i == 1 ? "\n" : "") "- " notes[i]
}

function escape(s)
{
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	return s
}

# One panel for each of the filters' sets; bars from zero, the same scale everywhere.
function svg(    s, i, id, y, top, width, body, machine)
{
	for (s = 1; s <= 3; s++)
		for (i = 1; (id = order[i]) != ""; i++)
			if (drawn(id) && rate[sets[s], id] > top)
				top = rate[sets[s], id]
	machine = info["machine"]
	sub(/;.*/, "", machine)
	y = 30
	body = ""
	for (s = 1; s <= 3; s++) {
		if (!(sets[s] in seen))
			continue
		body = body sprintf("<text x=\"12\" y=\"%d\" class=\"h\">%s, GB/s</text>\n", y, escape(title[sets[s]]))
		y += 10
		for (i = 1; (id = order[i]) != ""; i++) {
			if (!drawn(id) || !((sets[s], id) in rate))
				continue
			width = rate[sets[s], id] / top * 400
			body = body sprintf("<text x=\"180\" y=\"%d\" class=\"n\">%s</text>" \
			    "<rect x=\"188\" y=\"%d\" width=\"%.1f\" height=\"13\" class=\"%s\"/>" \
			    "<text x=\"%.1f\" y=\"%d\">%s</text>\n", y + 13, escape(label[id]), y + 2, width,
			    id ~ /^jfilter/ ? "us" : "them", 194 + width, y + 13, show(rate[sets[s], id]))
			y += 18
		}
		y += 30
	}
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"%d\" viewBox=\"0 0 640 %d\">\n", y + 4, y + 4
	print "<style>text{font:12px sans-serif;fill:#333}.h{font-weight:bold}.n{text-anchor:end}.us{fill:#1a7f64}.them{fill:#a9b4bf}" \
	    "@media(prefers-color-scheme:dark){text{fill:#ddd}.us{fill:#3fc79a}.them{fill:#66717c}}</style>"
	printf "%s", body
	printf "<text x=\"12\" y=\"%d\">%s</text>\n</svg>\n", y - 8, escape("one core of: " machine)
}

function drawn(id)
{
	return id !~ /haswell|avx|^wc$|-wc$|^jmap/
}
