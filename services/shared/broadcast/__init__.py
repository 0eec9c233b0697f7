"""Sessions, connections and messages: what every function of the product shares."""
