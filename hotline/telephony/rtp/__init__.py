"""RTP without I/O, one module per RFC, and the sockets that carry it."""
