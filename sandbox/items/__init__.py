"""DynamoDB's items as a small pure core: the operations and expressions that functions use, held in memory."""
