"""Whether the phone works, step by step: what is observed over the real line, and what that means."""
