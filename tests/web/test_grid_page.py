"""The pages of grids, of comparing and of running again: for whom they are and what they show."""

import pytest

from generation.models import JobGroup, Result
from tests.factories import JobFactory


@pytest.fixture
def grid(owner, version):
    """Two columns and one row: a picture's cell that failed, and one that waits."""
    axis = {"name": "steps", "values": [10, 20], "labels": ["10", "20"]}
    group = JobGroup.objects.create(owner=owner, title="apples by steps", x_axis=axis)
    cells = {"owner": owner, "version": version, "group": group}
    JobFactory(**cells, cell_x=0, state="failed", error_message="It broke.")
    JobFactory(**cells, cell_x=1)
    return group


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.mark.parametrize("part", ["", "state.json", "sheet.png"])
@pytest.mark.parametrize(("who", "status"), [("guest", 302), ("other", 404), ("moderator", 404)])
def test_a_grid_is_its_owners_alone(client, people, grid, part, who, status):
    if people[who]:
        client.force_login(people[who])

    assert client.get(f"{grid.get_absolute_url()}{part}").status_code == status


def test_a_cell_says_why_it_failed_and_can_be_tried_again(signed_in, grid):
    page = signed_in.get(grid.get_absolute_url()).content.decode()

    failed = grid.jobs.get(state="failed")
    assert "It broke." in page
    assert f"/jobs/{failed.pk}/retry/" in page
    assert '<th scope="col">20</th>' in page


def test_a_drawn_cell_shows_its_picture(signed_in, grid, make_picture):
    job = grid.jobs.get(cell_x=1)
    job.__class__.objects.filter(pk=job.pk).update(state="done")
    picture = Result.objects.create(job=job, index=0, picture=make_picture("private")).picture

    assert f'data-light="{picture.pk}"' in signed_in.get(grid.get_absolute_url()).content.decode()


def test_the_list_of_grids_is_ones_own(client, people, grid):
    client.force_login(people["other"])

    assert "apples by steps" not in client.get("/grids/").content.decode()


def test_axes_that_are_refused_are_told_in_the_open_form(signed_in, version):
    response = signed_in.post("/generate/", {"prompt": "a cat", "x_axis": "steps", "x_values": "many"})

    assert response.status_code == 400
    assert "x_values" in response.context["form"].errors
    assert '<details class="more gridform" data-remember="grid" open>' in response.content.decode()


def addresses(pictures):
    return "/compare/?" + "&".join(f"p={picture.pk}" for picture in pictures)


def test_only_what_differs_is_in_the_table(client, make_picture):
    one, other = make_picture(prompt="a red apple"), make_picture(prompt="a green apple")

    rows = client.get(addresses([one, other])).context["differences"]

    assert [(row["name"], row["values"]) for row in rows] == [("Prompt", ["a red apple", "a green apple"])]


def test_pictures_made_in_the_same_way_have_an_empty_table(client, make_picture):
    response = client.get(addresses([make_picture(), make_picture()]))

    assert response.context["differences"] == []
    assert "made in the same way" in response.content.decode()


@pytest.mark.parametrize("who", ["guest", "other"])
def test_comparing_reveals_no_private_picture(client, people, make_picture, who):
    if people[who]:
        client.force_login(people[who])

    response = client.get(addresses([make_picture("private", prompt="a secret"), make_picture()]))

    assert len(response.context["pictures"]) == 1
    assert "a secret" not in response.content.decode()


@pytest.mark.parametrize("query", ["", "?p=nonsense", "?p=&p=", "?p=00000000-0000-0000-0000-000000000000"])
def test_too_few_pictures_to_compare_are_told(client, db, query):
    response = client.get(f"/compare/{query}")

    assert response.status_code == 200
    assert "Choose two to four pictures" in response.content.decode()


def test_at_most_four_are_compared_each_once(client, make_picture):
    pictures = [make_picture() for _ in range(6)]

    assert client.get(addresses([pictures[0], *pictures])).context["pictures"] == pictures[:4]


def test_running_again_says_first_what_would_be_different(signed_in, make_picture, owner):
    picture = make_picture()

    page = signed_in.get(f"/pictures/{picture.pk}/rerun/")

    assert page.status_code == 200
    for sentence in page.context["plan"].obstacles + page.context["plan"].differences:
        assert sentence in page.content.decode().replace("&#x27;", "'")
    assert not owner.jobs.exists()


def test_the_form_opens_the_grid_that_the_address_asks_for(client, version):
    page = client.get("/generate/?x_axis=steps&x_values=10,20").content.decode()

    assert 'data-remember="grid" open' in page
    assert 'value="10,20"' in page


def test_the_list_shows_the_first_cells_in_small(signed_in, grid, make_picture):
    job = grid.jobs.get(cell_x=1)
    picture = Result.objects.create(job=job, index=0, picture=make_picture("private")).picture

    page = signed_in.get("/grids/").content.decode()

    assert f'<img src="{picture.small_url}"' in page
    assert "--across:2" in page


def test_the_list_of_grids_costs_the_same_with_more_of_them(signed_in, owner, grid, django_assert_max_num_queries):
    signed_in.get("/grids/")
    with django_assert_max_num_queries(40) as few:
        signed_in.get("/grids/")
    for _number in range(5):
        JobFactory(owner=owner, group=JobGroup.objects.create(owner=owner, x_axis=grid.x_axis), cell_x=0)

    with django_assert_max_num_queries(len(few)):
        signed_in.get("/grids/")


@pytest.mark.parametrize(
    ("facts", "words"),
    [({}, "pixel by pixel"), ({"drawn_together": 1}, "pixel by pixel"), ({"drawn_together": 4}, "1 of 255")],
)
def test_a_picture_of_a_batch_is_promised_but_for_rounding(signed_in, make_picture, monkeypatch, facts, words):
    picture = make_picture()
    type(picture.recipe).objects.filter(pk=picture.recipe.pk).update(facts=facts)
    monkeypatch.setattr("generation.recipes.reruns.add_models", lambda *_: None)
    monkeypatch.setattr("generation.recipes.reruns.add_place", lambda *_: None)

    assert words in signed_in.get(f"/pictures/{picture.pk}/rerun/").content.decode()


def test_an_enlargement_is_not_told_by_the_steps_of_its_original(signed_in, make_picture):
    picture = make_picture()
    type(picture.recipe).objects.filter(pk=picture.recipe.pk).update(kind="upscale", steps=23, sampler="Heun")

    page = signed_in.get(f"/pictures/{picture.pk}/rerun/").content.decode()

    assert "Enlarge" in page
    assert "23 steps" not in page
    assert "Heun" not in page
