"""The demonstration: simulated customers answer through the real bot, over a Bot API emulator on loopback."""
