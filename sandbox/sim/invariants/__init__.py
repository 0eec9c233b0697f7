"""What must hold in every run. Checkers watch and never drive; each is one file."""
