# The recipes of README.md, executed.  A recipe is a fenced block behind a line
# `<!-- test: NAME -->`.  Lines that begin with `$ ` are commands, `> ` goes on
# with one, and the lines behind it are what it prints, standard error included.

# recipe NAME: the text of it.
recipe() {
	awk -v marker="<!-- test: $1 -->" '
	$0 == marker { marked = 1; next }
	marked && /^```/ { if (inside) exit; inside = 1; next }
	inside' "$MR_TOP/README.md" | grep . || { echo "README.md has no recipe '$1'"; return 1; }
}

# split NAME: the commands to cmd.1 .., what they print to want.1 ..
split_recipe() {
	recipe "$1" | awk '
	/^\$ / { n++; at = "cmd." n; printf "" >("want." n); print substr($0, 3) >at; next }
	/^> / { print substr($0, 3) >at; next }
	{ print >("want." n) }'
}

# readme NAME: run it in this directory, and compare.
readme() {
	local i status
	split_recipe "$1"
	for ((i = 1; ; i++)); do
		[ -e "cmd.$i" ] || break
		status=0
		eval "$(cat "cmd.$i")" >"got.$i" 2>&1 || status=$?
		diff -u "want.$i" "got.$i" || { cat "cmd.$i"; return 1; }
		[ "$status" -eq 0 ] || { echo "status $status:"; cat "cmd.$i"; return 1; }
	done
	[ "$i" -gt 1 ]
}
