"""`python -m tests.bench`: what a worker costs, beside its peers, on a real broker.

`load` makes and publishes events; `cluster` runs workers and reads what they cost; `raw` and `stock` are
the peers; `throughput`, `curves`, `latency`, `scrapes` and `profile` measure; `figures` has medians and
spreads; `report` writes JSON, the table and docs/performance.md.
"""
