"""Everything the caller hears: prompts, spoken numbers, tones, hold music, and hearing them back.

======================  =========================================================================
module                  what it does
======================  =========================================================================
``template``            ``您的余额为{balance:amount}。`` as literals and slots
``formatters``          a typed value as the ordered pieces that say it, in Mandarin and English
``pack``                the prompt pack: template and values in, clips and their duration out
``g711``, ``wav``       A-law and mu-law; 8 kHz mono WAV without any audio library
``tones``, ``music``    signals of the Chinese network, key tones, beep; composed hold music
``mixer``               several legs heard as one
``recognise``           which clip of the pack is playing, from the audio alone
``reader``              an ordered sequence of clips as a prompt id with its slot values
``lexicon``, ``speech`` how texts are pronounced; the optional engine (extra ``speech``)
``build``, ``judge``    render the pack; listen to it with a speech recogniser and count errors
======================  =========================================================================

Importing this package imports none of them: the simulation needs ``template``, ``formatters`` and
``pack`` only, and those need nothing beyond the standard library.
"""
