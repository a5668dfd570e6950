"""Measurements: speed and memory, as ratios within one run (machines are noisy), never asserted in tests."""
