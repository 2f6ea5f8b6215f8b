"""A seeded simulation of broker, changelog, hosts and faults that runs the delivery protocol of the product.

One `random.Random(seed)` and one heap of (time, number, event) decide everything: a seed repeats its run exactly.
"""
