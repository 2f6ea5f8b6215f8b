"""The verbs of the command, a module each, with thin functions only: what they do is done elsewhere.

A verb imports what is heavy inside its function, so that `--help` stays quick, and has `register`,
which puts it on the command.
"""
