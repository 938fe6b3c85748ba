"""SIP without I/O, one module per RFC, and the endpoint that gives it sockets.

    module        what                                              after
    message       reading and writing messages                      RFC 3261 7, 20; 3581
    body          which part of a body is meant                     RFC 3261 7.4; 2046; 5621
    stream        framing of TCP                                    RFC 3261 18.3; 5626 4.4.1
    timing        the timers                                        RFC 3261 table 4
    transaction   the four machines, as tables                      RFC 3261 17; RFC 6026
    dialog        who talks to whom, which way                      RFC 3261 12
    core          what the agent offers to its calls
    within        a call within its dialog: requests, answers, BYE  RFC 3261 12.2, 15
    refresh       session timers                                    RFC 4028
    accepted      2xx until their ACK                               RFC 3261 13.3.1.4
    renegotiation re-INVITE, UPDATE: hold, resume, a move           RFC 3261 14; 3311
    transfer      REFER, NOTIFY                                     RFC 3515
    session       all of these: a call in progress; INFO            RFC 6086
    inbound       a call that comes in; early media, reliable 18x   RFC 3261 13.3, 9.2; 3262; 3960
    outbound      a call that we make                               RFC 3261 13.2, 9.1; 3262
    sdp           session descriptions                              RFC 8866
    offer         offer and answer                                  RFC 3264; 3551; 4733 (negotiation)
    keys          DTMF by INFO                                      (no standard: two formats of the field)
    digest        authentication, both sides                        RFC 7616; 8760
    registrar     where users' telephones are                       RFC 3261 10.3
    presence      when they come and go
    registration  our own registration elsewhere                    RFC 3261 10.2
    identity      the caller's number                               RFC 3325; Remote-Party-ID
    guard         allowed addresses, trusted peers, a rate limit    our own rules
    settings      how the user agent is to behave
    layer         whose a message is; requests until their answer   RFC 3261 17.1.3, 17.2.3, 22.2
    serving       requests outside any dialog                       RFC 3261 8.2, 9.2, 10.3, 11
    agent         all of it together; nothing here does I/O         RFC 3261 8

    endpoint      UDP and TCP sockets (asyncio)
    gateway       calls of the exchange by SIP
    desks         agents' telephones

docs/sip.md says what is supported and what is not.
"""  # noqa: E501
