#!/usr/bin/env bats
# The manual pages: what they show is what happens.
load helper
load man

@test "man: the examples print what the pages say" {
	run_examples local
}

@test "man: each page has a date, a name, a section, and no blank line" {
	local page base
	for page in $(pages); do
		base=$(basename "$page")
		[ "$(sed -n 2p "$page")" = ".Dt $(tr a-z A-Z <<<"${base%.*}") ${base##*.}" ]
		grep -q '^\.Dd [A-Z][a-z]* [0-9]*, 20[0-9][0-9]$' "$page"
		[ "$(sed -n '/^\.Sh NAME/{n;p;}' "$page")" = ".Nm ${base%.*}" ]
		run -1 grep -n '^$' "$page"
	done
}

# Ours among what they refer to must be there.
@test "man: the pages refer to pages that are there" {
	local page name section bad=0
	for page in $(pages); do
		while read -r name section; do
			[ -e "$MR_TOP/man/$name.$section" ] ||
			    { echo "$(basename "$page"): no page $name($section)"; bad=1; }
		done < <(grep -hoE '(^\.| )Xr (millrace[a-z-]*|j[a-z]+|[kfp][a-z]*(src|sink)|mrun|mrstate) [17]' "$page" |
		    sed 's/.*Xr //' | grep -v '^jq ' | sort -u)
	done
	[ $bad = 0 ]
}

# Long ones; a page describes them in an item of a list.
@test "man: the pages describe the options that --help lists, and no others" {
	local page tool
	for page in "$MR_TOP"/man/*.1; do
		tool=$(basename "$page" .1)
		"$tool" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u >"$tool.help"
		grep '^\.It Fl ' "$page" | grep -oE '(Fl| ,) -[a-z][a-z-]+|Fl [a-zA-Z] , Fl -[a-z-]+' |
		    sed 's/.* -/--/' | sort -u >"$tool.page"
		[ "$(wc -l <"$tool.help")" -gt 4 ]
		diff --label "$tool --help" --label "$tool.1" "$tool.help" "$tool.page"
	done
}

@test "man: mandoc finds nothing to say" {
	command -v mandoc >/dev/null || skip "no mandoc"
	run -0 mandoc -T lint -W warning $(pages)
	[ -z "$output" ]
}
