"""CloudWatch metrics as the functions emit them."""
