"""`sessionStatus` on request, the minute's rule and its second pass, and what was put off by a delayed message."""
