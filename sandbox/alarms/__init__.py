"""CloudWatch alarms: M of N data points, missing data, transitions and their messages."""
