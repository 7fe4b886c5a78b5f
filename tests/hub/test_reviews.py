"""Reviews: one for each user and version; the card's counters are those of the reviews that readers see."""

import pytest

from accounts import sanctions
from models_hub import reviews
from models_hub.models import Review
from safety.models import Word
from tests.factories import UserFactory
from tests.hub.conftest import sign_in
from visionary.common.exceptions import DomainError


def counters(version):
    version.card.refresh_from_db()
    return version.card.recommended_count, version.card.reviews_count


def test_the_counters_follow_every_change(version, people):
    one, two = UserFactory(), UserFactory()
    first = reviews.write(version=version, by=one, recommends=True, text="Fine")
    reviews.write(version=version, by=two, recommends=True)
    assert counters(version) == (2, 2)

    reviews.write(version=version, by=two, recommends=False)
    assert (counters(version), Review.objects.count()) == ((1, 2), 2)

    reviews.hide(review=first, by=people["moderator"])
    assert counters(version) == (0, 1)
    reviews.unhide(review=first, by=people["moderator"])
    reviews.delete(review=first, by=one)
    assert counters(version) == (0, 1)


def test_who_may_not(version, people):
    mine = reviews.write(version=version, by=people["other"], recommends=True)
    sanctions.mute(user=people["other"], reason="spam", by=people["moderator"])
    people["other"].refresh_from_db()

    refused = {
        "muted": lambda: reviews.write(version=version, by=people["other"], recommends=False),
        "not_yours": lambda: reviews.write(version=version, by=people["owner"], recommends=True),
        "bad_value": lambda: reviews.write(version=version, by=UserFactory(), recommends=True, text="x" * 2001),
    }
    for code, deed in refused.items():
        with pytest.raises(DomainError) as refusal:
            deed()
        assert refusal.value.code == code
    for deed in (reviews.delete, reviews.hide):
        with pytest.raises(DomainError):
            deed(review=mine, by=people["owner"])
    assert counters(version) == (1, 1)


def test_a_review_is_written_changed_and_deleted_on_the_page(client, people, version):
    address = f"/models/starter/versions/{version.pk}/review/"
    sign_in(client, people["other"])

    assert client.post(address, {"recommends": "1", "text": "Lovely <b>ink</b>"}).status_code == 302
    shown = client.get("/models/starter/").content.decode()
    assert "Lovely &lt;b&gt;ink&lt;/b&gt;" in shown
    assert "Change my review" in shown

    client.post(f"/models/starter/reviews/{Review.objects.get().pk}/delete/")
    assert counters(version) == (0, 0)


def test_a_refused_review_keeps_what_was_typed(client, people, version):
    sign_in(client, people["other"])
    response = client.post(f"/models/starter/versions/{version.pk}/review/", {"text": "kept words"})

    assert response.status_code == 422
    assert "kept words" in response.content.decode()


def test_a_hidden_review_is_seen_by_its_writer_only_as_hidden(client, people, version):
    review = reviews.write(version=version, by=people["other"], recommends=True, text="rude words")
    sign_in(client, people["moderator"]).post(f"/models/starter/reviews/{review.pk}/hide/")

    assert "rude words" not in sign_in(client, None).get("/models/starter/").content.decode()
    assert (
        "A moderator has hidden your review"
        in sign_in(client, people["other"]).get("/models/starter/").content.decode()
    )


def test_all_reviews_are_paged_in_constant_queries(client, version, django_assert_max_num_queries):
    for _number in range(35):
        reviews.write(version=version, by=UserFactory(), recommends=True)

    with django_assert_max_num_queries(8):
        first = client.get(f"/models/starter/versions/{version.pk}/reviews/")
    second = client.get(f"/models/starter/versions/{version.pk}/reviews/?page=2")
    assert (len(first.context["page"]), len(second.context["page"])) == (30, 5)


def test_forbidden_words_are_refused(version, people):
    Word.objects.create(text="forbiddenword")

    with pytest.raises(DomainError) as refusal:
        reviews.write(version=version, by=people["other"], recommends=True, text="this is forbiddenword here")

    assert (refusal.value.code, refusal.value.field) == ("forbidden_words", "text")


def test_a_hidden_review_is_not_shown_again_by_deleting_it(version, people):
    review = reviews.write(version=version, by=people["other"], recommends=True, text="rude")
    reviews.hide(review=review, by=people["moderator"])

    reviews.delete(review=review, by=people["other"])
    assert not Review.objects.exclude(text="").exists()
    reviews.write(version=version, by=people["other"], recommends=True, text="rude")

    assert not reviews.shown(version).exists()
    assert counters(version) == (0, 0)
