"""Where events come from besides the publishers: exports of other systems, imported or replayed.

::

    FILE -> table.py    bytes -> rows of text           (a bad row costs only itself)
         -> records.py  row -> record                   (columns, times and words of the mapping)
         -> order.py    records by time                 (a stable sort over the whole file)
         -> convert.py  record -> published events      (the same bytes for replay and import)
         -> replay.py   events -> rows, board, numbers  |  publish.py  events -> Kafka

`mapping.py` is what a user writes to say how one log is to be read: see docs/mappings.md.
"""
