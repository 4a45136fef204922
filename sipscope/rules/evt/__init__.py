"""Rules about subscriptions and event packages."""
