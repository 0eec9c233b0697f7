"""A fake of Amazon Transcribe streaming, true to the wire: real clients stream to it, scripted results come back."""
