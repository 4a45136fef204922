"""State machines over messages: transactions, dialogs, offers and answers, subscriptions, transfers, registrations.

Every machine is a literal table. Nothing here opens a file or knows a column of media.
"""
