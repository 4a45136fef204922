"""The native engine: pcap and pcapng, plain or gzip, read in 16 MiB windows with numpy.

The road through the modules: `source` gives bytes, `window` holds a stretch of them, `walk` finds where records
start, `pcap` and `pcapng` turn them into `records`. `columns` picks plain UDP out of all records at once; what is
left goes one by one through `dissect`, which peels `layers`, joins `fragments` and `streams`, and asks `content`
what a payload looks like. `ledger` keeps the account: every frame is used or set aside with a reason.
"""
