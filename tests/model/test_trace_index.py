from pathlib import Path

from sipscope import analyze

SAMPLE = Path(__file__).parents[2] / "samples" / "basic-call.pcapng"


def test_table_is_made_anew_after_it_was_forgotten():
    index = analyze(str(SAMPLE)).index
    messages, transactions = index.messages, index.transactions
    index.forget()
    assert not {"messages", "transactions"} & vars(index).keys()
    assert (index.messages, index.transactions) == (messages, transactions)
    assert index.messages is not messages
