# What the benchmarks of filters and of windows have in common: data, rows, and how a row is
# timed.  Sourced from the top of the tree; `versions` is the caller's own.
# shellcheck shell=bash
# shellcheck disable=SC2034	# some are for the callers

build=$(cd "${BUILD:-build}" && pwd)
home=${BENCH_DIR:-$PWD/build/bench}
mkdir -p "$home/data"
peers=$home/peers
PATH=$build/bin:$build/tests:$build/bench:$peers/bin:$PATH
rounds=${RUNS:-5}
box=${BOX:-1.2}
core=${CORE:-$(($(nproc) - 1))}
seed=${SEED:-1}
rows=${ROWS:-.}
export file
declare -A megabytes=([rides]="${RIDES_MB:-500}" [gh]="${GH_MB:-400}" [short]="${SHORT_MB:-200}" [panes]="${PANES_MB:-400}")
export LC_ALL=C.UTF-8 TZ=UTC GOMAXPROCS=1

tmp=$(mktemp -d "${TMPDIR:-/tmp}/millrace-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
runs=$tmp/runs
: >"$runs"

die() {
	echo "bench: $*" >&2
	exit 1
}

note() {
	echo "bench: $*" >&2
	printf 'note\t%s\n' "$*" >>"$tmp/notes"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# data KIND: its file, made when it is not there.
data() {
	local file
	file=$home/data/$1-${megabytes[$1]}MB-seed$seed-v$(events --version).ndjson
	if [ ! -e "$file" ]; then
		echo "bench: making ${file##*/}" >&2
		events "$1" "${megabytes[$1]}000000" "$seed" >"$file.new"
		mv "$file.new" "$file"
	fi
	echo "$file"
}

# part FILE MB: the whole lines of its first MB; or FILE, when it has no more than that.
part() {
	local to=$1.first$2
	[ "$(stat -c %s "$1")" -gt $(($2 * 1000000)) ] || { echo "$1"; return; }
	[ -e "$to" ] || { head -c "$2"000000 "$1" | sed '$d' >"$to.new" && mv "$to.new" "$to"; }
	echo "$to"
}

# A row has an id, a label, and a command of sh over "$file": one that runs as it stands, or
# (clock) one that takes its own time and prints `SECONDS CPU_SECONDS PASSED`.
declare -A label command clock
ids=()

row() {
	[[ $1 =~ $rows ]] || return 0
	ids+=("$1")
	label[$1]=$2
	command[$1]=$3
	clock[$1]=${4:-}
}

row_if() {
	local needs=$1
	shift
	if have "$needs"; then row "$@"; fi
}

# once SET ID FILE: one run; a line `SET ID BYTES SECONDS CPU PASSED` in $runs.
once() {
	local seconds cpu more passed=- bytes
	export file=$3
	bytes=$(stat -c %s "$3")
	if [ -n "${clock[$2]}" ]; then
		taskset -c "$core" sh -c "exec ${command[$2]}" >"$tmp/once" || die "$2 failed"
		read -r seconds cpu passed more <"$tmp/once"
	else
		rm -f "$tmp/once"
		taskset -c "$core" meter "$tmp/once" x sh -c "${command[$2]}" >/dev/null || die "$2 failed"
		read -r _ seconds cpu more _ <"$tmp/once"
		cpu=$(awk -v u="$cpu" -v s="$more" 'BEGIN { print u + s }')
	fi
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$bytes" "$seconds" "$cpu" "$passed" >>"$runs"
}

# The part of FILE that a row gets: as much as it does in BOX seconds, judged by 8 MB.
choose_part() {
	local file small mb
	small=$(part "$3" 8)
	once probe "$2" "$small"
	mb=$(tail -n 1 "$runs" | awk -v box="$box" '{ print int($3 / 1e6 / ($4 > 0 ? $4 : 1e-6) * box) }')
	for file in 8 16 32 64 128 256; do
		[ "$mb" -ge $((file * 2)) ] || { part "$3" "$file"; return; }
	done
	echo "$3"
}

fact() {
	printf 'fact\t%s\t%s\n' "$1" "$2" >>"$tmp/facts"
}

# median COLUMN <lines
median() {
	sort -g -k "$1,$1" | awk -v c="$1" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

machine() {
	local cpu
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	printf '%s, %s cores, Linux %s, %s; commit %s, cc %s' "${cpu:-$(uname -m)}" "$(nproc)" "$(uname -r)" \
	    "$(date -u +%F)" "$(git rev-parse --short HEAD 2>/dev/null || echo none)" "$("${CC:-cc}" -dumpfullversion)"
}

# Medians of seconds and of CPU seconds, with what stands around them.
summary() {
	printf 'machine\t%s\n' "$(machine)"
	printf 'versions\t%s\n' "$(versions 2>/dev/null | paste -s -d ';' | sed 's/;/, /g')"
	printf 'rounds\t%s\n' "$rounds"
	cat "$tmp/labels" "$tmp/facts" "$tmp/notes"
	cut -f 1,2 "$runs" | sort -u | while IFS=$'\t' read -r set id; do
		case $set/$id in
		probe/* | hop/* | */jfilter-count) continue ;;
		esac
		awk -F '\t' -v set="$set" -v id="$id" '$1 == set && $2 == id' "$runs" >"$tmp/of"
		printf 'median\t%s\t%s\t%s\t%s\t%s\n' "$set" "$id" "$(head -n 1 "$tmp/of" | cut -f 3)" \
		    "$(cut -f 4 "$tmp/of" | median 1)" "$(cut -f 5 "$tmp/of" | median 1)"
	done
}

# Rows wait for nothing but their core: what the wall has more, others took.
busy() {
	awk -F '\t' '$1 != "probe" && $1 != "hop" { wall += $4; cpu += $5 }
	    END { if (wall > 0) printf "%d", 100 * (1 - cpu / wall) }' "$runs"
}

touch "$tmp/labels" "$tmp/facts" "$tmp/notes"
[ -z "${SETS:-}${ROWS:-}" ] || fact partial yes
tests/bench/peers "$peers"
have taskset || die "needs taskset, of util-linux"

# finish NAME REPORT FORMS: medians into NAME.tsv, from which REPORT makes the rest; `text` goes
# to the terminal.
finish() {
	local form taken
	taken=$(busy)
	[ "${taken:-0}" -le 5 ] ||
	    note "others took $taken % of the core meanwhile: repeat, or see the figures by CPU seconds (CLOCK=cpu)"
	summary >"$home/$1.tsv"
	for form in $3; do
		awk -f "tests/bench/$2" -v form="$form" -v clock="${CLOCK:-wall}" "$home/$1.tsv" >"$home/$1.$form"
	done
	cat "$home/$1.text"
	echo "wrote ${home#"$PWD"/}/$1.{${3// /,},tsv}"
}
