"""The Vosk engine: any Vosk model, decoded in supervised worker processes, because Vosk can kill its process."""
