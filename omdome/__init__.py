"""The application: configuration, texts, wiring, command line."""
