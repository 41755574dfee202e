-- What Apache Flink and these tools are asked alike: see README beside this.
--
--   data NAME OPTION...         events made by tests/aid/disorder; --seed and --count are added
--   case NAME DATA [ZONE]       a query over them; ZONE is that of the session
--   stream WINDOW               no query, but windows of Flink's DataStream: see Oracle.java
--   ours COMMAND                what must give the same rows from the events on standard input
--   {x} TEXT                    stands for TEXT in the queries below; $x in the commands has ours

-- {all} COUNT(*) AS n, COUNT(v) AS c, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi, AVG(CAST(f AS DOUBLE)) AS mean
-- {b} window_start, window_end
-- As text the bounds are a group like any other to Flink: README says where that is needed.
-- {B} CAST(window_start AS STRING), CAST(window_end AS STRING)
-- {bounds} CAST(CAST(window_start AS STRING) AS TIMESTAMP(3)) AS window_start, CAST(CAST(window_end AS STRING) AS TIMESTAMP(3)) AS window_end

-- data plain
-- data epoch --from=-600000
-- data days --from=1774224000000 --step=3000000 --grid=3600000 --gap=14400000
-- data late --late=60000

-- case tumble-10s plain
-- ours jwindow --tumble 10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY {b}, k

-- case tumble-7s-offset plain
-- ours jwindow --tumble 7s --offset 3s --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '3' SECOND)) GROUP BY {B}, k

-- case tumble-epoch epoch
-- ours jwindow --tumble 1m --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY {B}, k

-- case tumble-no-key plain
-- ours jwindow --tumble 10s --agg "$all"
SELECT {b}, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY {b}

-- case tumble-two-keys plain
-- ours jwindow --tumble 5m --by .k,.q --agg "$all"
SELECT {b}, k, q, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY {b}, k, q

-- case tumble-late late
-- ours jwindow --tumble 10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY {b}, k

-- case tumble-of-tumble plain
-- ours jwindow --tumble 10s --by .k --agg "$all" --wm | jwindow --tumble 1m --time .window_start --by .k --agg 'n=sum(.n), s=sum(.s), most=max(.n)'
SELECT {b}, k, SUM(n) AS n, SUM(s) AS s, MAX(n) AS most FROM TABLE(TUMBLE((SELECT window_time AS w, k, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY {b}, window_time, k), DESCRIPTOR(w), INTERVAL '1' MINUTE)) GROUP BY {b}, k

-- case tumble-day-berlin days Europe/Berlin
-- ours jwindow --tumble 1d --tz Europe/Berlin --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY {b}, k

-- case tumble-day-auckland days Pacific/Auckland
-- ours jwindow --tumble 1d --tz Pacific/Auckland --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY {b}, k

-- case hop-1m-10s plain
-- ours jwindow --hop 1m/10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' MINUTE)) GROUP BY {b}, k

-- case hop-5m-1m-offset plain
-- ours jwindow --hop 5m/1m --offset 20s --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE, INTERVAL '20' SECOND)) GROUP BY {B}, k

-- case hop-50s-20s plain
-- ours jwindow --hop 50s/20s --by .k --agg "$all"
SELECT HOP_START(ts, INTERVAL '20' SECOND, INTERVAL '50' SECOND) AS window_start, HOP_END(ts, INTERVAL '20' SECOND, INTERVAL '50' SECOND) AS window_end, k, {all}
FROM events GROUP BY HOP(ts, INTERVAL '20' SECOND, INTERVAL '50' SECOND), k

-- case hop-10s-10s plain
-- ours jwindow --hop 10s/10s --agg "$all"
SELECT {b}, {all} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '10' SECOND)) GROUP BY {b}

-- case hop-epoch epoch
-- ours jwindow --hop 3m/1m --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)) GROUP BY {B}, k

-- case hop-late late
-- ours jwindow --hop 40s/10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '40' SECOND)) GROUP BY {b}, k

-- case session-20s plain
-- ours jwindow --session 20s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(SESSION(TABLE events PARTITION BY k, DESCRIPTOR(ts), INTERVAL '20' SECOND)) GROUP BY {b}, k

-- case session-1s-no-key plain
-- ours jwindow --session 1s --agg "$all"
SELECT {b}, {all} FROM TABLE(SESSION(TABLE events, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY {b}

-- case session-two-keys plain
-- ours jwindow --session 3m --by .k,.q --agg "$all"
SELECT {b}, k, q, {all} FROM TABLE(SESSION(TABLE events PARTITION BY (k, q), DESCRIPTOR(ts), INTERVAL '3' MINUTE)) GROUP BY {b}, k, q

-- case session-epoch epoch
-- ours jwindow --session 20s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(SESSION(TABLE events PARTITION BY k, DESCRIPTOR(ts), INTERVAL '20' SECOND)) GROUP BY {b}, k

-- case session-late late
-- ours jwindow --session 20s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(SESSION(TABLE events PARTITION BY k, DESCRIPTOR(ts), INTERVAL '20' SECOND)) GROUP BY {b}, k

-- case cumulate-1m-10s plain
-- ours jwindow --cumulate 1m/10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' MINUTE)) GROUP BY {b}, k

-- case cumulate-10m-2m-offset plain
-- ours jwindow --cumulate 10m/2m --offset 1m --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '10' MINUTE, INTERVAL '1' MINUTE)) GROUP BY {B}, k

-- case cumulate-epoch epoch
-- ours jwindow --cumulate 5m/1m --by .k --agg "$all"
SELECT {bounds}, k, {all} FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) GROUP BY {B}, k

-- case cumulate-late late
-- ours jwindow --cumulate 1m/10s --by .k --agg "$all"
SELECT {b}, k, {all} FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' MINUTE)) GROUP BY {b}, k

-- case topn-keys plain
-- ours jfilter '.k != null' | jwindow --tumble 30s --by .k --agg 'n=count, s=sum(.f)' | top 3 s
SELECT {b}, k, n, s, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {b} ORDER BY s DESC, k) AS place
FROM (SELECT {b}, k, COUNT(*) AS n, SUM(f) AS s FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND)) WHERE k IS NOT NULL GROUP BY {b}, k))
WHERE place <= 3

-- case topn-hop plain
-- ours jfilter '.k != null' | jwindow --hop 1m/30s --by .k --agg 'n=count, s=sum(.f)' | top 2 s
SELECT {b}, k, n, s, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {b} ORDER BY s DESC, k) AS place
FROM (SELECT {b}, k, COUNT(*) AS n, SUM(f) AS s FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)) WHERE k IS NOT NULL GROUP BY {b}, k))
WHERE place <= 2

-- case dedup-window-first plain
-- ours jwindow --tumble 5m --by .q --agg 'id=first(.id)'
SELECT {b}, q, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {b}, q ORDER BY ts ASC) AS place
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE place = 1

-- case dedup-window-last plain
-- ours jwindow --tumble 5m --by .q --agg 'id=last(.id)'
SELECT {b}, q, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {b}, q ORDER BY ts DESC) AS place
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE place = 1

-- case dedup-first plain
-- ours jdedup --key .q --within 1000d --keep first | jmap -c '{id, q}'
SELECT id, q FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY q ORDER BY ts ASC) AS place FROM events) WHERE place = 1

-- case dedup-last plain
-- ours jdedup --key .q --within 1000d --keep last | jmap -c '{id, q}'
SELECT id, q FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY q ORDER BY ts DESC) AS place FROM events) WHERE place = 1

-- case refire-tumble late
-- ours jwindow --tumble 10s --late 20s --by .k --agg "$all" | fired
-- stream tumble 10 20

-- case refire-hop late
-- ours jwindow --hop 40s/10s --late 20s --by .k --agg "$all" | fired
-- stream hop 40 10 20

-- case refire-session late
-- ours jwindow --session 8s --late 25s --by .k --agg "$all" | fired
-- stream session 8 25

-- case refire-session-20s late
-- ours jwindow --session 20s --late 40s --by .k --agg "$all" | fired
-- stream session 20 40

-- What is not full at the end is ours alone.
-- case count-5 late
-- ours jwindow --count 5 --by .k --agg "$all" | jfilter '.n == 5' | fired
-- stream count 5 5

-- case count-6-3 late
-- ours jwindow --count 6 --slide 3 --by .k --agg "$all" | jfilter '.n % 3 == 0' | fired
-- stream count 6 3

-- Flink knows that a span of 30 s is over when the next one begins: the last of each key is ours alone.
-- case dedup-30s-first plain
-- ours jdedup --key .k --within 30s | jmap -c '{id, k}' | but_last_of_k
SELECT id, k FROM events MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.id AS id
ONE ROW PER MATCH AFTER MATCH SKIP TO FIRST C PATTERN (A B* C)
DEFINE B AS B.ts < A.ts + INTERVAL '30' SECOND, C AS C.ts >= A.ts + INTERVAL '30' SECOND)

-- case dedup-30s-last plain
-- ours jdedup --key .k --within 30s --keep last | jmap -c '{id, k}' | but_last_of_k
SELECT id, k FROM events MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES COALESCE(LAST(B.id), A.id) AS id
ONE ROW PER MATCH AFTER MATCH SKIP TO FIRST C PATTERN (A B* C)
DEFINE B AS B.ts < A.ts + INTERVAL '30' SECOND, C AS C.ts >= A.ts + INTERVAL '30' SECOND)

-- The aggregates that merge otherwise than by adding.
-- {more} COUNT(DISTINCT q) AS d, COUNT(*) FILTER (WHERE f > 50) AS dear, SUM(v) FILTER (WHERE q < 100) AS part, MIN(k) AS lo, MAX(k) AS hi

-- case more-tumble plain
-- ours jwindow --tumble 30s --agg "$more"
SELECT {b}, {more} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND)) GROUP BY {b}

-- case more-hop plain
-- ours jwindow --hop 1m/15s --agg "$more"
SELECT {b}, {more} FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '15' SECOND, INTERVAL '1' MINUTE)) GROUP BY {b}

-- case more-cumulate plain
-- ours jwindow --cumulate 2m/30s --agg "$more"
SELECT {b}, {more} FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND, INTERVAL '2' MINUTE)) GROUP BY {b}

-- case more-session late
-- ours jwindow --session 2s --agg "$more"
SELECT {b}, {more} FROM TABLE(SESSION(TABLE events, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY {b}

-- case topn-values plain
-- ours jwindow --tumble 30s --agg 't=top(.k; 3)' | jmap -c '. as $w | [.t // [] | to_entries[] | {window_start: $w.window_start, window_end: $w.window_end, k: .value.value, n: .value.count, place: (.key + 1)}] | sort_by(.k)[]'
SELECT {b}, k, n, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {b} ORDER BY n DESC, k) AS place
FROM (SELECT {b}, k, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND)) WHERE k IS NOT NULL GROUP BY {b}, k))
WHERE place <= 3
