"""Faust at work: packed transport, agents, recovery, flush before commit, web. The only part that acts.

`app` puts the parts together; `keeper` is what one worker holds and decides by the delivery machine;
`transport` packs the records of one fetch into one message; `recovery` reads changelogs in bulk;
`writer` writes changelogs and dead letters; `watch` measures lag and ends a worker that is stuck;
`web` answers scrapes; `failpoints` let tests kill a worker at an exact line.
"""
