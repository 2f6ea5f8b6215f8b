"""The demo: the whole system on this machine, on simulated traffic or a real log, with a live view and a summary.

scene: names, places, settings of one run. stack: what it starts and ends. logs: the source topics, read beside the
worker. numbers: what Prometheus knows now. freshness: how quickly events became visible. screen, summary: what people
see. play: one run from beginning to end.
"""

from stream_app.local.demo.play import play
from stream_app.local.demo.scene import Options
from stream_app.local.demo.summary import Summary

__all__ = ["Options", "Summary", "play"]
