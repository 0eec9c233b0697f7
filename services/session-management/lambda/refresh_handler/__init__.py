"""`refresh`: a new connection takes the place of one whose two hours are nearly over."""
