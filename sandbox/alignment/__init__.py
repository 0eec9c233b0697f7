"""A recording's words get their times from its text: written form to spoken form to sounds to places in the audio."""
