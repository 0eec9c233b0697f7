"""DynamoDB's time to live on the sandbox's clock: items whose time is over are deleted, a good while later."""
