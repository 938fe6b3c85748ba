"""`hotline scenario-from-call`: a stored call, written as a scenario that `hotline test` runs."""


def test_the_scenario_of_a_stored_call_passes(hotline, database, tmp_path):
    file, call, _ = database
    out = tmp_path / "again.yaml"
    ran = hotline(
        "scenario-from-call", call, "--database", file, "--out", out, "--name", "满意客户"
    )
    assert (ran.code, ran.out) == (0, "")
    assert "the same was heard and pressed" in ran.err
    tested = hotline("test", out, "--transcript")
    assert tested.code == 0
    assert "满意客户" in tested.out
    assert "agent" in tested.out


def test_it_hides_the_caller_and_what_was_typed_unless_revealed(hotline, database, tmp_path):
    file, _, call = database
    hidden = hotline("scenario-from-call", call, "--database", file)
    assert hidden.code == 0
    assert "13900139000" not in hidden.out
    assert "1000000000012" not in hidden.out
    shown = hotline("scenario-from-call", call, "--database", file, "--reveal")
    assert "13900139000" in shown.out
    assert "1000000000012" in shown.out


def test_an_unknown_call_takes_one_line(hotline, database):
    file, _, _ = database
    assert (
        "there is no call nobody"
        in hotline("scenario-from-call", "nobody", "--database", file).complaint
    )


def test_another_book_differs_and_says_where(hotline, database, tmp_path):
    file, call, _ = database
    made = tmp_path / "mine"
    hotline("init", made)
    ran = hotline("scenario-from-call", call, "--database", file, "--book", made / "book.yaml")
    assert ran.code == 1
    assert "differs when run" in ran.err


def test_the_last_call_is_named_by_its_id(hotline, database):
    file, _, _ = database
    ran = hotline("scenario-from-call", "last", "--database", file)
    assert ran.code == 0
    assert "scenario: last" not in ran.out
    assert "call last" not in ran.out
