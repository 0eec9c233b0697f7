"""Data resources on another backend: requests for them are passed on, and stacks create them there."""
