# The EXAMPLES of the manual pages, taken out of their source and run.
#
# An example is a literal display whose command lines begin with `$ `, their
# continuations with `> `; its other lines are the exact standard output.  The
# examples of a page run in one directory, in their order.  A display with
# -compact needs servers: tests/live/man.bats runs the pages that have one.

pages() {
	printf '%s\n' "$MR_TOP"/man/*.[17]
}

# examples PAGE local|live DIR: each example to DIR/N.sh and DIR/N.want; prints how many.
# local: those that need no server; live: all.
examples() {
	LC_ALL=C awk -v kind="$2" -v dir="$3" '
		function plain(s) {
			gsub(/\\\(dq/, "\"", s); gsub(/\\-/, "-", s); gsub(/\\&/, "", s)
			gsub(/\\\(aq/, "\047", s); gsub(/\\\(ti/, "~", s); gsub(/\\\(ha/, "^", s)
			gsub(/\\(e|\(rs)/, "\\", s)
			return s
		}
		/^\.Sh / { within = /EXAMPLES/ }
		within && /^\.Bd -literal/ {
			ours = kind == "live" || !/ -compact/
			script = want = ""
			inside = 1
			next
		}
		/^\.Ed/ {
			if (inside && ours && script != "") {
				n++
				printf "%s", script >(dir "/" n ".sh")
				printf "%s", want >(dir "/" n ".want")
			}
			inside = 0
		}
		inside {
			line = plain($0)
			if (line ~ /^[$>] /) script = script substr(line, 3) "\n"
			else want = want line "\n"
		}
		END { print n + 0 }' "$1"
}

# run_examples local|live: all of all pages; prints those that differ.
run_examples() {
	local kind=$1 page name dir n i total=0 failed=0
	for page in $(pages); do
		[ "$kind" = local ] || sed -n '/^\.Sh EXAMPLES/,$p' "$page" | grep -q '^\.Bd -literal.* -compact' || continue
		name=$(basename "$page")
		dir=$BATS_TEST_TMPDIR/$name
		mkdir -p "$dir/run"
		n=$(examples "$page" "$kind" "$dir")
		total=$((total + n))
		for ((i = 1; i <= n; i++)); do
			(cd "$dir/run" && timeout 120 bash ../"$i.sh" >../"$i.got" 2>../"$i.err" 3>&- </dev/null) || :
			diff -u --label "$name, example $i" --label got "$dir/$i.want" "$dir/$i.got" && continue
			sed 's/^/stderr: /' "$dir/$i.err"
			failed=1
		done
	done
	[ $total -gt 0 ] || { echo "no example found"; return 1; }
	return $failed
}
