# For every .bats file: `load helper`.  Tests run in a directory of their own.
bats_require_minimum_version 1.5.0

MR_TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MR_TOP=$(dirname "$MR_TESTS")
MR_BIN=${MR_BIN:-$MR_TOP/build/bin}
export MR_TESTS MR_TOP MR_BIN
export PATH="$MR_BIN:$PATH" TZ=UTC LC_ALL=C.UTF-8
unset KAFKA_BROKERS KCAT_CONFIG MILLRACE_STATE

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# listens PID: it has its handlers for TERM and USR1 (signals 15 and 10).
listens() {
	local mask
	mask=$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status")
	[ $((0x${mask: -4} & 0x4200)) -eq $((0x4200)) ]
}

# until_true SECONDS COMMAND...: poll until it succeeds.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
}
