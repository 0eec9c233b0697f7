"""Stand-ins for services that cannot exist on one machine, with the services' requests, answers and refusals."""
