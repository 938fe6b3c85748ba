"""The media path: one media clock, the WebSocket endpoint, the networked scripted caller."""
