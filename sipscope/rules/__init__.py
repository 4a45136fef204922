"""What SIP, SDP and RTP promise, checked one promise a file.

A rule sees the model, never a parser. `registry.py` lists every rule; `engine.py` runs them.
"""
