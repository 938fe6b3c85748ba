"""One ACD for several call nodes: the exchange cut in two at the ACD, and the connection between.

    node a   calls, media, menus, journal --+
                                            +--TCP--  hotline acd   queue, agents, trunks
    node b   calls, media, menus, journal --+

On either side runs the same `hotline.switch.exchange.Exchange`. At the node a `RemoteAcd` stands
where the ACD would be, at the ACD a machine of `Nodes` stands where each call would be. What one
of them is told goes over the connection and is told to the real machine on the other side, in the
same order; so every rule is where it was, and this package decides only what a lost connection
means.

    wire      lines of text <-> (address, event), in the journal's own codec
    joining   the first words of a connection: who we are, and that both know the secret
    node      the ACD as a node sees it, and what its calls do while there is none
    centre    the nodes as the ACD sees them, and what becomes of a dead node's calls
    ends      the two ends of one connection, octets in and out
    tcp       the asyncio shells: listening, connecting again and again, beats

Time. Each side stamps what it hears with its own clock at arrival. A node's journal therefore has
only instants of the node, and folds to the row it would have had; waits and rings in it are what
the caller had, the way to the ACD and back included (about a millisecond each way within a site).
The ACD's own facts (agents' states) have the ACD's instants.
"""
