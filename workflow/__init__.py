"""Load, decide, commit: what happens in one step, and the Protocols that the shells fulfil."""
