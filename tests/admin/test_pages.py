"""Every page of the back office answers, whatever is in the database, in a constant number of queries."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gallery.models import Picture
from safety.models import PromptGuard, Word
from tests.admin.conftest import furnish
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
OWN = [model for model in admin.site._registry if model._meta.app_label != "django_rq"]


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_every_list_search_and_form_answers(office, model):
    furnish()
    PromptGuard.current()

    lists = [{}, {"q": "a"}, {"q": "\x00"}, {"q": "' OR 1=1"}, {"o": "-1"}, {"p": "99"}]
    for query in lists:
        assert office.get(address(model, "changelist"), query, follow=True).status_code == 200
    row = model._default_manager.first()
    if row:
        assert office.get(address(model, "change", row.pk)).status_code == 200
        assert office.get(address(model, "history", row.pk)).status_code == 200
    assert office.get(address(model, "add")).status_code in {200, 403}
    for strange in ("xx", "9" * 30):
        assert office.get(address(model, "change", strange)).status_code == 302


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_a_longer_list_costs_no_more_queries(office, model):
    furnish(2)
    office.get(address(model, "changelist"))
    with CaptureQueriesContext(connection) as few:
        office.get(address(model, "changelist"))

    furnish(6)
    with CaptureQueriesContext(connection) as many:
        office.get(address(model, "changelist"))

    assert len(many) <= len(few)


@pytest.mark.parametrize("page", ["index", "workers", "safety_word_try"])
def test_every_page_of_our_own_answers(office, page):
    furnish()

    assert office.get(reverse(f"admin:{page}")).status_code == 200


@pytest.mark.parametrize("page", ["index", "workers", "safety_word_try"])
def test_guests_are_sent_to_the_door(client, db, page):
    answer = client.get(reverse(f"admin:{page}"))

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_passwords_are_not_tried_at_a_door_that_does_not_count(client, boss):
    tried = client.post("/admin/login/?next=/admin/", {"username": "boss", "password": PASSWORD})

    assert tried.url == "/accounts/login/?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_staff_without_permission_see_nothing(client, helper):
    furnish()
    client.force_login(helper)

    for model in OWN:
        assert client.get(address(model, "changelist")).status_code == 403
    for page in ("workers", "safety_word_try"):
        assert client.get(reverse(f"admin:{page}")).status_code == 403
    page = client.get(reverse("admin:index")).content.decode()
    assert "out_of_memory" not in page
    assert "changelist" not in page
    assert reverse("admin:generation_job_changelist") not in page


def test_every_link_at_the_side_leads_somewhere(office):
    from visionary.admin import navigation

    request = office.get("/admin/").wsgi_request
    links = [item["link"] for group in navigation(request) for item in group["items"]]

    assert len(links) > 12
    assert {office.get(link, follow=True).status_code for link in links} == {200}


def test_the_back_office_speaks_chinese(office):
    furnish()
    picture = Picture.objects.first()

    pages = [address(Picture, "changelist"), address(Picture, "change", picture.pk)]
    shown = "".join(office.get(page, headers={"Accept-Language": "zh-hans"}).content.decode() for page in pages)

    assert "所有者" in shown
    assert "输入以搜索" in shown
    for words in (">Owner", "Type to search", "Select action"):
        assert words not in shown


def test_the_first_page_counts_what_is_there(office):
    furnish(3)

    figures = {item["title"]: item["number"] for item in office.get("/admin/").context["figures"]}

    assert figures["Done in a day"] == "3"
    assert figures["Failed in a day"] == "3"
    assert figures["Pictures"] == "3"
    assert figures["Likes"] == "3"


def test_the_word_list_is_searched_and_filtered(office):
    Word.objects.create(text="zorble", category="hate")

    page = office.get(address(Word, "changelist"), {"q": "zorble", "category__exact": "hate"}).content.decode()

    assert "zorble" in page
    assert "zorble" not in office.get(address(Word, "changelist"), {"category__exact": "illegal"}).content.decode()
