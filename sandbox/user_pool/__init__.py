"""The local Cognito user pool: tokens as the service makes them, and the key set that verifies them."""
