"""Calls over a recording or a sound card."""
