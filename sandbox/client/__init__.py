"""Speakers and listeners written from the contract alone: what the demo, the benches and the tests drive."""
