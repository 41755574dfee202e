"""duck_window - the windows of the benchmark in DuckDB, on one thread.

Usage: duck_window.py tumble|hop|session FILE
Prints `SECONDS CPU_SECONDS ROWS:COUNT:SUM`, of the query alone, which reads the
file; rows are added up, not written.  Naming the columns spares DuckDB the detection
of types and all other fields.  A hop is made of the minutes it has, a session of the
gaps between neighbours.
"""
import sys
import time

import duckdb

SOURCE = """read_json('{}', format = 'newline_delimited', maximum_object_size = 33554432,
    columns = {{ts: 'TIMESTAMP', zone: 'VARCHAR', fare: 'DOUBLE'}})"""
MINUTES = """select date_trunc('minute', ts) as w, zone, count(*) as n, sum(fare) as s
    from {} group by all"""
QUERIES = {
    "tumble": MINUTES,
    "hop": "select w - to_minutes(i) as w, zone, sum(n) as n, sum(s) as s from ("
    + MINUTES + ") cross join range(5) as r(i) group by all",
    "session": """select zone, session, count(*) as n, sum(fare) as s, min(ts) as w from (
        select ts, zone, fare, sum(cut) over (partition by zone order by ts) as session from (
        select ts, zone, fare, coalesce((ts - lag(ts) over (partition by zone order by ts)
            > interval 3 second)::int, 0) as cut from {})) group by all""",
}

kind, file = sys.argv[1:]
db = duckdb.connect()
db.execute("set threads = 1")
query = QUERIES[kind].format(SOURCE.format(file))
wall, cpu = time.perf_counter(), time.process_time()
rows, count, total = db.execute(f"select count(*), sum(n), sum(s) from ({query})").fetchone()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(f"{wall:.6f} {cpu:.6f} {rows}:{count}:{total:.2f}")
