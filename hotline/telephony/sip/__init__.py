"""SIP without I/O, one module per RFC, and the endpoint that gives it sockets.

    module        what                                              after
    message       reading and writing messages, framing of TCP      RFC 3261 7, 18, 20; 3581; 5626 4.4.1
    timing        the timers                                        RFC 3261 table 4
    transaction   the four machines, as tables                      RFC 3261 17; RFC 6026
    dialog        who talks to whom, which way                      RFC 3261 12
    core          what the agent offers to its calls
    session       a call in progress: BYE, re-INVITE, UPDATE, INFO  RFC 3261 13-15; 3311; 3515
    inbound       a call that comes in; reliable 18x                RFC 3261 13.3, 9.2; 3262
    outbound      a call that we make                               RFC 3261 13.2, 9.1; 3262
    refresh       session timers                                    RFC 4028
    sdp           session descriptions                              RFC 8866
    offer         offer and answer                                  RFC 3264; 3551; 4733 (negotiation)
    keys          DTMF by INFO                                      (no standard: two formats of the field)
    digest        authentication, both sides                        RFC 7616; 8760
    registrar     where users' telephones are                       RFC 3261 10.3
    presence      when they come and go
    registration  our own registration elsewhere                    RFC 3261 10.2
    identity      the caller's number                               RFC 3325; Remote-Party-ID
    guard         allowed addresses, trusted peers, a rate limit    our own rules
    agent         all of it together; nothing here does I/O         RFC 3261 8, 9.2, 10, 11

    endpoint      UDP and TCP sockets (asyncio)
    gateway       calls of the exchange by SIP
    desks         agents' telephones

docs/sip.md says what is supported and what is not.
"""  # noqa: E501
