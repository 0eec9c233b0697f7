"""`sessionStatus` on request, and the minute's rule: status to every speaker, and an end for what was left behind."""
