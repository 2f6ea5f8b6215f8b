"""What was said with customers, their attempts to speak to somebody, and automatic steps add to the board."""

from stream_app.domain.board import Weight
from stream_app.domain.cases.state import Case
from stream_app.domain.observed import duration
from stream_app.domain.rules import Rules
from stream_app.domain.words import ATTEMPTS, AUTOMATED, AUTOMATION, CHANNELS, MINUTE_MS, closed


def interactions(case: Case, channel: str, _priority: str, _rules: Rules, weights: list[Weight]) -> None:
    """Interactions by channel and direction. channel: the case's own."""
    for when, side, by in case.interactions:
        labels = (closed(by, CHANNELS) if by else channel, "inbound" if side == "customer" else "outbound")
        weights.append(("interactions", labels, when, 1))


def attempts(case: Case, channel: str, weights: list[Weight]) -> None:
    """Attempts by their outcome, and how long customers waited. channel: the case's own."""
    for when, by, outcome, wait in case.attempts:
        where = closed(by, CHANNELS) if by else channel
        weights.append(("contact_attempts", (where, closed(outcome, ATTEMPTS)), when, 1))
        if wait is not None:
            weights += duration("contact_wait", (where,), when * MINUTE_MS, wait)


def automation(case: Case, weights: list[Weight]) -> None:
    """Automatic steps by their outcome; what was routed and then moved was reassigned."""
    for when, step, outcome in case.automated:
        moved = step == "routed" and (case.handoffs or case.reassignments)
        came_to = "reassigned" if moved else closed(outcome, AUTOMATED)
        weights.append(("case_automation", (closed(step, AUTOMATION), came_to), when, 1))
