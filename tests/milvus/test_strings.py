"""What a server's strings hold: texts in pieces, terms that no tokenizer changes, and filters nobody can write into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.index.analyse import terms
from qa.index.milvus import words
from qa.index.milvus.records import pieces
from qa.index.milvus.schema import MOST_BYTES
from qa.index.milvus.server import address, quoted
from qa.index.share import BUCKETS, MOST_SHARES, Share, bucket

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, st.integers(4, 9))
def test_pieces_are_the_text_and_none_is_too_long_or_splits_a_character(text: str, size: int) -> None:
    cut = pieces(text, size)
    assert "".join(cut) == text
    assert all(0 < len(piece.encode()) <= size for piece in cut)


def test_a_long_text_takes_no_more_pieces_than_it_must() -> None:
    assert [len(piece) for piece in pieces("x" * 150_000)] == [60_000, 60_000, 30_000]


@given(TEXT, TEXT)
def test_terms_stay_apart_and_are_plain_letters_and_digits(one: str, other: str) -> None:
    first, second = terms(one), terms(other)
    assert all(words.encoded(term).isascii() and words.encoded(term).isalnum() for term in first)
    assert ([words.encoded(t) for t in first] == [words.encoded(t) for t in second]) == (first == second)
    assert words.text(first).split() == [words.encoded(term) for term in first]


def test_terms_of_other_scripts_are_not_left_to_the_servers_tokenizer() -> None:
    assert words.text(["istanbul", "東京", "київ"]) == "istanbul ue69db1e4baac ud0bad0b8d197d0b2"


def test_words_end_with_the_last_term_that_fits() -> None:
    text = words.text(f"word{n:05d}" for n in range(20_000))
    assert MOST_BYTES - 10 < len(text) <= MOST_BYTES and text.endswith(f"word{len(text.split()) - 1:05d}")


@pytest.mark.parametrize("value", ['a" or id != "', "", "a b", "é", "x'"])
def test_nothing_but_letters_and_digits_comes_into_a_filter(value: str) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        quoted(["abc", value])


@pytest.mark.parametrize(("uri", "shown"), [
    ("http://host:19530", "http://host:19530"), ("https://me:secret@host:443/db", "https://host:443"),
    ("http://me:se@cret@host", "http://host"), ("http://me:se/cret@host:1", "http://host:1"),
    ("http://me:se?cret@host:1", "http://host:1"), ("http://host:1?token=secret", "http://host:1"),
    ("./milvus.db", "./milvus.db")])
def test_an_address_is_shown_without_who_it_is_for(uri: str, shown: str) -> None:
    assert address(uri) == shown


@given(st.text(min_size=1), st.integers(1, MOST_SHARES))
def test_every_article_is_in_exactly_one_share(article: str, of: int) -> None:
    shares = [Share(n, of) for n in range(1, of + 1)]
    assert sum(share.holds(article) for share in shares) == 1
    assert shares[0].buckets.start == 0 and shares[-1].buckets.stop == BUCKETS
    assert all(a.buckets.stop == b.buckets.start for a, b in zip(shares, shares[1:], strict=False))


def test_shares_are_about_equally_large() -> None:
    counts = [sum(Share(n, 3).holds(f"news/{i}") for i in range(3_000)) for n in (1, 2, 3)]
    assert min(counts) > 900 and bucket("news/1") == bucket("news/1")


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/", "/2", "-1/2", "1/2/3", "1/99999", "²/3", ""])
def test_what_is_no_share_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no share of the articles; give one such as 2/3"):
        Share.parse(text)


def test_a_share_is_read_as_it_is_written() -> None:
    assert Share.parse("2/3") == (2, 3) and str(Share(2, 3)) == "2/3"
