"""Rules about redirection, failover and what proxies do to messages."""
