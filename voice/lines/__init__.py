"""Calls over a recording or a sound card."""

#: Sound cards, and clocks of busy machines, hand over several frames at a time: a backlog up to this is the present.
JITTER_FRAMES = 5
