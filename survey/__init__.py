"""The rules, pure: selection, conversation, interpretation, statistics, digest. No clock, no disk, no network."""
