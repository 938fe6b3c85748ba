"""How a call's audio went, in words: only what was measured."""

from __future__ import annotations

from hotline.switch import events as ev
from hotline.web.messages import audio
from hotline.web.pages.calls import heard_how
from hotline.web.pages.texts import Words


def test_a_call_over_rtp_shows_loss_jitter_and_opinion():
    shown = audio(ev.MediaQuality("PCMA", 500, 990, 10, jitter=0.0021, mos=4.05, far_mos=4.4))
    assert shown["loss_percent"] == 1.0
    assert shown["jitter_ms"] == 2.1
    assert "round_trip_ms" not in shown
    assert heard_how(shown, Words("en")) == "PCMA · MOS 4.05 · loss 1.0 % · jitter 2.1 ms"


def test_a_call_over_tcp_shows_no_loss_that_nobody_measured():
    assert heard_how(audio(ev.MediaQuality("PCMU", 500, 500)), Words("zh")) == "PCMU"
    assert heard_how({}, Words("zh")) == "–"
