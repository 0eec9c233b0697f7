"""Would AWS take this deployment? One check a file: each says what it finds in templates, assets and journals."""
