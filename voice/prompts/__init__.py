"""What the phone says: each text of `locales/<language>/voice.toml` as a piece of audio.

Looked for in this order: your own recording (studio), ours (`voice/default_prompts`), a render on this machine (cache).
Only what none of them has is synthesised with espeak-ng, before the first call and never during one.
"""
