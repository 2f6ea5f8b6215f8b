"""The pure core: facts, rows, boards. No clock, I/O, log, Kafka or metric name in here."""
