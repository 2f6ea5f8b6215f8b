"""Live support telemetry: support events in from Kafka, gauges and alerts out.

The way of the data::

    upstream -> Kafka topic (keyed by account, equal partition counts)
      -> Faust agent: one message = the records of one partition from one fetch
         -> codec      bytes -> fact | reject          (reject -> dead-letter topic)
         -> fold       row x fact -> row | refused     (pure; a table of allowed moves)
         -> board      - weigh(before) + weigh(after)  (pure; joins weighed per account)
         -> table      row marked dirty; flushed to the changelog before every commit
      scrape -> catalogue reads the boards of owned partitions -> Prometheus text

`domain` is pure, `codec` turns bytes into facts and rows, `pipeline` puts both together,
`catalogue` names every number, `exposition` writes them, `shell` is Faust, `sources` makes
events (import, replay, simulate), `operate` is for whoever runs it, `local` runs the real
services on one machine for the demo and the tests.
"""
