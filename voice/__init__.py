"""The phone: one call's dialogue over any line, speech understood offline, keys always live."""
