"""Pages for people: the same answers, log and queue as the service's, without a script and without a build step."""
