"""The translation pipeline: each language in use is translated once and posted to its listeners."""
