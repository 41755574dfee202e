"""duck - the filters of the benchmark in DuckDB, on one thread.

Usage: duck.py FILE COLUMNS CONDITION
Prints `SECONDS CPU_SECONDS PASSED`, of the query alone.  Naming the columns
spares DuckDB the detection of types and all other fields; it only counts.
"""
import sys
import time

import duckdb

file, columns, condition = sys.argv[1:]
db = duckdb.connect()
db.execute("set threads = 1")
wall, cpu = time.perf_counter(), time.process_time()
passed = db.execute(
    f"select count(*) from read_json('{file}', format = 'newline_delimited', columns = {columns},"
    f" maximum_object_size = 33554432) where {condition}"
).fetchone()[0]
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(f"{wall:.6f} {cpu:.6f} {passed} {duckdb.__version__}")
