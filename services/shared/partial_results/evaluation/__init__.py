"""How the core compares with other ways to forward partial results, on the same inputs. Pure; no function imports
it."""
