"""What goes wrong while services of this machine are looked for, installed or started."""


class LocalError(Exception):
    """One clear line for a person: what failed, the decisive line of its log, and the ways out."""
