"""Transactions: answers, acknowledgements, retransmissions."""
