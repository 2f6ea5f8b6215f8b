"""Faust at work: packed transport, agents, recovery, flush before commit, web. The only part that acts.

`app` puts the parts together and `run` runs them. `keeper` is one worker: what it holds (`holdings`),
its ways in (`intake`), out (`settling`) and back (`restoring`). `transport` packs the records of one
fetch into one message; `recovery` ties Faust's rebalances to it; `changelog` reads and `writer` writes
what outlives the process; `watch` measures lag and ends a worker that is stuck; `web` answers scrapes;
`stats` counts; `failpoints` let tests kill a worker at an exact line.
"""
