"""RTP without I/O, one module per RFC, and the sockets that carry it.

    stream      what SDP agreed on                            RFC 3264, 4566
    packet      the header, its options and limits            RFC 3550 section 5
    profile     payload types of G.711, silence               RFC 3551
    event       keys as telephone events                      RFC 4733
    inband      keys by their tones                           ITU-T Q.23, Q.24
    reception   sequence, loss and jitter of one source       RFC 3550 appendix A
    rtcp        report packets                                RFC 3550 section 6
    reports     when to report, round trip                    RFC 3550 sections 6.2 to 6.4
    quality     estimated opinion                             ITU-T G.107
    jitter      packets in as they come, 20 ms out every 20 ms
    session     one call: whom we hear, whom we send to
    port        sockets, a pair a call; a `Transport` of the media engine
    dense       the same on one pair of sockets; burst: sendmmsg, gather: recvmmsg
    errors      what can be wrong with a packet

Only `port`, `dense`, `burst` and `gather` touch a socket; instants and chance are handed in
everywhere.
"""
