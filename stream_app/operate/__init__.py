"""For whoever runs it: topics, dead letters, validation of what publishers send, and the doctor."""
