"""Books to and from other tools' formats, always by way of one plain document.

    Book --document--> document --reduce--> what a format can say + losses --write--> file
    Book <--resolve--- document <-----------------read + losses---------------------- file

=================  ============================================================================
module             what it does
=================  ============================================================================
``document``       the inverse of `menus.loader`: a resolved book as a document, and as YAML
``losses``         what a format cannot say: path, reason, what stands there instead
``formats``        the table of formats, and import/export by file name
``vxml_write``     VoiceXML 2.1 out
``vxml_read``      and in, ours and other people's; ``vxml_forms``, ``vxml_words``: its parts
``freeswitch``     FreeSWITCH ``ivr`` XML, both ways
``workbook``       Excel: the menu tree to edit;  ``workbook_read``  back again
``sheets``         worksheets as tables, checked and bounded
``xmltree``        XML with line numbers, without entities or document types
``diff``           what changed between two books, in words
=================  ============================================================================

Each format is a pair of exact inverses on the documents that its `reduce` gives, so nothing is lost
without being named.
"""
