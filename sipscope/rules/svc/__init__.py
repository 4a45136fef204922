"""Services: music on hold, third-party call control, recording, conferences."""
