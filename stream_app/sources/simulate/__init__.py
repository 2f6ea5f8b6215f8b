"""A seeded simulator of support life, its publishers' faults, and the truth about both."""
