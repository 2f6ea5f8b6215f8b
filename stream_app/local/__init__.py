"""The real services on this machine, for demo, tests and benches: Kafka, Prometheus, Alertmanager, a receiver."""
